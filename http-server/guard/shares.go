package guard

import (
	"context"
	"log/slog"
	"net"
	"net/netip"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/http1"
	"example.com/im/http-server/share"
)

// Admit lets a connection in, unless its client has too many. Proxies are no clients.
func (g *Guard) Admit(from net.Addr) (leave func(), ok bool) {
	tcp, isTCP := from.(*net.TCPAddr)
	if !isTCP || g.cfg.Peers.IsProxy(tcp.AddrPort().Addr()) {
		return func() {}, true
	}
	client := g.cfg.Peers.Client(tcp.AddrPort().Addr(), nil)
	if g.connections.Take(client, 1) != share.Within {
		g.shedShare(context.Background(), client, ShedClientConnections)
		return nil, false
	}
	return func() { g.connections.Give(client, 1) }, true
}

// TakeAnswer takes a long answer from the budget of its client, and from that of all, until
// it is sent. Who is over it is answered 503, before the long answer is made. A short one
// always passes: it takes no more than a connection does anyway, and a call that has stored
// something must not be answered that it has not. An error is a fault.
func (g *Guard) TakeAnswer(ctx context.Context, c *app.RequestContext, bytes int) error {
	client, size := g.clientOf(c), int64(bytes)
	switch g.answers.Take(client, size) {
	case share.OfEach:
		g.shedShare(ctx, client, ShedClientAnswers)
		return &fault.Error{Code: fault.Unavailable, Message: "your address has not yet taken its earlier answers: take them, then try again"}
	case share.OfAll:
		g.shed.WithLabelValues(ShedAnswers).Inc()
		return &fault.Error{Code: fault.Unavailable, Message: "too many long answers at once: try again"}
	case share.Within:
	}
	http1.ExchangeOf(c).OnSent(func() { g.answers.Give(client, size) })
	return nil
}

// shedShare counts what is refused because a client holds its share. The log names one
// client a second, so that they do not fill it.
func (g *Guard) shedShare(ctx context.Context, client netip.Prefix, reason string) {
	g.shed.WithLabelValues(reason).Inc()
	g.shareLogs.Do(func() {
		g.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "a client holds its share",
			slog.String("client", client.String()), slog.String("limit", reason))
	})
}
