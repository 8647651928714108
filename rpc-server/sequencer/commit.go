package sequencer

import (
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"example.com/im/rpc-server/store"
)

// commit stores the batch and answers its callers.
//
// A conflict left nothing stored, so the batch is tried again while somebody
// waits for it. Any other error of a statement may be one message's fault, so
// the batch is then halved until that message is alone with its error.
func (s *Sequencer) commit(batch []*send) {
	for conflicts := 0; len(batch) > 0; conflicts++ {
		err := s.try(batch, conflicts)
		switch {
		case err == nil:
			answer(batch, nil)
			return
		case errors.Is(err, store.ErrUnavailable), errors.Is(err, store.ErrUnknown):
			s.o.Log.Warn("batch not acknowledged", "messages", len(batch), "err", err)
			answer(batch, err)
			return
		case errors.Is(err, store.ErrConflict):
			<-time.After(backoff(conflicts))
			batch = stillWaited(batch)
		case len(batch) == 1:
			s.o.Log.Error("message not stored", "chat", batch[0].message.Chat, "err", err)
			answer(batch, err)
			return
		default:
			s.o.Log.Warn("batch not stored, halving it", "messages", len(batch), "err", err)
			half := len(batch) / 2
			s.commit(batch[:half])
			s.commit(batch[half:])
			return
		}
	}
}

// try runs one commit.
func (s *Sequencer) try(batch []*send, conflicts int) error {
	messages := make([]*store.Message, len(batch))
	for i, p := range batch {
		messages[i] = p.message
	}
	begin := time.Now()
	err := s.store.Commit(messages, s.o.Now)
	if s.o.Observe != nil {
		s.o.Observe(Commit{
			Messages:  len(batch),
			Took:      time.Since(begin),
			Conflicts: conflicts,
			Ahead:     time.UnixMicro(messages[len(messages)-1].SendTime).Sub(s.o.Now()),
			Err:       err,
		})
	}
	return err
}

// answer tells each caller what became of its message.
func answer(batch []*send, err error) {
	for _, p := range batch {
		p.done <- err
	}
}

// stillWaited returns the sends of batch whose callers have not given up.
func stillWaited(batch []*send) []*send {
	return slices.DeleteFunc(batch, func(p *send) bool { return p.state.Load() == left })
}

// backoff returns how long to wait after so many conflicts: a random time, so
// that two instances do not meet again, that grows to 20 ms.
func backoff(conflicts int) time.Duration {
	return rand.N(min(time.Millisecond<<min(conflicts, 10), 20*time.Millisecond))
}
