package gateway

import (
	"context"
	"net/http"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
)

// The paths of health checks. Load balancers and Kubernetes ask them by an IP address.
const (
	pingPath   = "/ping"
	healthPath = "/healthz"
	readyPath  = "/readyz"
)

// statusReply is the body of a health check that succeeds.
type statusReply struct {
	Status string `json:"status"`
}

// ping handles GET /ping.
func (s *Server) ping(_ context.Context, c *app.RequestContext) {
	writeJSON(c, http.StatusOK, struct {
		Message string `json:"message"`
	}{"pong"})
}

// healthz handles GET /healthz: the process is alive.
func (s *Server) healthz(_ context.Context, c *app.RequestContext) {
	writeJSON(c, http.StatusOK, statusReply{"ok"})
}

// readyz handles GET /readyz: an rpc-server answers that it can serve, and the
// gateway is not about to stop.
func (s *Server) readyz(ctx context.Context, c *app.RequestContext) {
	if err := s.Ready(ctx); err != nil {
		s.writeError(ctx, c, err)
		return
	}
	writeJSON(c, http.StatusOK, statusReply{"ready"})
}

// Ready returns nil if the gateway can serve: an rpc-server answers so, and the gateway
// does not drain. It takes about a second at most.
func (s *Server) Ready(ctx context.Context) error {
	if s.draining.Load() {
		return &fault.Error{Code: fault.Unavailable, Message: "about to stop"}
	}
	return s.rpc.Health(ctx)
}
