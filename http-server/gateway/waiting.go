package gateway

import (
	"net/url"
	"time"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/http1"
	"example.com/im/http-server/param"
	"example.com/im/http-server/wait"
)

// maxWaitMs is the longest wait for something new. A reader that asks for more gets this.
const maxWaitMs = 30_000

// readWait returns for how long an empty page is to be held, by default not at all.
func readWait(ps param.Set) (time.Duration, error) {
	ms, err := ps.Int32("wait_ms")
	if err == nil && ms < 0 {
		err = ps.Invalid("wait_ms", "must not be negative")
	}
	return time.Duration(min(ms, maxWaitMs)) * time.Millisecond, err
}

// letIn returns the reader of a request: the one that has waited for it, or one that enters
// the room now, or nil if the request is not to wait. It is over if the reader has waited
// and was not woken: an empty page is the answer.
func (s *Server) letIn(c *app.RequestContext, longest time.Duration, enter func(longest time.Duration) (*wait.Reader, error)) (reader *wait.Reader, over bool, err error) {
	exchange := http1.ExchangeOf(c)
	if reader, ok := exchange.Guest().(*wait.Reader); ok {
		return reader, !reader.MayLook(), nil
	}
	longest = callerOf(c).patience(longest)
	if longest == 0 || s.draining.Load() {
		return nil, false, nil
	}
	if reader, err = enter(longest); err == nil {
		exchange.LetIn(reader)
	}
	return reader, false, err
}

// hasWaited reports whether a request comes back from waiting. It passed all checks when it
// came, and has left behind what they look at, such as its Host and its token.
func hasWaited(c *app.RequestContext) bool { return http1.ExchangeOf(c).Guest() != nil }

// park makes the reader of a request wait, which then comes back with this query.
func (s *Server) park(c *app.RequestContext, reader *wait.Reader, query url.Values) {
	reader.Looked()
	if who := callerOf(c); who.asked() {
		query.Set(callerKey, who.member)
	}
	http1.ExchangeOf(c).Park(c, comeBack(c, query))
}
