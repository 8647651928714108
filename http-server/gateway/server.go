// Package gateway is the HTTP side of the service: it speaks JSON with clients,
// and hands their calls to the rpc-servers that etcd knows. It keeps nothing:
// the rules of chat names are idl/chat's, all others the rpc-servers'.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/config"
	"github.com/cloudwego/hertz/pkg/network/standard"
	"github.com/cloudwego/hertz/pkg/protocol"
	"github.com/cloudwego/hertz/pkg/protocol/http1"
	"github.com/cloudwego/hertz/pkg/protocol/suite"
	"github.com/hertz-contrib/obs-opentelemetry/tracing"
	"golang.org/x/time/rate"

	"example.com/im/http-server/ratelimit"
	"example.com/im/http-server/rpc"
)

const (
	// maxHeaderBytes bounds the request line and headers.
	maxHeaderBytes = 16 << 10
	// logsPerSecond bounds the log lines about requests that failed because an
	// rpc-server could not serve them.
	logsPerSecond = 20
)

// Server is a gateway. Make one with [Listen].
type Server struct {
	cfg      Config
	ln       *listener
	hertz    *server.Hertz
	rpc      *rpc.Client
	feeds    *feeds
	metrics  *metrics
	rate     *ratelimit.Limit // nil: none
	rateLogs rate.Sometimes   // lines about clients that are over it
	logLimit *rate.Limiter
	draining atomic.Bool
	calls    atomic.Int64 // API calls in flight, but for those that wait
	waits    *waits
}

// Listen binds the address and prepares the gateway; Run serves it. It does not
// wait for etcd or an rpc-server: /readyz says whether they are there.
func Listen(cfg Config) (*Server, error) {
	return listen(cfg, cfg.rpc())
}

// listen is Listen with rpc-servers that are called in a way of the caller's.
func listen(cfg Config, calls rpc.Config) (*Server, error) {
	m, err := newMetrics(cfg.Registerer)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	var limit *ratelimit.Limit
	if cfg.RateLimit > 0 {
		if limit, err = ratelimit.New(cfg.RateLimit, cfg.TrustedProxies); err != nil {
			return nil, fmt.Errorf("rate limit: %w", err)
		}
	}
	client, err := rpc.New(calls)
	if err != nil {
		return nil, fmt.Errorf("RPC client: %w", err)
	}
	waits := newWaits(cfg.MaxWaiting, m.woken, m.shed.WithLabelValues(shedReaders))
	if err := m.registerGauges(cfg.Registerer, waits); err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	ln, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return nil, err
	}
	s := &Server{
		cfg:      cfg,
		ln:       newListener(ln, cfg.ReadTimeout, cfg.MaxConnections, m.shed.WithLabelValues(shedConnections)),
		rpc:      client,
		feeds:    newFeeds(waits, client.Watch, cfg.Logger, m.feeds),
		metrics:  m,
		rate:     limit,
		rateLogs: rate.Sometimes{Interval: time.Second},
		logLimit: rate.NewLimiter(logsPerSecond, logsPerSecond),
		waits:    waits,
	}
	s.hertz = s.newHertz()
	return s, nil
}

// newHertz returns the HTTP server with its routes.
func (s *Server) newHertz() *server.Hertz {
	options := []config.Option{
		server.WithListener(s.ln),
		server.WithOnAccept(withClient),
		// Netpoll, the other transport, takes four times the CPU for a ping and one
		// and a half times for a send (measured with 64 clients on two cores). It
		// also hangs up on a client that has closed its sending side and waits for
		// the answer, and never on an idle one.
		server.WithTransport(standard.NewTransporter),
		server.WithExitWaitTime(s.cfg.ExitWait),
		server.WithHandleMethodNotAllowed(true),
		server.WithRedirectTrailingSlash(false),
		server.WithDisablePrintRoute(true),
	}
	var traced app.HandlerFunc
	if s.cfg.Traces {
		tracer, traces := tracing.NewServerTracer()
		options, traced = append(options, tracer), tracing.ServerMiddleware(traces)
	}
	h := server.New(options...)
	if traced != nil {
		h.Use(traced)
	}
	h.AddProtocol(suite.HTTP1, &http1Factory{s, s.http1Option()})
	s.addRoutes(h)
	return h
}

// http1Option says how requests are read.
func (s *Server) http1Option() http1.Option {
	return http1.Option{
		ReadTimeout:                  s.cfg.ReadTimeout,
		IdleTimeout:                  s.cfg.IdleTimeout,
		MaxHeaderBytes:               maxHeaderBytes,
		MaxRequestBodySize:           maxBodyBytes,
		StreamRequestBody:            true, // see readBody
		DisablePreParseMultipartForm: true,
		EnableTrace:                  s.cfg.Traces,
		// A client that asks before it sends too much gets its answer at once. It
		// may send or not, so that no other request can follow.
		ContinueHandler: func(header *protocol.RequestHeader) bool {
			tooMuch := header.ContentLength() > maxBodyBytes
			if tooMuch {
				header.SetConnectionClose(true)
			}
			return !tooMuch
		},
	}
}

// Addr returns the address that is served.
func (s *Server) Addr() net.Addr { return s.ln.Addr() }

// Run serves until ctx is done. Then /readyz fails; for DrainDelay all else goes
// on, so that load balancers notice; then no connection is accepted any more,
// and the requests in flight are finished within ExitWait.
func (s *Server) Run(ctx context.Context) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	go s.rpc.Run(background, s.feeds.follow)
	served := make(chan error, 1)
	go func() { served <- s.hertz.Run() }()

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	s.cfg.Logger.Info("draining", "delay", s.cfg.DrainDelay)
	s.draining.Store(true)
	s.waits.drain()
	select {
	case err := <-served:
		return err
	case <-time.After(s.cfg.DrainDelay):
	}
	s.waits.awaitNobody(s.cfg.ExitWait) // who has waited is with Hertz again
	return errors.Join(s.shutDown(background), <-served)
}

// shutDown stops accepting connections, and waits for the requests in flight.
func (s *Server) shutDown(ctx context.Context) error {
	if !s.hertz.IsRunning() { // stopped before it has started
		return s.ln.Close()
	}
	go s.ln.hangUpIdle(ctx)
	return s.hertz.Shutdown(ctx)
}
