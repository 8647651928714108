package gateway

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
)

// The paths of health checks. Load balancers and Kubernetes ask them by an IP address.
const (
	pingPath   = "/ping"
	healthPath = "/healthz"
	readyPath  = "/readyz"
)

// readyTime is for how long what the rpc-servers have said of their health answers all who
// ask for it. So /readyz makes at most four checks a second, however often it is asked, and
// needs no rate limit: that could take a gateway out of service because somebody at the
// probes' address asks too often. Probes come seconds apart, and notice no such delay.
const readyTime = 250 * time.Millisecond

// readiness is what the rpc-servers have said last of their health.
type readiness struct {
	check func(context.Context) error

	mu  sync.Mutex // held during a check: others wait for its outcome
	at  time.Time  // of its end; zero: there was none
	err error
}

// ask returns what the latest check says, or makes one if that was too long ago.
func (r *readiness) ask(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at.IsZero() || time.Since(r.at) >= readyTime {
		r.err = r.check(ctx)
		r.at = time.Now()
	}
	return r.err
}

// statusReply is the body of a health check that succeeds.
type statusReply struct {
	Status string `json:"status"`
}

// ping handles GET /ping.
func (s *Server) ping(ctx context.Context, c *app.RequestContext) {
	s.answer.JSON(ctx, c, http.StatusOK, struct {
		Message string `json:"message"`
	}{"pong"})
}

// healthz handles GET /healthz: the process is alive.
func (s *Server) healthz(ctx context.Context, c *app.RequestContext) {
	s.answer.JSON(ctx, c, http.StatusOK, statusReply{"ok"})
}

// readyz handles GET /readyz: an rpc-server answers that it can serve, and the
// gateway is not about to stop.
func (s *Server) readyz(ctx context.Context, c *app.RequestContext) {
	if err := s.Ready(ctx); err != nil {
		s.answer.Error(ctx, c, err)
		return
	}
	s.answer.JSON(ctx, c, http.StatusOK, statusReply{"ready"})
}

// Ready returns nil if the gateway can serve: an rpc-server has answered so within
// readyTime, and the gateway does not drain. It takes about a second at most.
func (s *Server) Ready(ctx context.Context) error {
	if s.draining.Load() {
		return &fault.Error{Code: fault.Unavailable, Message: "about to stop"}
	}
	return s.ready.ask(ctx)
}
