package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/http1"
	"example.com/im/http-server/share"
)

// minAnswerBytes is the least budget of a client. The longest page has 1 MiB of texts,
// which JSON may write six times as long, and 1,000 names. It must fit, or the client
// would ask for it for ever.
const minAnswerBytes = 16 << 20

// ShareSettings say how much of the gateway one client may hold, for kong.
type ShareSettings struct {
	Connections  int64 `name:"max-connections-per-client" env:"MAX_CONNECTIONS_PER_CLIENT" default:"10000" help:"Most connections of one client address (IPv4) or /64 network (IPv6); more are closed. 0: no limit but MAX_CONNECTIONS. Addresses of TRUSTED_PROXIES are not counted: behind a load balancer that it does not name, all connections have its address."`
	AnswerBytes  int64 `name:"max-answer-bytes-per-client" env:"MAX_ANSWER_BYTES_PER_CLIENT" default:"67108864" help:"Memory for the API's answers to one client address (IPv4) or /64 network (IPv6) that the client has not yet taken, in bytes; further long ones are answered 503. 0: no limit but MAX_ANSWER_BYTES."`
	AllOfAnswers int64 `name:"max-answer-bytes" env:"MAX_ANSWER_BYTES" default:"268435456" help:"Memory for the API's answers that clients have not yet taken, in bytes; further long ones are answered 503. 0: no limit."`
}

// Validate implements kong's hook.
func (s ShareSettings) Validate() error {
	switch {
	case s.Connections < 0:
		return errors.New("MAX_CONNECTIONS_PER_CLIENT must not be negative")
	case s.AnswerBytes != 0 && s.AnswerBytes < minAnswerBytes, s.AllOfAnswers != 0 && s.AllOfAnswers < minAnswerBytes:
		return errors.New("MAX_ANSWER_BYTES and MAX_ANSWER_BYTES_PER_CLIENT must be 0 or at least 16777216 (16 MiB), so that the longest answer fits")
	}
	return nil
}

// admit lets a connection in, unless its client has too many. Proxies are no clients.
func (s *Server) admit(from net.Addr) (leave func(), ok bool) {
	tcp, isTCP := from.(*net.TCPAddr)
	if !isTCP || s.cfg.Peers.IsProxy(tcp.AddrPort().Addr()) {
		return func() {}, true
	}
	client := s.cfg.Peers.Client(tcp.AddrPort().Addr(), nil)
	if s.connections.Take(client, 1) != share.Within {
		s.shedShare(context.Background(), client, shedClientConnections)
		return nil, false
	}
	return func() { s.connections.Give(client, 1) }, true
}

// takeAnswer takes a long answer from the budget of its client, and from that of all, until
// it is sent. Who is over it is answered 503, before the long answer is made. A short one
// always passes: it takes no more than a connection does anyway, and a call that has stored
// something must not be answered that it has not.
func (s *Server) takeAnswer(ctx context.Context, c *app.RequestContext, bytes int) error {
	client, size := s.clientOf(c), int64(bytes)
	switch s.answers.Take(client, size) {
	case share.OfEach:
		s.shedShare(ctx, client, shedClientAnswers)
		return &fault.Error{Code: fault.Unavailable, Message: "your address has not yet taken its earlier answers: take them, then try again"}
	case share.OfAll:
		s.metrics.shed.WithLabelValues(shedAnswers).Inc()
		return &fault.Error{Code: fault.Unavailable, Message: "too many long answers at once: try again"}
	case share.Within:
	}
	http1.ExchangeOf(c).OnSent(func() { s.answers.Give(client, size) })
	return nil
}

// shedShare counts what is refused because a client holds its share. The log names one
// client a second, so that they do not fill it.
func (s *Server) shedShare(ctx context.Context, client netip.Prefix, reason string) {
	s.metrics.shed.WithLabelValues(reason).Inc()
	s.shareLogs.Do(func() {
		s.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "a client holds its share",
			slog.String("client", client.String()), slog.String("limit", reason))
	})
}
