package daemon

import (
	"fmt"
	"strings"
	"testing"
)

func TestLimitedLines(t *testing.T) {
	t.Parallel()
	var passed strings.Builder
	w := limit(&passed)
	for range 10_000 {
		if _, err := fmt.Fprintln(w, "line"); err != nil {
			t.Fatal(err)
		}
	}
	// A machine that is slow enough passes on some more.
	if n := strings.Count(passed.String(), "line\n"); n < libraryLines || n > 1000 {
		t.Errorf("%d of 10,000 lines are passed on; want about %d", n, libraryLines)
	}
}
