package delivery_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/delivery"
	"example.com/im/test/stack/stacktest"
)

func TestMain(m *testing.M) {
	klog.SetLevel(klog.LevelFatal)
	hlog.SetLevel(hlog.LevelFatal)
	os.Exit(storetest.Main(m))
}

// messages is for how many acknowledgements check waits.
const messages = 200

// check runs traffic through a gateway, in two chats and some groups.
func check(t *testing.T, url string, groups int, seed uint64) *delivery.Report {
	t.Helper()
	traffic, err := delivery.Start(t.Context(), delivery.Config{
		URLs: []string{url}, Chats: 2, Groups: groups, Senders: 6, Followers: 2, Pause: time.Millisecond, Poll: 5 * time.Millisecond,
		Messages: messages, Seed: seed,
	})
	if err != nil {
		t.Fatal(err)
	}
	<-traffic.Stopped()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	report, err := traffic.Finish(ctx)
	if err != nil {
		t.Fatalf("%v\n%s", err, strings.Join(traffic.Failures(), "\n"))
	}
	return report
}

// A system that keeps its promises passes.
func TestTruth(t *testing.T) {
	t.Parallel()
	report := check(t, stacktest.URL(t), 2, 1)
	mayBeRead := report.Acknowledged + report.Unknown // a busy machine may leave some outcomes unknown
	if !report.OK() || report.Acknowledged < messages || report.Read < 2*report.Acknowledged || report.Read > 2*mayBeRead || report.Replayed == 0 ||
		report.Changes == 0 || report.Marks == 0 || report.Synced < report.Acknowledged {
		t.Errorf("report:\n%v", report)
	}
}

// A gateway that forgets its readers is found, and one that does not is not.
func TestForgottenReaders(t *testing.T) {
	t.Parallel()
	storetest.Needs(t, "half a minute")
	url := stacktest.URL(t)
	for name, path := range map[string]string{"forgets pulls": "/pull", "forgets syncs": "/sync"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// In a short time trouble may hide them all: see checkWake.
			for begin := time.Now(); time.Since(begin) < 3*time.Minute; {
				if report := keepVigils(t, forgetful(t, url, path)); report.Anomalies[delivery.LateWakeUp] > 0 {
					return
				}
			}
			t.Error("no late wake-up was found within three minutes")
		})
	}
	t.Run("remembers", func(t *testing.T) {
		t.Parallel()
		if report := keepVigils(t, forgetful(t, url, "")); report.Anomalies[delivery.LateWakeUp] > 0 || report.Woken == 0 {
			t.Errorf("%d are woken:\n%v", report.Woken, report)
		}
	})
}

// keepVigils runs traffic in quiet chats for some seconds.
func keepVigils(t *testing.T, url string) *delivery.Report {
	t.Helper()
	traffic, err := delivery.Start(t.Context(), delivery.Config{
		URLs: []string{url}, Chats: 1, Groups: 1, Senders: 2, Followers: 1, Pause: 100 * time.Millisecond, Poll: 100 * time.Millisecond,
		Vigils: 8, Late: 4 * time.Second, Seed: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(12 * time.Second) // the length of the traffic
	report, err := traffic.Finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// Followers read a group, too, that is made when the traffic has been told to stop.
func TestGroupIsMadeLate(t *testing.T) {
	t.Parallel()
	asked, stopped := make(chan struct{}), make(chan struct{})
	once := sync.OnceFunc(func() { close(asked) })
	url := startLiar(t, stacktest.URL(t), func(r *http.Request, _ func() *answer, _ func() bool) *answer {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/members") {
			once()
			<-stopped
		}
		return nil
	})
	traffic, err := delivery.Start(t.Context(), delivery.Config{
		URLs: []string{url}, Chats: 1, Groups: 1, Senders: 2, Followers: 1, Pause: time.Millisecond, Poll: 5 * time.Millisecond, Seed: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	<-asked
	traffic.Stop()
	close(stopped)
	report, err := traffic.Finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !report.OK() || report.Changes == 0 {
		t.Errorf("report:\n%v", report)
	}
}

func TestConfig(t *testing.T) {
	valid := delivery.Config{URLs: []string{"http://127.0.0.1:1"}, Chats: 1, Senders: 1, Followers: 1, Poll: time.Second}
	for name, mutate := range map[string]func(*delivery.Config){
		"no gateway":                    func(c *delivery.Config) { c.URLs = nil },
		"no chat":                       func(c *delivery.Config) { c.Chats = 0 },
		"fewer senders than chats":      func(c *delivery.Config) { c.Chats = 2 },
		"fewer senders than groups":     func(c *delivery.Config) { c.Groups = 1 },
		"a negative number of groups":   func(c *delivery.Config) { c.Groups = -1 },
		"no follower":                   func(c *delivery.Config) { c.Followers = 0 },
		"no time between looks":         func(c *delivery.Config) { c.Poll = 0 },
		"a negative pause":              func(c *delivery.Config) { c.Pause = -1 },
		"a negative number of messages": func(c *delivery.Config) { c.Messages = -1 },
		"a negative number of vigils":   func(c *delivery.Config) { c.Vigils = -1 },
		"vigils of no length":           func(c *delivery.Config) { c.Vigils = 1 },
		"vigils longer than a request":  func(c *delivery.Config) { c.Vigils, c.Late = 1, 15*time.Second },
	} {
		t.Run(name, func(t *testing.T) {
			c := valid
			mutate(&c)
			if _, err := delivery.Start(t.Context(), c); err == nil {
				t.Error("Start accepts it")
			}
		})
	}
}
