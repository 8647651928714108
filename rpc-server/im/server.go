package im

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/cloudwego/kitex/pkg/limit"
	"github.com/cloudwego/kitex/pkg/rpcinfo"
	"github.com/cloudwego/kitex/pkg/transmeta"
	"github.com/cloudwego/kitex/server"
	"github.com/kitex-contrib/obs-opentelemetry/tracing"

	"example.com/im/idl"
	"example.com/im/idl/gen/im/imservice"
	"example.com/im/rpc-server/news"
	"example.com/im/rpc-server/sequencer"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/tail"
)

// Server is a service with a bound address.
type Server struct {
	cfg          Config
	listener     net.Listener
	sequencer    *sequencer.Sequencer
	health       *health
	news         *news.News
	registration *registration
	kitex        server.Server
	quit         chan error // ends kitex.Run
}

// Listen binds the address and prepares the service; [Server.Run] serves it.
func Listen(cfg Config) (*Server, error) {
	transport, err := transportOf(cfg)
	if err != nil {
		return nil, err
	}
	listener, stop, err := listen(cfg.Settings)
	if err != nil {
		return nil, err
	}
	health := newHealth(cfg.Store, cfg.Now, cfg.Log)
	registration, err := newRegistration(cfg, listener.Addr(), health)
	if err != nil {
		_ = stop()
		return nil, err
	}
	metrics := newMetrics(cfg.Registerer)
	memory := tail.New(cfg.Store, cfg.Tail)
	fresh := news.New(cfg.Store.Lanes, metrics.laneRead)
	queue := sequencer.New(cfg.Store, sequencer.Config{
		Settings: cfg.Sequencer, Now: cfg.Now, Log: cfg.Log,
		Begin: func(sends []*store.Send) { memory.Begin(sends); fresh.Begin(sends) },
		End: func(c sequencer.Commit) {
			memory.End(c.Sends, c.Err) // before watchers wake readers, who pull from it
			fresh.End(c.Sends, c.Err)
			health.committed(c.Err)
			metrics.commit(c)
		},
	})
	registerGauges(cfg.Registerer, memory, queue, fresh, cfg.Store, health)
	s := &Server{
		cfg:          cfg,
		listener:     listener,
		sequencer:    queue,
		health:       health,
		news:         fresh,
		registration: registration,
		quit:         make(chan error, 1),
	}
	s.kitex = s.newKitex(transport, &handler{
		tail: memory, store: cfg.Store, sequencer: queue, health: health, news: fresh, metrics: metrics,
		timeout: cfg.RequestTimeout, log: cfg.Log,
	})
	return s, nil
}

// transportOf returns how connections are served: by netpoll, or by TLS.
func transportOf(cfg Config) ([]server.Option, error) {
	if cfg.TLS.On() {
		return cfg.TLS.ServerOptions(cfg.Log)
	}
	return []server.Option{thriftAlone()}, nil
}

// newKitex returns the server of the RPC methods.
func (s *Server) newKitex(transport []server.Option, h *handler) server.Server {
	options := append(transport,
		server.WithListener(s.listener),
		server.WithServerBasicInfo(&rpcinfo.EndpointBasicInfo{ServiceName: idl.ServiceName}),
		// The signals are main's; Kitex would catch them itself.
		server.WithExitSignal(func() <-chan error { return s.quit }),
		server.WithExitWaitTime(s.cfg.ExitWait),
		server.WithLimit(&limit.Option{MaxConnections: s.cfg.MaxConnections, MaxQPS: noLimit}),
		server.WithLimitReporter(h.metrics.shed),
		server.WithCodec(newCodec()),
		server.WithMetaHandler(transmeta.ServerTTHeaderHandler), // the caller's time-out and request id
	)
	if s.cfg.Traces {
		options = append(options, server.WithSuite(tracing.NewServerSuite()))
	}
	return imservice.NewServer(h, options...)
}

// noLimit: sends are bounded by the queue and pulls by the connections of the
// store, which say what was refused; Kitex's own limit closes connections.
const noLimit = 1 << 30

// Addr returns the bound address.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Ready says why the service cannot serve at present, or returns nil. It does not wait.
func (s *Server) Ready(context.Context) error { return s.health.problem() }

// Run serves until ctx is done, then drains: it leaves etcd, serves on for
// DrainDelay until every gateway has noticed, refuses what still comes, and
// finishes what it has accepted.
func (s *Server) Run(ctx context.Context) error {
	s.health.check(ctx)
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	background := start(
		func() { s.sequencer.Run(work) },
		func() { s.health.run(work) },
		func() { takeOver(work, s.cfg.Store, s.cfg.Log) },
	)
	served := make(chan error, 1)
	go func() { served <- s.kitex.Run() }()
	s.awaitServing(served)
	register, leave := context.WithCancel(ctx)
	defer leave()
	registered := start(func() { s.registration.run(register) })

	var err error
	select {
	case err = <-served: // it could not go on
		leave()
		<-registered
	case <-ctx.Done():
		err = s.drain(registered, served)
	}
	stopWork()
	<-background
	return err
}

// drain stops serving without failing a call that was accepted.
func (s *Server) drain(registered <-chan struct{}, served <-chan error) error {
	<-registered
	s.cfg.Log.Info("draining", "delay", s.cfg.DrainDelay)
	select {
	case err := <-served:
		return err
	case <-time.After(s.cfg.DrainDelay):
	}
	s.health.drain()
	s.news.Stop()
	s.quit <- nil
	return <-served
}

// start runs the functions. It returns what is closed when all have returned.
func start(functions ...func()) <-chan struct{} {
	var running sync.WaitGroup
	for _, f := range functions {
		running.Go(f)
	}
	done := make(chan struct{})
	go func() {
		running.Wait()
		close(done)
	}()
	return done
}
