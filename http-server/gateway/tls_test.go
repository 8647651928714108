package gateway

import (
	"bytes"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/credential/credentialtest"
)

// TLS is 1.2 or later, with HTTP/1.1 in it.
func TestTLS(t *testing.T) {
	t.Parallel()
	g := startReadyWith(t, withTLS(t), (&rpctest.Fake{}).Start(t))
	if r := g.do(t, "GET", "/api/pull?chat=a:b", ""); r.status != http.StatusOK {
		t.Errorf("%d %s", r.status, r.body)
	}
	for name, tc := range map[string]struct {
		change func(*tls.Config)
		want   string // in the error; "" wants none
	}{
		"as it is":     {func(*tls.Config) {}, ""},
		"no ALPN":      {func(c *tls.Config) { c.NextProtos = nil }, ""},
		"TLS 1.2":      {func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }, ""},
		"TLS 1.1":      {func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }, "protocol version"},
		"HTTP/2 first": {func(c *tls.Config) { c.NextProtos = []string{"h2", "http/1.1"} }, ""},
		"HTTP/2 alone": {func(c *tls.Config) { c.NextProtos = []string{"h2"} }, "no application protocol"},
		"another name": {func(c *tls.Config) { c.ServerName = "127.0.0.2" }, "127.0.0.2"},
	} {
		config := trusting(t, g.cfg.TLSCert)
		tc.change(config)
		conn, err := tls.DialWithDialer(&net.Dialer{Timeout: rawLimit}, "tcp", g.Addr().String(), config)
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v; want %q", name, err, tc.want)
		}
		if err != nil {
			continue
		}
		if p := conn.ConnectionState().NegotiatedProtocol; p != "" && p != "http/1.1" {
			t.Errorf("%s: it speaks %s", name, p)
		}
		_ = conn.Close()
	}
}

// A client that speaks no TLS is told so.
func TestPlainAtTLS(t *testing.T) {
	t.Parallel()
	g := startReadyWith(t, withTLS(t), (&rpctest.Fake{}).Start(t))
	for request, want := range map[string]string{
		"GET /api/pull HTTP/1.1\r\nHost: x\r\n\r\n":                               "400",
		"POST /api/send HTTP/1.1\r\nHost: x\r\n\r\n" + strings.Repeat("x", 1<<20): "400",
		"\x00\x01nonsense that is no TLS":                                         "",
	} {
		conn, err := net.Dial("tcp", g.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(rawLimit))
		_, _ = io.WriteString(conn, request)
		answer, err := io.ReadAll(conn)
		if got := string(answer); err != nil || want != "" && !strings.Contains(got, want) || strings.Contains(got, "messages") {
			t.Errorf("%.20q is answered %q, %v", request, got, err)
		}
		_ = conn.Close()
	}
}

// Clients that are silent, or slow, in their handshake keep nobody waiting. They count as
// connections, and have READ_TIMEOUT.
func TestSlowHandshakes(t *testing.T) {
	t.Parallel()
	const slow = 50
	g := startReadyWith(t, func(c *Config) {
		withTLS(t)(c)
		c.ReadTimeout, c.Guard.MaxConnections = 2*time.Second, slow+1
	}, (&rpctest.Fake{}).Start(t))
	rpctest.Eventually(t, "no connection is left", func() bool { return g.hasRoom(t) })
	g.client.CloseIdleConnections()
	begin := time.Now()
	ended := make(chan error, slow)
	for i := range slow {
		conn, err := net.Dial("tcp", g.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if i%2 == 0 { // it begins, and does not go on
			_, _ = conn.Write([]byte{22, 3, 1, 0, 200, 1})
		}
		go func() {
			_ = conn.SetDeadline(time.Now().Add(rawLimit))
			_, err := io.Copy(io.Discard, conn)
			ended <- err
		}()
	}
	if !g.hasRoom(t) {
		t.Error("a client that does not wait is not served")
	}
	var last halfConn // it has made its handshake, and holds the last place
	rpctest.Eventually(t, "the connection of before is forgotten", func() bool {
		var err error
		last, err = g.tryConnect()
		return err == nil
	})
	if g.hasRoom(t) {
		t.Error("a connection too many is served")
	}
	for range slow {
		if err := <-ended; err != nil {
			t.Errorf("a slow client: %v", err)
		}
	}
	if took := time.Since(begin); took < time.Second {
		t.Errorf("slow clients are cut off after %v", took)
	}
	_ = last.Close()
	rpctest.Eventually(t, "they are forgotten", func() bool { return g.hasRoom(t) })
}

// A stop does not wait for handshakes.
func TestStopDuringHandshake(t *testing.T) {
	t.Parallel()
	g := startReadyWith(t, func(c *Config) { withTLS(t)(c); c.ExitWait = time.Minute }, (&rpctest.Fake{}).Start(t))
	conn, err := net.Dial("tcp", g.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	begin := time.Now()
	g.stop()
	if err := g.ended(); err != nil {
		t.Error(err)
	}
	rpctest.Within(t, begin, "the stop")
}

// A new certificate is shown without a restart. Connections go on. A broken one changes
// nothing, and the log says so.
func TestCertificateIsRenewed(t *testing.T) {
	t.Parallel()
	log := &lockedBuffer{}
	g := startReadyWith(t, func(c *Config) { withTLS(t)(c); c.Log = slog.New(slog.NewTextHandler(log, nil)) }, (&rpctest.Fake{}).Start(t))
	before := g.connect(t)
	defer before.Close()
	if err := os.WriteFile(g.cfg.TLSKey, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	rpctest.Eventually(t, "the log says that the key is broken", func() bool {
		return g.hasRoom(t) && strings.Contains(log.String(), "going on with the one before")
	})
	cert, key := credentialtest.NewAuthority(t).Issue(t, "127.0.0.1")
	for from, to := range map[string]string{cert: g.cfg.TLSCert, key: g.cfg.TLSKey} {
		content, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config := trusting(t, cert)
	rpctest.Eventually(t, "the new certificate is shown", func() bool {
		conn, err := tls.Dial("tcp", g.Addr().String(), config)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	if _, err := io.WriteString(before, "GET /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if answer, err := io.ReadAll(before); err != nil || !bytes.Contains(answer, []byte("pong")) {
		t.Errorf("an older connection is answered %q, %v", answer, err)
	}
}

// Long polls for all chats of a member wait by TLS as well.
func TestSyncWaitsByTLS(t *testing.T) {
	t.Parallel()
	g, _ := startLively(t, withTLS(t))
	begin := time.Now()
	r := g.do(t, "GET", "/api/sync?member=a&wait_ms=1000", "")
	if took := time.Since(begin); r.status != http.StatusOK || took < time.Second {
		t.Errorf("%d %s after %v; want nothing new after 1s", r.status, r.body, took)
	}
}

// A certificate that cannot be used ends the start.
func TestListenWithoutCertificate(t *testing.T) {
	t.Parallel()
	cert, _ := credentialtest.NewAuthority(t).Issue(t, "127.0.0.1")
	for _, key := range []string{cert, "/none.pem"} {
		cfg := configOn("127.0.0.1:0")
		cfg.Resolver, cfg.TLSCert, cfg.TLSKey = rpctest.NewRegistry(), cert, key
		if _, err := Listen(cfg); err == nil || !strings.HasPrefix(err.Error(), "TLS_CERT, TLS_KEY: ") {
			t.Errorf("%s: %v", key, err)
		}
	}
}
