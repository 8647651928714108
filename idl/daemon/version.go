package daemon

import (
	buildinfo "runtime/debug" // not the listener of this package
	"strings"

	"github.com/alecthomas/kong"
)

// version gives a program with this name the flag --version. It prints one line and exits
// with status 0.
func version(name string) kong.Option {
	return kong.OptionFunc(func(k *kong.Kong) error {
		if err := (kong.Vars{"version": name + " " + buildOf(buildinfo.ReadBuildInfo())}).Apply(k); err != nil {
			return err
		}
		return kong.Embed(&struct {
			Version kong.VersionFlag `help:"Print the version and exit."`
		}{}).Apply(k)
	})
}

// buildOf returns what Go has noted of a build: the version of a release, or else the
// commit and its time, whether files were changed since, and the compiler. Where there was
// no repository, as in a container's build, there is only the compiler.
func buildOf(info *buildinfo.BuildInfo, ok bool) string {
	if !ok {
		return "(unknown)"
	}
	words := []string{info.Main.Version}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" || s.Key == "vcs.time":
			words = append(words, s.Value)
		case s.Key == "vcs.modified" && s.Value == "true":
			words = append(words, "modified")
		}
	}
	return strings.Join(append(words, info.GoVersion), " ")
}
