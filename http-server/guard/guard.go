// Package guard says who may come in to a gateway, and how much of it each may hold.
//
// A client is known by its address, or by the network that its address is in (package
// peer). A caller is a client that has shown who it is, by a token. The guard refuses what
// comes by a name that is not the gateway's, from a web page that may not call, without a
// valid token, or too often. It bounds what one client, and all together, hold:
// connections, calls in flight, and long answers. To shed load is to answer 503, or to
// close a connection, because there is too much.
//
// A request that has waited passed the guard when it came, and passes when it comes back.
package guard

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"example.com/im/http-server/answer"
	"example.com/im/http-server/hosts"
	"example.com/im/http-server/identity"
	"example.com/im/http-server/ratelimit"
	"example.com/im/http-server/share"
)

// Config is what a Guard needs.
type Config struct {
	Settings
	Identity   *identity.Verifier // verifies the tokens of callers; nil: nobody is asked who he is
	ByAnyHost  []string           // routes that may be called by any host
	Files      int                // how many files a client loads at once
	Answer     *answer.Writer     // writes the refusals
	Log        *slog.Logger
	Registerer prometheus.Registerer
}

// Guard is the guard of a gateway. It is safe for concurrent use.
type Guard struct {
	cfg   Config
	hosts hosts.Allowed
	shed  *prometheus.CounterVec

	calls    atomic.Int64              // API calls in flight, but for those that wait
	rate     *ratelimit.Limit[rateKey] // of API calls; nil: none
	fileRate *ratelimit.Limit[rateKey] // of files; nil: none
	rateLogs rate.Sometimes            // lines about clients that are over it

	connections *share.Shares[netip.Prefix] // numbers of them
	answers     *share.Shares[netip.Prefix] // bytes of those that are long, until they are sent
	shareLogs   rate.Sometimes              // lines about clients that hold theirs
}

// New returns a guard with valid settings. It needs to be told where the gateway listens
// ([Guard.ListensAt]) before a request comes.
func New(cfg Config) (*Guard, error) {
	g := &Guard{
		cfg:         cfg,
		rateLogs:    rate.Sometimes{Interval: time.Second},
		connections: share.New[netip.Prefix](cfg.Shares.Connections, 0),
		answers:     share.New[netip.Prefix](cfg.Shares.AnswerBytes, cfg.Shares.AllOfAnswers),
		shareLogs:   rate.Sometimes{Interval: time.Second},
	}
	var err error
	if g.rate, g.fileRate, err = newRateLimits(cfg.RateLimit, cfg.Files); err != nil {
		return nil, fmt.Errorf("rate limit: %w", err)
	}
	if g.shed, err = register(cfg.Registerer, g.answers.Total); err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	return g, nil
}

// ListensAt says at which address the gateway listens. By default that decides by which hosts
// it may be called (package hosts).
func (g *Guard) ListensAt(addr net.Addr) { g.hosts = hosts.New(g.cfg.Hosts, addr) }

// OfAll returns the middlewares of every request, in their order.
func (g *Guard) OfAll() []app.HandlerFunc {
	return []app.HandlerFunc{g.checkHost, cors(g.cfg.CORSOrigins), g.refuseForeign}
}

// OfFiles returns the middlewares of files, which follow those of all.
func (g *Guard) OfFiles() []app.HandlerFunc {
	if g.fileRate == nil {
		return nil
	}
	return []app.HandlerFunc{g.limitFileRate}
}

// OfCalls returns the middlewares of the API's calls, which follow those of all.
func (g *Guard) OfCalls() []app.HandlerFunc {
	chain := []app.HandlerFunc{g.limitCalls}
	if g.cfg.Identity != nil {
		chain = append(chain, g.identify)
	}
	if g.rate != nil {
		chain = append(chain, g.limitRate)
	}
	return chain
}
