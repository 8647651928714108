package test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// diskServers are the servers whose disk gets full, with a log of changes that
// leaves room on it.
var diskServers = map[string]struct {
	start func(t testing.TB, dir string, args ...string) (*storetest.Server, error)
	log   string
}{
	"MariaDB": {storetest.StartMariaDB, "--innodb-log-file-size=16M"},
	"MySQL":   {storetest.StartMySQL, "--innodb-redo-log-capacity=16M"},
}

// The tables fill the disk. The server refuses statements that need more pages, and the
// service refuses sends with the reason. Once there is space again, sends succeed at
// once.
func TestDiskFullOfTables(t *testing.T) {
	t.Parallel()
	onDisk(t, false, func(t *testing.T, disk *storetest.Disk, s *process.System, sent *sentOnDisk) {
		disk.Fill(t, 0)
		process.Await(t, 20*time.Second, "a send is refused", func() bool {
			return sent.batch(t, 40)[http.StatusServiceUnavailable] > 0
		})
		for status, n := range sent.batch(t, 100) {
			if status != http.StatusOK && status != http.StatusServiceUnavailable {
				t.Errorf("%d answers with status %d", n, status)
			}
		}
		if log := s.RPCServers[0].Log(); !log.Contains("the database's disk is full") {
			t.Error("the log does not name the full disk")
		}
		disk.Empty(t)
		begin := time.Now()
		process.Await(t, 20*time.Second, "sends succeed", func() bool { return sent.batch(t, 1)[http.StatusOK] == 1 })
		t.Logf("sends succeed %v after space was made", time.Since(begin))
		s.AwaitReady(t)
	})
}

// The binary log fills the disk. At COMMIT the server waits for space, looks once a
// minute, and tells only its own log. The service answers its callers in time: the
// message is not stored, or its outcome is unknown, and that is true. Sends succeed by
// themselves after the server has looked.
func TestDiskFullOfBinlog(t *testing.T) {
	t.Parallel()
	onDisk(t, true, func(t *testing.T, disk *storetest.Disk, _ *process.System, sent *sentOnDisk) {
		disk.Fill(t, 0)
		process.Await(t, 20*time.Second, "a send has no answer of the database", func() bool {
			return sent.batch(t, 40)[http.StatusGatewayTimeout] > 0
		})
		disk.Empty(t)
		begin := time.Now()
		// Slow commits make the service refuse some sends for a while (see package
		// admission).
		process.Await(t, 90*time.Second, "sends succeed", func() bool { return sent.batch(t, 40)[http.StatusOK] == 40 })
		t.Logf("sends succeed %v after space was made", time.Since(begin))
	})
}

// onDisk runs the test on systems of both servers. A server's data is on the small
// disk, and with binlog so is its binary log; its own log never is. onDisk sends
// messages before and after the test, and compares them with what is stored.
func onDisk(t *testing.T, binlog bool, test func(*testing.T, *storetest.Disk, *process.System, *sentOnDisk)) {
	t.Helper()
	ownSystem(t)
	for name, server := range diskServers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			disk, elsewhere := storetest.SmallDisk(t, 400), t.TempDir()
			args := []string{server.log, "--tmpdir=" + elsewhere, "--log-error=" + elsewhere + "/error.log"}
			if !binlog {
				args = append(args, "--log-bin="+elsewhere+"/binlog")
			}
			m, err := server.start(t, disk.Dir, args...)
			if errors.Is(err, storetest.ErrNotHere) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(m.Kill)
			s := process.StartStranger(t, m.Create(t, "im"))
			sent := &sentOnDisk{client: newClient(t, s.URLs()...), chat: newChat()}
			sent.wantAll(t, 40, http.StatusOK)
			test(t, disk, s, sent)
			sent.wantAll(t, 40, http.StatusOK)
			sent.wantStored(t)
		})
	}
}

// answerTime is RPC_TIMEOUT's default and what a busy machine adds.
const answerTime = 8 * time.Second

// sentOnDisk is what was sent to one chat, by the status of its answer. Each second
// message has a key.
type sentOnDisk struct {
	client *client
	chat   string

	mu    sync.Mutex
	next  int
	texts map[int][]string
}

// batch sends n messages at a time and returns how many had each status.
func (s *sentOnDisk) batch(t *testing.T, n int) map[int]int {
	t.Helper()
	var g errgroup.Group
	g.SetLimit(8)
	statuses := make([]int, n)
	for i := range statuses {
		g.Go(func() (err error) {
			statuses[i], err = s.send(t)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	return count
}

func (s *sentOnDisk) send(t *testing.T) (status int, err error) {
	s.mu.Lock()
	i := s.next
	s.next++
	s.mu.Unlock()
	text := fmt.Sprintf("%d %01000d", i, 0)
	var header []string
	if i%2 == 1 {
		header = []string{keyHeader, fmt.Sprint(i)}
	}
	ctx, cancel := context.WithTimeout(t.Context(), answerTime)
	defer cancel()
	sender, _, _ := strings.Cut(s.chat, ":")
	body := toJSON(map[string]string{"chat": s.chat, "sender": sender, "text": text})
	r, err := s.client.call(ctx, http.MethodPost, "/api/send", body, header...)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.texts == nil {
		s.texts = map[int][]string{}
	}
	s.texts[r.status] = append(s.texts[r.status], text)
	return r.status, nil
}

// wantAll sends n messages that must all have the status.
func (s *sentOnDisk) wantAll(t *testing.T, n, status int) {
	t.Helper()
	if count := s.batch(t, n); count[status] != n {
		t.Fatalf("answers by status: %v; want all %d", count, status)
	}
}

// wantStored checks that each acknowledged message is stored once, that no refused
// message is, and that nothing else is there.
func (s *sentOnDisk) wantStored(t *testing.T) {
	t.Helper()
	times := map[string]int{}
	for p, cursor := (page{HasMore: true}), int64(0); p.HasMore; cursor = p.NextCursor {
		p = s.client.pull(t, "chat", s.chat, "limit", 1000, "cursor", cursor)
		for _, m := range p.Messages {
			times[m.Text]++
		}
	}
	acknowledged, unknown := s.texts[http.StatusOK], s.texts[http.StatusGatewayTimeout]
	t.Logf("%d acknowledged, %d refused, %d unknown, %d stored",
		len(acknowledged), len(s.texts[http.StatusServiceUnavailable]), len(unknown), len(times))
	for _, text := range acknowledged {
		if times[text] != 1 {
			t.Errorf("%.10q was acknowledged, and is there %d times", text, times[text])
		}
	}
	for text, n := range times {
		if n > 1 || !slices.Contains(acknowledged, text) && !slices.Contains(unknown, text) {
			t.Errorf("%.10q is there %d times, and was not acknowledged", text, n)
		}
	}
}
