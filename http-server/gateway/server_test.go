package gateway

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/rpc/rpctest"
	"example.com/im/idl/gen/im"
)

// drainDelay leaves time for a look at a gateway that drains, on a machine that is busy.
const drainDelay = 10 * time.Second

// A stop finishes what is in flight, says so on /readyz, and then refuses.
func TestDrain(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan bool), make(chan bool)
	rpc := &rpctest.Fake{OnSend: func(context.Context, *im.Message) (*im.SendResponse, error) {
		entered <- true
		<-leave
		return &im.SendResponse{SendTime: new(int64(1))}, nil
	}}
	g := startReadyWith(t, func(c *Config) {
		c.DrainDelay, c.RPC.Timeout = drainDelay, time.Minute // the call in flight outlasts the delay
	}, rpc.Start(t))
	inFlight := make(chan reply, 1)
	go func() { inFlight <- g.send(t) }()
	<-entered
	g.stop()
	rpctest.Eventually(t, "/readyz fails", func() bool {
		return g.do(t, "GET", "/readyz", "").status == http.StatusServiceUnavailable
	})
	r := g.do(t, "GET", "/api/pull?chat=a:b", "")
	if r.status != http.StatusOK || !r.closes {
		t.Errorf("a pull while draining: %d %s, hangs up: %t", r.status, r.body, r.closes)
	}
	rpctest.Eventually(t, "connections are refused", func() bool {
		conn, err := net.Dial("tcp", g.Addr().String())
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
	select {
	case err := <-g.done:
		t.Errorf("stopped with a request in flight: %v", err)
	default:
	}
	close(leave)
	if r := <-inFlight; r.status != http.StatusOK {
		t.Errorf("the send in flight: %d %s", r.status, r.body)
	}
}

// A gateway that drains answers the readers that wait. A reader that comes then does not
// wait.
func TestDrainOfReaders(t *testing.T) { withAndWithoutTLS(t, testDrainOfReaders) }

func testDrainOfReaders(t *testing.T, with func(*Config)) {
	for name, delay := range map[string]time.Duration{"with a delay": drainDelay, "without": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, _ := startLively(t, with, func(c *Config) { c.DrainDelay = delay })
			var answers []<-chan reply
			for range 50 {
				answers = append(answers, g.wait(t, "/api/pull?chat=a:b&cursor=3&wait_ms=30000"))
			}
			begin := time.Now()
			g.stop()
			for _, answer := range answers {
				if r := <-answer; r.status != http.StatusOK || r.body != fmt.Sprintf(empty, 3) || !r.closes {
					t.Errorf("answer: %d %s, hangs up: %t", r.status, r.body, r.closes)
				}
			}
			if delay > 0 {
				if r := g.do(t, "GET", "/api/pull?chat=a:b&cursor=4&wait_ms=30000", ""); r.body != fmt.Sprintf(empty, 4) {
					t.Errorf("a pull while draining: %d %s", r.status, r.body)
				}
			}
			rpctest.Within(t, begin, "the drain")
		})
	}
}

// Hertz alone would wait for idle connections until ExitWait has passed.
func TestStopHangsUpOnIdleConnections(t *testing.T) {
	withAndWithoutTLS(t, testStopHangsUpOnIdleConnections)
}

func testStopHangsUpOnIdleConnections(t *testing.T, with func(*Config)) {
	g := startReadyWith(t, func(c *Config) { with(c); c.ExitWait = time.Minute }, (&rpctest.Fake{}).Start(t))
	conn := g.connect(t)
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	if resp, err := http.ReadResponse(reader, nil); err != nil || resp.Close {
		t.Fatalf("answer = %v, %v; want one that keeps the connection", resp, err)
	}
	fresh := g.connect(t) // has sent nothing yet
	defer fresh.Close()
	begin := time.Now()
	g.stop()
	if err := g.ended(); err != nil {
		t.Error(err)
	}
	rpctest.Within(t, begin, "the stop")
}

// A request that takes longer than ExitWait does not keep the gateway.
func TestExitWait(t *testing.T) {
	t.Parallel()
	g := startReadyWith(t, func(c *Config) {
		c.ExitWait, c.RPC.Timeout = 100*time.Millisecond, time.Minute
	}, rpctest.StartFrozen(t))
	entered := make(chan bool)
	go func() {
		close(entered)
		resp, err := g.client.Get(g.url + "/api/pull?chat=a:b")
		if err == nil {
			_ = resp.Body.Close()
		}
	}()
	<-entered
	rpctest.Eventually(t, "the pull is in flight", func() bool { return g.metric(t, "im_http_requests_in_flight") == 1 })
	begin := time.Now()
	g.stop()
	if err := g.ended(); err != nil {
		t.Error(err)
	}
	rpctest.Within(t, begin, "the stop")
}

func TestStopBeforeStart(t *testing.T) {
	t.Parallel()
	for range 20 {
		cfg := configOn("127.0.0.1:0")
		cfg.Resolver = rpctest.NewRegistry()
		s, err := Listen(cfg)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
	}
}

func TestListenFailsEarly(t *testing.T) {
	t.Parallel()
	cfg := configOn(rpctest.Refusing(t))
	cfg.Resolver = rpctest.NewRegistry()
	if _, err := Listen(cfg); err == nil {
		t.Error("Listen on an address in use succeeds")
	}
}

// Neither a closed port nor a silent one keeps a gateway from starting.
func TestListenWithoutEtcd(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]string{"closed port": rpctest.Refusing(t), "frozen": rpctest.StartFrozen(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := startGateway(t, nil, func(c *Config) { c.RPC.Etcd.Endpoints = []string{address} })
			g.send(t).wantError(t, http.StatusServiceUnavailable, fault.Unavailable, "")
		})
	}
}
