package gateway

import (
	"net/url"
	"time"

	"github.com/cloudwego/hertz/pkg/app"

	"example.com/im/http-server/fault"
	"example.com/im/http-server/http1"
	"example.com/im/http-server/param"
	"example.com/im/http-server/request"
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
// and was not woken: an empty page is the answer. The error may be that of its latest look.
func (s *Server) letIn(c *app.RequestContext, longest time.Duration, enter func(longest time.Duration) (*wait.Reader, error)) (reader *wait.Reader, over bool, err error) {
	exchange := http1.ExchangeOf(c)
	if reader, ok := exchange.Guest().(*wait.Reader); ok {
		if reader.MayLook() {
			return reader, false, nil
		}
		return reader, true, reader.Failure()
	}
	longest = request.CallerOf(c).Patience(longest)
	if longest == 0 || s.draining.Load() {
		return nil, false, nil
	}
	if reader, err = enter(longest); err == nil {
		exchange.LetIn(reader)
	}
	return reader, false, err
}

// waitsOn reports whether a reader that has looked waits on: it has found nothing, or its
// look has failed and may soon succeed. The reader is nil if its request is not to wait.
func waitsOn(reader *wait.Reader, found bool, err error) bool {
	switch {
	case reader == nil:
		return false
	case err == nil:
		return !found && reader.Nothing()
	}
	code := fault.Of(err).Code
	return (code == fault.Unavailable || code == fault.Timeout) && reader.Failed(err)
}

// park makes a request wait, which then comes back with this query.
func (s *Server) park(c *app.RequestContext, query url.Values) {
	http1.ExchangeOf(c).Park(c, request.ComeBack(c, query))
}
