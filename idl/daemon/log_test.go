package daemon_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/im/idl/daemon"
)

// Of many lines some pass each second, and each of the others is counted once.
func TestLibraryLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		w := daemon.LibraryLog(slog.New(slog.NewJSONHandler(&out, nil)), slog.LevelWarn)
		const seconds, lines = 3, 1000
		for range seconds {
			for range lines {
				if _, err := fmt.Fprintln(w, "line"); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Second)
			synctest.Wait()
		}
		var passed, leftOut, counts int
		for text := range strings.SplitSeq(strings.TrimSpace(out.String()), "\n") {
			var record struct {
				Level, Msg string
				LeftOut    int `json:"lines_left_out"`
			}
			if err := json.Unmarshal([]byte(text), &record); err != nil || record.Level != "WARN" {
				t.Errorf("%s: %v", text, err)
			}
			if record.Msg == "line" {
				passed++
			} else {
				counts, leftOut = counts+1, leftOut+record.LeftOut
			}
		}
		if passed != 14 || counts != seconds || passed+leftOut != seconds*lines {
			t.Errorf("%d lines pass, and %d records tell of %d more; want 14, and %d of the rest", passed, counts, leftOut, seconds)
		}
	})
}
