package cluster

import (
	"context"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"
)

// followInterval is how often an endpoint asks the members who serves.
const followInterval = 20 * time.Millisecond

// An Endpoint leads connections to one member at a time: it stays with a member that
// serves, and else turns to the first that does.
type Endpoint struct {
	Form
	listener net.Listener
	members  []*Member

	mu      sync.Mutex
	serving map[*Member]bool
	target  *Member   // nil: no member serves
	since   time.Time // of the target
	open    map[net.Conn]*Member
}

// Form is what endpoints differ in.
type Form struct {
	// Keeps old connections when it turns to another member, as DNS and plain balancers
	// do. A router or proxy that knows its members cuts them.
	Keeps bool
	// Returns to an earlier of its members as soon as that serves again.
	Returns bool
}

// NewEndpoint returns an endpoint before members, the preferred first, for the length of
// the test.
func NewEndpoint(t testing.TB, form Form, members ...*Member) *Endpoint {
	t.Helper()
	e := newEndpoint(t, form, members...)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, m := range members {
		e.learn(m, m.Serves(ctx))
	}
	for _, m := range members {
		running.Go(func() { e.follow(ctx, m) })
	}
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return e
}

// newEndpoint returns one that asks nobody.
func newEndpoint(t testing.TB, form Form, members ...*Member) *Endpoint {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &Endpoint{
		Form: form, listener: listener, members: members,
		serving: make(map[*Member]bool), open: make(map[net.Conn]*Member),
	}
	var accepting sync.WaitGroup
	accepting.Go(e.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		e.cut(nil)
		accepting.Wait()
	})
	return e
}

// DSN names a database behind the endpoint.
func (e *Endpoint) DSN(database string) string {
	return "root@tcp(" + e.listener.Addr().String() + ")/" + database
}

// Target returns the member to which new connections are led, nil for none, and since
// when.
func (e *Endpoint) Target() (*Member, time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.target, e.since
}

// follow asks a member all the time whether it serves.
func (e *Endpoint) follow(ctx context.Context, m *Member) {
	tick := time.NewTicker(followInterval)
	defer tick.Stop()
	for {
		e.learn(m, m.Serves(ctx))
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// learn takes in whether a member serves.
func (e *Endpoint) learn(m *Member, serves bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.serving[m] = serves
	if e.target != nil && e.serving[e.target] && !e.Returns {
		return
	}
	var next *Member
	if i := slices.IndexFunc(e.members, func(m *Member) bool { return e.serving[m] }); i >= 0 {
		next = e.members[i]
	}
	if next == e.target {
		return
	}
	e.target, e.since = next, time.Now()
	if !e.Keeps {
		e.cutLocked(next)
	}
}

// cut cuts all connections but those to except.
func (e *Endpoint) cut(except *Member) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cutLocked(except)
}

func (e *Endpoint) cutLocked(except *Member) {
	for conn, m := range e.open {
		if m != except || m == nil {
			_ = conn.Close()
		}
	}
}

func (e *Endpoint) accept() {
	for {
		client, err := e.listener.Accept()
		if err != nil {
			return
		}
		go e.serve(client)
	}
}

// serve passes on what client and the target say, until one of them hangs up.
func (e *Endpoint) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	m, _ := e.Target()
	if m == nil {
		return
	}
	server, err := net.DialTimeout("tcp", m.Addr(), lookTimeout)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	e.mu.Lock()
	if !e.Keeps && e.target != m { // since then it has cut those of m
		e.mu.Unlock()
		return
	}
	e.open[client], e.open[server] = m, m
	e.mu.Unlock()
	go func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	}()
	_, _ = io.Copy(server, client)
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.open, client)
	delete(e.open, server)
}
