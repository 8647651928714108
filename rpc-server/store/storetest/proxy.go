package storetest

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy stands between a store and its database. It interferes where Rule says so, and
// may delay what it passes on.
type Proxy struct {
	listener net.Listener
	server   string

	mu    sync.Mutex
	rule  Rule
	delay time.Duration
	open  []net.Conn
}

// A Rule sees each piece of what the store sends, most often one statement, and decides
// what the proxy does with it.
type Rule func(sent []byte) Action

// Action is what the proxy does with a piece that the store has sent.
type Action int

// The actions of a Proxy.
const (
	Pass   Action = iota // to the database
	Cut                  // lost, with the connection: the database never sees it
	Answer               // to the database, but the connection is cut before its answer returns
	Stall                // held back, with the connection open, as if the store were frozen
)

// On returns a rule that acts on pieces with statement in them, and passes the others.
func On(statement string, action Action) Rule {
	return func(sent []byte) Action {
		if bytes.Contains(sent, []byte(statement)) {
			return action
		}
		return Pass
	}
}

// NewProxy returns a proxy before server, host:port, that passes everything.
func NewProxy(t testing.TB, server string) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: listener, server: server}
	p.SetRule(nil)
	go p.accept()
	t.Cleanup(func() {
		_ = listener.Close()
		p.CutAll()
	})
	return p
}

// Addr returns the address to connect to.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// SetRule sets the rule for what is sent from now on; nil passes everything.
func (p *Proxy) SetRule(rule Rule) {
	if rule == nil {
		rule = func([]byte) Action { return Pass }
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rule = rule
}

// SetDelay makes each piece of what the store sends from now on, most often one
// statement, come to the database that much later; 0 ends that. Pieces of one
// connection stay in order, and connections do not wait for each other.
func (p *Proxy) SetDelay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// Refuse ends the proxy: there is nothing at its address any more.
func (p *Proxy) Refuse() { _ = p.listener.Close() }

// CutAll cuts the connections there are.
func (p *Proxy) CutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.open {
		_ = conn.Close()
	}
	p.open = nil
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.open = append(p.open, client, server)
		p.mu.Unlock()
		go p.forward(client, server)
		go func() {
			_, _ = io.Copy(client, server) // until one of them hangs up
			_ = client.Close()
			_ = server.Close()
		}()
	}
}

// forward passes on what the client sends, by the rule and after the delay.
func (p *Proxy) forward(client, server net.Conn) {
	defer func() { _ = client.Close() }()
	buffer := make([]byte, 1<<20)
	for {
		n, err := client.Read(buffer)
		if err != nil { // the database notices as well
			_ = server.Close()
			return
		}
		p.mu.Lock()
		action, delay := p.rule(buffer[:n]), p.delay
		p.mu.Unlock()
		<-time.After(delay)
		switch action {
		case Pass:
		case Cut:
			_ = server.Close()
			return
		case Answer:
			_ = client.Close() // which cuts the connection once the answer comes
		case Stall:
			_, _ = io.Copy(io.Discard, client) // until the database has waited long enough
			return
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
	}
}
