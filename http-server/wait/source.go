package wait

import (
	"context"
	"math/rand/v2"
	"time"

	"example.com/im/idl/gen/im"
)

const (
	// watchInterval is the least time between two calls of one rpc-server for news. So
	// a busy system takes 200 of them a second.
	watchInterval = 5 * time.Millisecond
	// A source that has failed is asked again after about firstBackoff. Each further
	// failure doubles the pause, up to longestBackoff.
	firstBackoff, longestBackoff = 50 * time.Millisecond, time.Second
)

// source is an rpc-server that tells news.
type source struct {
	*sources
	address string
	stop    context.CancelFunc
	works   bool // it answered the latest call; under the mu of sources

	epoch, position int64 // up to where its news is known
}

// run asks the source for news while readers wait, until ctx is done.
func (s *source) run(ctx context.Context) {
	failures := 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.room.somebody():
		}
		begin := time.Now()
		err := s.ask(ctx)
		if ctx.Err() != nil {
			return
		}
		if s.note(s, err); err == nil {
			failures = 0
		} else {
			failures++
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pauseAfter(failures, begin)):
		}
	}
}

// ask waits for news and passes it on. A new source tells first that news was lost, and
// so does an instance that was started again.
func (s *source) ask(ctx context.Context) error {
	others := s.finds(s.address)
	news, err := s.watch(ctx, s.address, &im.WatchRequest{
		Epoch: s.epoch, Position: s.position, Others: &others,
	})
	if err != nil {
		return err
	}
	s.epoch, s.position = news.GetEpoch(), news.GetPosition()
	s.room.take(news, s.grace())
	return nil
}

// pauseAfter returns how long to wait after a call that began at begin, and so many
// failures in a row. The time after a failure is random, so that not all gateways come
// back at once.
func pauseAfter(failures int, begin time.Time) time.Duration {
	if failures == 0 {
		return watchInterval - time.Since(begin)
	}
	longest := min(firstBackoff<<min(failures-1, 10), longestBackoff)
	return longest/2 + rand.N(longest/2)
}
