// Package gateway is the HTTP side of the service. It speaks JSON with clients, and
// hands their calls to the rpc-servers that etcd knows. It keeps no messages. It checks
// the rule of chat names (idl/chat); the rpc-servers check all others.
//
// A route is a path with a method. Package guard lets a request in. Its handler parses it
// (package request), calls an rpc-server, and writes the answer (package answer). A gateway
// that is told to stop drains: it finishes what it has begun, and is ready for nothing new.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/cloudwego/hertz/pkg/app/server"
	"golang.org/x/time/rate"

	"example.com/im/http-server/answer"
	"example.com/im/http-server/guard"
	"example.com/im/http-server/http1"
	"example.com/im/http-server/identity"
	"example.com/im/http-server/openapi"
	"example.com/im/http-server/page"
	"example.com/im/http-server/rpc"
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
	guard    *guard.Guard
	metrics  *metrics
	draining atomic.Bool
	room     *wait.Room
	ready    readiness
}

// Listen binds the address and prepares the gateway; Run serves it. It does not
// wait for etcd or an rpc-server: /readyz says whether they are there.
func Listen(cfg Config) (*Server, error) {
	s := &Server{cfg: cfg}
	if err := s.prepare(); err != nil {
		return nil, err
	}
	ln, err := listen(cfg.Settings, cfg.Log)
	if err != nil {
		return nil, err
	}
	s.ln = http1.NewListener(ln, cfg.ReadTimeout, cfg.Guard.MaxConnections, s.guard.Shed(guard.ShedConnections))
	s.ln.Admit = s.guard.Admit
	s.guard.ListensAt(ln.Addr())
	s.hertz = s.newHertz()
	return s, nil
}

// prepare makes all that needs no address. What is wrong with the settings is known before
// an address is taken.
func (s *Server) prepare() (err error) {
	if s.metrics, err = newMetrics(s.cfg.Registerer); err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	if s.cfg.Identity.Enabled() {
		s.identity, err = identity.New(identity.Config{Settings: s.cfg.Identity, Log: s.cfg.Log, Registerer: s.cfg.Registerer})
		if err != nil {
			return fmt.Errorf("identity: %w", err)
		}
	}
	if err := s.setGuard(); err != nil {
		return fmt.Errorf("guard: %w", err)
	}
	s.rpc, err = rpc.New(rpc.Config{
		Settings: s.cfg.RPC, Resolver: s.cfg.Resolver, Traces: s.cfg.Traces, Log: s.cfg.Log, Registerer: s.cfg.Registerer,
	})
	if err != nil {
		return fmt.Errorf("RPC client: %w", err)
	}
	s.ready.check = s.rpc.Health
	s.room, err = wait.NewRoom(wait.Config{
		Settings: s.cfg.Wait, Watch: s.rpc.Watch, Shed: s.guard.Shed(guard.ShedReaders),
		Log: s.cfg.Log, Registerer: s.cfg.Registerer,
	})
	if err != nil {
		return fmt.Errorf("waiting readers: %w", err)
	}
	return nil
}

// setGuard sets a guard before the gateway. The guard refuses by answers, and allows the
// long ones.
func (s *Server) setGuard() (err error) {
	s.answer = &answer.Writer{Log: s.cfg.Log, Lines: rate.NewLimiter(logsPerSecond, logsPerSecond)}
	s.guard, err = guard.New(guard.Config{
		Settings: s.cfg.Guard, Identity: s.identity,
		ByAnyHost: []string{pingPath, healthPath, readyPath},
		Files:     len(page.Files()) + len(openapi.Files()),
		Answer:    s.answer, Log: s.cfg.Log, Registerer: s.cfg.Registerer,
	})
	if err != nil {
		return err
	}
	s.answer.Budget = s.guard.TakeAnswer
	return nil
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
