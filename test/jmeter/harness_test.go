package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/stack/stacktest"
)

func TestMain(m *testing.M) {
	klog.SetLevel(klog.LevelFatal)
	hlog.SetLevel(hlog.LevelFatal)
	os.Exit(storetest.Main(m))
}

// startSystem returns the address of a system for the length of the test, which
// is skipped if there is no JMeter to put load on it. (make test demands one.)
func startSystem(t *testing.T) string {
	t.Helper()
	if _, err := findJMeter(); errors.Is(err, errNoJMeter) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	return stacktest.URL(t)
}

// load runs a plan on the system at base, with properties besides host and port,
// and returns its samples by their labels.
func load(t *testing.T, base, plan string, properties ...string) map[string][]sample {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	samples, err := runPlan(t.Context(), plan, append(properties, "host="+u.Hostname(), "port="+u.Port()))
	if err != nil {
		t.Fatal(err)
	}
	byLabel := map[string][]sample{}
	for _, s := range samples {
		byLabel[s.label] = append(byLabel[s.label], s)
	}
	return byLabel
}

// failures returns how many samples failed, and one of their failures.
func failures(samples []sample) (n int, example string) {
	for _, s := range samples {
		if s.failure != "" {
			n++
			example = s.failure
		}
	}
	return n, example
}

// countTexts adds the texts of a chat to the number of times that each was seen.
func countTexts(t *testing.T, base, chat string, seen map[string]int) {
	t.Helper()
	for cursor, more := int64(0), true; more; {
		resp, err := http.Get(fmt.Sprintf("%s/api/pull?limit=1000&cursor=%d&chat=%s", base, cursor, url.QueryEscape(chat)))
		if err != nil {
			t.Fatal(err)
		}
		var page struct {
			Messages   []struct{ Text string }
			HasMore    bool  `json:"has_more"`
			NextCursor int64 `json:"next_cursor"`
		}
		err = json.NewDecoder(resp.Body).Decode(&page)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("pull of %s: %s, %v", chat, resp.Status, err)
		}
		for _, m := range page.Messages {
			if !strings.HasPrefix(m.Text, "Hello 👋 ") {
				t.Errorf("text = %q", m.Text)
			}
			seen[m.Text]++
		}
		cursor, more = page.NextCursor, page.HasMore
	}
}
