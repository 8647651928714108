package im

import (
	"strings"
	"testing"

	"example.com/im/idl/gen/im"
)

// A panic is one pull's error, not the end of the process.
func TestPullPanics(t *testing.T) {
	t.Parallel()
	h := &handler{health: &health{}} // without a tail
	_, err := h.safePull(t.Context(), &im.PullRequest{Chat: "a:b"})
	if code, msg := codeOf(err); code != im.Code_INTERNAL || msg != "internal error" {
		t.Errorf("code = %v, %q; want INTERNAL", code, msg)
	}
	if err == nil || !strings.Contains(err.Error(), "pull.go") {
		t.Errorf("err = %v; want one that says where", err)
	}
}
