package sequencer

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"example.com/im/rpc-server/store"
)

// commit stores the batch and answers its callers.
//
// A conflict left nothing stored, so commit tries the batch again while a caller waits
// for it. After a COMMIT whose answer was lost it tries the keyed sends again: their
// keys tell whether they are stored. Any other error of a statement may be the fault of
// one message. So commit halves the batch until that message is alone with its error.
func (s *Sequencer) commit(batch []*pending) {
	for tries := 0; len(batch) > 0; tries++ {
		err := s.try(batch)
		switch {
		case err == nil:
			s.told = ""
			answer(batch, nil)
			return
		case errors.Is(err, store.ErrConflict):
			<-time.After(backoff(tries))
			batch = stillWaited(batch)
		case errors.Is(err, store.ErrUnknown):
			s.warn("the outcome of a batch is not known", len(batch), err)
			batch = answerKeyless(batch, err)
			<-time.After(backoff(tries))
			batch = stillWaited(batch)
		case errors.Is(err, store.ErrUnavailable):
			s.warn("batch not stored", len(batch), err)
			answer(batch, err)
			return
		case len(batch) == 1:
			s.cfg.Log.Error("message not stored", "chat", batch[0].message.Chat, "err", err)
			answer(batch, err)
			return
		default:
			s.cfg.Log.Warn("batch not stored, halving it", "sends", len(batch), "err", err)
			half := len(batch) / 2
			s.commit(batch[:half:half])
			s.commit(stillWaited(batch[half:]))
			return
		}
	}
}

// warn logs that a batch has failed in an outage. It logs the first one, and again when
// the reason changes, at most once a second.
func (s *Sequencer) warn(what string, sends int, err error) {
	if reason := err.Error(); reason != s.told {
		s.warnings.Do(func() {
			s.told = reason
			s.cfg.Log.Warn(what, "sends", sends, "err", err)
		})
	}
}

// try runs one commit.
func (s *Sequencer) try(batch []*pending) error {
	sends := make([]*store.Send, len(batch))
	for i, p := range batch {
		sends[i] = p.message
	}
	s.cfg.Begin(sends)
	begin := time.Now()
	err := s.store.Commit(sends, s.cfg.Now)
	latest := slices.MaxFunc(sends, func(a, b *store.Send) int { return cmp.Compare(a.SendTime, b.SendTime) })
	s.cfg.End(Commit{
		Sends: sends,
		Took:  time.Since(begin),
		Ahead: max(0, time.UnixMicro(latest.SendTime).Sub(s.cfg.Now())),
		Err:   err,
	})
	return err
}

// answer tells each caller what has become of its message. If the outcome of an earlier
// try is not known, the failure of a later one does not say that the message is not
// stored.
func answer(batch []*pending, err error) {
	for _, p := range batch {
		switch {
		case err != nil && p.unknown:
			p.done <- fmt.Errorf("%w: %w", store.ErrUnknown, err)
		case err == nil:
			p.done <- p.message.Refusal()
		default:
			p.done <- err
		}
	}
}

// answerKeyless answers the sends without a key, and returns the others.
func answerKeyless(batch []*pending, err error) (keyed []*pending) {
	for _, p := range batch {
		if p.message.Key == "" {
			p.done <- err
			continue
		}
		p.unknown = true
		keyed = append(keyed, p)
	}
	return keyed
}

// stillWaited returns the sends of batch whose callers have not given up.
func stillWaited(batch []*pending) []*pending {
	return slices.DeleteFunc(batch, func(p *pending) bool { return p.state.Load() == left })
}

// backoff returns how long to wait after so many conflicts. The time is random, so that
// two instances do not meet again, and grows to 20 ms.
func backoff(conflicts int) time.Duration {
	return rand.N(min(time.Millisecond<<min(conflicts, 10), 20*time.Millisecond))
}
