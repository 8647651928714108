package delivery

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// What a sender does, in percent; else it sends a new message with a key.
const (
	keylessShare = 25 // a new message without a key
	repeatShare  = 5  // a message again that was acknowledged, with its key
	reuseShare   = 2  // another message with a key that was used
	giveUpShare  = 20 // of the refused sends: not tried again
)

// retryDelay is between two tries of a request that was refused, or failed.
const retryDelay = 50 * time.Millisecond

// none is the number of no message.
const none = -1

// A sender sends messages to a chat, one after the other.
type sender struct {
	traffic *Traffic
	chat    *history
	rand    *rand.Rand
	last    int // its latest message with a key that was acknowledged
	pause   func() time.Duration
}

// run sends messages until the traffic stops. Then it still settles what has
// become of the last one.
func (s *sender) run(ctx context.Context) {
	for s.traffic.goesOn() {
		s.act(ctx)
		if !s.traffic.wait(ctx, s.pause()) {
			return
		}
	}
}

// act does one of the things that a sender does.
func (s *sender) act(ctx context.Context) {
	switch die := s.rand.IntN(100); {
	case die < keylessShare:
		s.send(ctx, false)
	case die < keylessShare+repeatShare && s.last != none:
		s.repeat(ctx)
	case die < keylessShare+repeatShare+reuseShare && s.last != none:
		s.reuse(ctx)
	default:
		s.send(ctx, true)
	}
}

// key returns the key of a message.
func (s *sender) key(number int) string { return fmt.Sprintf("key-of-%d", number) }

// send sends a new message. What was refused is tried again, or given up for
// good; one whose outcome is not known is tried again if it has a key, until that
// is known.
func (s *sender) send(ctx context.Context, keyed bool) {
	n := s.chat.begin(s.traffic.now())
	key := ""
	if keyed {
		key = s.key(n)
	}
	for open := false; ctx.Err() == nil; s.traffic.pauseBeforeRetry(ctx) {
		sendTime, err := s.try(ctx, n, key)
		switch {
		case err == nil:
			s.chat.acknowledge(n, sendTime, s.traffic.now())
			if keyed {
				s.last = n
			}
			return
		case errors.Is(err, errRefused):
			if !open && s.rand.IntN(100) < giveUpShare {
				s.chat.refuse(n, s.traffic.now())
				return
			}
		case errors.Is(err, errUnknown) && keyed:
			open = true
		default:
			return
		}
	}
}

// repeat sends a message again that was acknowledged, with its key: it must be
// answered as before.
func (s *sender) repeat(ctx context.Context) {
	if sendTime, err := s.try(ctx, s.last, s.key(s.last)); err == nil {
		s.chat.acknowledge(s.last, sendTime, s.traffic.now())
		s.traffic.replayed.Add(1)
	}
}

// reuse sends a new message with the key of an older one: it must not be stored.
func (s *sender) reuse(ctx context.Context) {
	n := s.chat.begin(s.traffic.now())
	s.chat.refuse(n, s.traffic.now())
	if sendTime, err := s.try(ctx, n, s.key(s.last)); err == nil {
		s.chat.anomalies.add(UnexpectedAnswer, "%s: message %d, with the key of message %d, was acknowledged at %d",
			s.chat.chat, n, s.last, sendTime)
	}
}

// try makes one request. It tells of errors, but for that of a key that was used
// by another message than this.
func (s *sender) try(ctx context.Context, number int, key string) (int64, error) {
	began := s.traffic.now()
	sendTime, err := s.traffic.client.send(ctx, s.chat.message(number), key)
	if errors.Is(err, errKeyReused) && key != s.key(number) {
		return 0, err
	}
	s.traffic.ended(ctx, "send", began, err)
	return sendTime, err
}
