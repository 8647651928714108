package daemon

import (
	buildinfo "runtime/debug"
	"testing"
)

// The version names the commit, where Go has noted one.
func TestVersionOfABuild(t *testing.T) {
	t.Parallel()
	info := &buildinfo.BuildInfo{GoVersion: "go1.26.8", Main: buildinfo.Module{Version: "(devel)"}}
	if got := buildOf(info, true); got != "(devel) go1.26.8" {
		t.Errorf("version = %q", got)
	}
	info.Settings = []buildinfo.BuildSetting{
		{Key: "vcs.revision", Value: "ab6c2e4"}, {Key: "vcs.time", Value: "2026-11-27T08:20:07Z"}, {Key: "vcs.modified", Value: "true"},
	}
	if got := buildOf(info, true); got != "(devel) ab6c2e4 2026-11-27T08:20:07Z modified go1.26.8" {
		t.Errorf("version = %q", got)
	}
	if got := buildOf(nil, false); got != "(unknown)" {
		t.Errorf("version = %q", got)
	}
}
