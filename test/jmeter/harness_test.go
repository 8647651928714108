package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
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

// startSystem returns the address of a system for the length of the test. Without
// JMeter it skips the test. (make test demands JMeter.)
func startSystem(t *testing.T) string {
	t.Helper()
	storetest.Needs(t, "JMeter")
	if _, err := findJMeter(); errors.Is(err, errNoJMeter) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	return stacktest.URL(t)
}

// The plans under test make 100 requests a second from 10 threads.
const testRate = 100

// result is what came of a plan under test.
type result struct {
	run     string // the name in its chats
	seconds int
	samples map[string][]sample // by their labels
}

// load runs a plan on the system at base, with properties beside those that the tests
// have in common. A few seconds are enough on a machine that is free. On one that is
// busy with other tests load runs the plan again, for longer.
func load(t *testing.T, base, plan string, enough func(result) bool, properties ...string) result {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	var r result
	for _, seconds := range []int{6, 30, 90} {
		r = result{fmt.Sprint(plan, seconds), seconds, map[string][]sample{}}
		samples, err := runPlan(t.Context(), plan, slices.Concat([]string{
			"host=" + u.Hostname(), "port=" + u.Port(), "run=" + r.run, fmt.Sprint("rate=", testRate),
			fmt.Sprint("seconds=", seconds), "threads=10", "chats=20", "limit=3",
		}, properties))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range samples {
			r.samples[s.label] = append(r.samples[s.label], s)
		}
		if enough(r) {
			break
		}
	}
	return r
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
