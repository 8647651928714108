package test

import (
	"context"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// spans is a collector that keeps what it gets.
type spans struct {
	collector.UnimplementedTraceServiceServer
	mu  sync.Mutex
	all []*trace.Span
}

// startCollector serves a collector until the test ends, and returns its URL.
func startCollector(t *testing.T) (c *spans, url string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, server := new(spans), grpc.NewServer()
	collector.RegisterTraceServiceServer(server, c)
	go func() { _ = server.Serve(ln) }()
	t.Cleanup(server.Stop)
	return c, "http://" + ln.Addr().String()
}

// Export keeps the spans of a service.
func (c *spans) Export(_ context.Context, req *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range req.ResourceSpans {
		service := attribute(resource.Resource.Attributes, "service.name")
		for _, scope := range resource.ScopeSpans {
			for _, s := range scope.Spans {
				s.Name = service + ": " + s.Name
				c.all = append(c.all, s)
			}
		}
	}
	return &collector.ExportTraceServiceResponse{}, nil
}

// attribute returns the value of a span's or service's attribute.
func attribute(attributes []*common.KeyValue, key string) string {
	for _, a := range attributes {
		if a.Key == key {
			return a.Value.GetStringValue()
		}
	}
	return ""
}

// of returns the spans with a request's id, and those of the same trace.
func (c *spans) of(requestID string) (own, all []*trace.Span) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.all {
		if attribute(s.Attributes, "REQUEST_ID") == requestID {
			own = append(own, s)
		}
	}
	for _, s := range c.all {
		if len(own) > 0 && string(s.TraceId) == string(own[0].TraceId) {
			all = append(all, s)
		}
	}
	return own, all
}

// named returns the spans whose name begins with name.
func named(all []*trace.Span, name string) (found []*trace.Span) {
	for _, s := range all {
		if strings.HasPrefix(s.Name, name) {
			found = append(found, s)
		}
	}
	return found
}

// tree writes spans for people.
func tree(all []*trace.Span) string {
	var b strings.Builder
	for _, s := range all {
		fmt.Fprintf(&b, "\n%s %s in %s, %d links %v", s.Name, hex.EncodeToString(s.SpanId), hex.EncodeToString(s.ParentSpanId), len(s.Links), s.Attributes)
	}
	return b.String()
}

// A request's id leads from the gateway's span to the statements that ran for it: in
// its own trace, or by a link to the commit that it shared.
func TestTraces(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	c, url := startCollector(t)
	traces := "OTEL_EXPORTER_OTLP_ENDPOINT=" + url
	system := process.StartSystem(t, storetest.MySQL(t), traces, "OTEL_BSP_SCHEDULE_DELAY=100")
	api := newClient(t, system.URLs()...)
	chat := newChat()

	one := toJSON(map[string]string{"chat": chat, "sender": strings.Split(chat, ":")[0], "text": "hello"})

	api.do(t, "POST", "/api/send", one, "X-Request-ID", "alone")
	c.await(t, "a send's trace", func() bool {
		own, all := c.of("alone")
		commits := named(all, "rpc-server: commit")
		return len(own) == 2 && len(named(own, "http-server: ")) == 1 && len(named(own, "rpc-server: Send")) == 1 &&
			len(commits) == 1 && len(named(all, "http-server: im.IMService/SendAll")) == 1 && len(under(all, commits[0], "INSERT INTO messages")) == 1
	}, "alone")
	api.do(t, "GET", "/api/pull?chat="+chat, "", "X-Request-ID", "reader")
	c.await(t, "a pull's trace", func() bool {
		own, all := c.of("reader")
		pulls := named(own, "rpc-server: Pull")
		return len(own) == 2 && len(named(own, "http-server: ")) == 1 && len(pulls) == 1 &&
			len(named(all, "http-server: im.IMService/PullAll")) == 1 && len(under(all, pulls[0], "SELECT send_time")) == 1
	}, "reader")

	const senders = 32
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			if r, err := api.call(t.Context(), "POST", "/api/send", one, "X-Request-ID", fmt.Sprintf("many-%d", i)); err != nil || r.status != http.StatusOK {
				t.Errorf("send %d: %v, %v", i, r, err)
			}
		})
	}
	wg.Wait()
	for i := range senders {
		id := fmt.Sprintf("many-%d", i)
		c.await(t, "a link from a send to its commit", func() bool {
			own, _ := c.of(id)
			sends := named(own, "rpc-server: Send")
			return len(own) == 2 && len(named(own, "http-server: ")) == 1 && len(sends) == 1 && c.linksToCommit(sends[0])
		}, id)
	}
	c.wantNoNames(t, strings.Split(chat, ":"))
}

// wantNoNames checks that no span says who talks with whom.
func (c *spans) wantNoNames(t *testing.T, members []string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.all {
		text := s.String() // with its events and its status
		for _, member := range members {
			if strings.Contains(text, member) {
				t.Errorf("a span tells of %s: %s", member, text)
			}
		}
	}
}

// await waits until a request's spans are as they should be.
func (c *spans) await(t *testing.T, what string, done func() bool, requestID string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			_, all := c.of(requestID)
			t.Fatalf("still waiting for %s of %s; there is %s", what, requestID, tree(all))
		}
	}
}

// under returns the spans of statements that begin with sql, right under parent.
func under(all []*trace.Span, parent *trace.Span, sql string) (found []*trace.Span) {
	for _, s := range all {
		text := attribute(s.Attributes, "db.query.text") + attribute(s.Attributes, "db.statement")
		if string(s.ParentSpanId) == string(parent.SpanId) && strings.Contains(text, sql) {
			found = append(found, s)
		}
	}
	return found
}

// linksToCommit reports whether a send's span has a link to a commit's span with
// its statements.
func (c *spans) linksToCommit(send *trace.Span) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, link := range send.Links {
		for _, s := range named(c.all, "rpc-server: commit") {
			if string(s.SpanId) == string(link.SpanId) {
				return len(under(c.all, s, "INSERT INTO messages")) == 1
			}
		}
	}
	return false
}
