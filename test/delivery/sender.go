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
	noopShare    = 10 // of the changes of a group: one that changes nothing
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
	changes bool // its messages are changes of a group
	members int  // in the group, by the latest answer to one
}

// newSender returns who sends messages to a chat.
func (t *Traffic) newSender(h *history, stream int, pause func() time.Duration) *sender {
	return &sender{traffic: t, chat: h, rand: t.rand(stream), last: none, pause: pause}
}

// newChanger returns who changes a group. A change is a message like any other.
func (t *Traffic) newChanger(h *history, stream int, pause func() time.Duration) *sender {
	s := t.newSender(h, stream, pause)
	s.changes = true
	return s
}

// begin numbers a new message.
func (s *sender) begin() (number int) {
	if s.changes {
		return s.chat.beginChange(s.traffic.now(), s.rand)
	}
	return s.chat.begin(s.traffic.now())
}

// run sends messages until the traffic stops. Then it still settles what has
// become of the last one.
func (s *sender) run(ctx context.Context) {
	for s.changes && !s.chat.isMade() && s.traffic.goesOn() && ctx.Err() == nil {
		s.send(ctx, true)
	}
	_ = await(ctx, func() bool { return s.chat.isMade() || !s.traffic.goesOn() })
	for s.chat.isMade() && s.traffic.goesOn() {
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
	case die >= 100-noopShare && s.changes:
		s.changeNothing(ctx)
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
	n := s.begin()
	key := ""
	if keyed {
		key = s.key(n)
	}
	for open := false; ctx.Err() == nil; s.traffic.pauseBeforeRetry(ctx) {
		sendTime, err := s.try(ctx, n, key)
		switch {
		case err == nil:
			if s.chat.acknowledge(n, sendTime, s.traffic.now()); !open { // else the count may be a later one
				s.chat.count(n, s.members)
			}
			if keyed {
				s.last = n
			}
			return
		case errors.Is(err, errRefused):
			if !open && s.rand.IntN(100) < giveUpShare {
				s.chat.refuse(n, s.traffic.now())
				return
			}
		case errors.Is(err, errForbidden) && !open:
			s.chat.forbid(n, s.traffic.now())
			return
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
	n := s.begin()
	s.chat.refuse(n, s.traffic.now())
	if sendTime, err := s.try(ctx, n, s.key(s.last)); err == nil {
		s.chat.anomalies.add(UnexpectedAnswer, "%s: message %d, with the key of message %d, was acknowledged at %d",
			s.chat.chat, n, s.last, sendTime)
	}
}

// try makes one request. It tells of errors, but for that of a key that was used
// by another message than this. Who comes and goes may also be refused by a group.
func (s *sender) try(ctx context.Context, number int, key string) (int64, error) {
	began := s.traffic.now()
	call, sendTime, err := s.request(ctx, number, key)
	expected := errors.Is(err, errKeyReused) && key != s.key(number) || errors.Is(err, errForbidden) && s.chat.isGroup()
	if expected {
		s.traffic.ended(ctx, call, began, nil)
	} else {
		s.traffic.ended(ctx, call, began, err)
	}
	return sendTime, err
}

// request makes the request of a message, or of a change.
func (s *sender) request(ctx context.Context, number int, key string) (call string, sendTime int64, err error) {
	c := s.chat.changeAt(number)
	if c == nil {
		sendTime, err = s.traffic.client.send(ctx, s.chat.message(number), key)
		return "send", sendTime, err
	}
	sendTime, members, err := s.traffic.client.changeMembers(ctx, s.chat.chat, c, key)
	s.members = members
	return "members", sendTime, err
}
