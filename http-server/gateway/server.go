// Package gateway is the HTTP side of the service. It speaks JSON with clients, and
// hands their calls to the rpc-servers that etcd knows. It keeps no messages. It checks
// the rule of chat names (idl/chat); the rpc-servers check all others.
//
// A route is a path with a method. Its handler parses a request, calls an rpc-server,
// and writes the answer: a reply, or an error with its status. Calls of the API first
// pass the limit of calls in flight, and the rate limit if there is one. To shed load is
// to answer 503, or to close a connection, because there is too much. A gateway that is
// told to stop drains: it finishes what it has begun, and is ready for nothing new.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/cloudwego/hertz/pkg/app/server"
	"golang.org/x/time/rate"

	"example.com/im/http-server/answer"
	"example.com/im/http-server/hosts"
	"example.com/im/http-server/http1"
	"example.com/im/http-server/identity"
	"example.com/im/http-server/ratelimit"
	"example.com/im/http-server/rpc"
	"example.com/im/http-server/share"
	"example.com/im/http-server/wait"
)

// logsPerSecond bounds the log lines about requests that failed because an
// rpc-server could not serve them.
const logsPerSecond = 20

// Server is a gateway. Make one with [Listen].
type Server struct {
	cfg      Config
	ln       *http1.Listener
	hertz    *server.Hertz
	rpc      *rpc.Client
	identity *identity.Verifier // nil: nobody is asked who he is
	answer   *answer.Writer
	metrics  *metrics
	hosts    hosts.Allowed
	rate     *ratelimit.Limit[rateKey] // of API calls; nil: none
	fileRate *ratelimit.Limit[rateKey] // of files; nil: none
	rateLogs rate.Sometimes            // lines about clients that are over it
	logLimit *rate.Limiter
	draining atomic.Bool
	calls    atomic.Int64 // API calls in flight, but for those that wait
	room     *wait.Room
	ready    readiness

	connections *share.Shares[netip.Prefix] // numbers of them
	answers     *share.Shares[netip.Prefix] // bytes of those that are long, until they are sent
	shareLogs   rate.Sometimes              // lines about clients that hold theirs
}

// Listen binds the address and prepares the gateway; Run serves it. It does not
// wait for etcd or an rpc-server: /readyz says whether they are there.
func Listen(cfg Config) (*Server, error) {
	answers := share.New[netip.Prefix](cfg.Shares.AnswerBytes, cfg.Shares.AllOfAnswers)
	m, err := newMetrics(cfg.Registerer, answers.Total)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	limit, fileLimit, err := newRateLimits(cfg.RateLimit)
	if err != nil {
		return nil, fmt.Errorf("rate limit: %w", err)
	}
	verifier, err := newVerifier(cfg)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	client, err := rpc.New(rpc.Config{
		Settings: cfg.RPC, Resolver: cfg.Resolver, Traces: cfg.Traces, Log: cfg.Log, Registerer: cfg.Registerer,
	})
	if err != nil {
		return nil, fmt.Errorf("RPC client: %w", err)
	}
	room, err := wait.NewRoom(wait.Config{
		Settings: cfg.Wait, Watch: client.Watch, Shed: m.shed.WithLabelValues(shedReaders),
		Log: cfg.Log, Registerer: cfg.Registerer,
	})
	if err != nil {
		return nil, fmt.Errorf("waiting readers: %w", err)
	}
	ln, err := listen(cfg.Settings, cfg.Log)
	if err != nil {
		return nil, err
	}
	s := &Server{
		cfg:      cfg,
		ln:       http1.NewListener(ln, cfg.ReadTimeout, cfg.MaxConnections, m.shed.WithLabelValues(shedConnections)),
		rpc:      client,
		identity: verifier,
		metrics:  m,
		hosts:    hosts.New(cfg.Hosts, ln.Addr()),
		rate:     limit,
		fileRate: fileLimit,
		rateLogs: rate.Sometimes{Interval: time.Second},
		logLimit: rate.NewLimiter(logsPerSecond, logsPerSecond),
		room:     room,
		ready:    readiness{check: client.Health},

		connections: share.New[netip.Prefix](cfg.Shares.Connections, 0),
		answers:     answers,
		shareLogs:   rate.Sometimes{Interval: time.Second},
	}
	s.answer = &answer.Writer{Log: cfg.Log, Lines: s.logLimit, Budget: s.takeAnswer}
	s.ln.Admit = s.admit
	s.hertz = s.newHertz()
	return s, nil
}

// Addr returns the address that is served.
func (s *Server) Addr() net.Addr { return s.ln.Addr() }

// Run serves until ctx is done. Then /readyz fails; for DrainDelay all else goes
// on, so that load balancers notice; then no connection is accepted any more,
// and the requests in flight are finished within ExitWait.
func (s *Server) Run(ctx context.Context) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	go s.rpc.Run(background, s.room.Follow)
	if s.identity != nil {
		go s.identity.Run(background)
	}
	served := make(chan error, 1)
	go func() { served <- s.hertz.Run() }()

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	s.cfg.Log.Info("draining", "delay", s.cfg.DrainDelay)
	s.draining.Store(true)
	s.room.Drain()
	select {
	case err := <-served:
		return err
	case <-time.After(s.cfg.DrainDelay):
	}
	s.room.AwaitNobody(s.cfg.ExitWait) // who has waited is with Hertz again
	return errors.Join(s.shutDown(background), <-served)
}

// shutDown stops accepting connections, and waits for the requests in flight.
func (s *Server) shutDown(ctx context.Context) error {
	if !s.hertz.IsRunning() { // stopped before it has started
		return s.ln.Close()
	}
	go s.ln.HangUpIdle(ctx)
	return s.hertz.Shutdown(ctx)
}
