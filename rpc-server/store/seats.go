package store

import (
	"sync"

	"example.com/im/idl/chat"
)

// maxSeats bounds the seats of a lane that a store remembers: to some 30 MB in all.
const maxSeats = 4 * chat.MaxGroupMembers

// A seatMemory remembers who was in which group when the clock of a lane stood where this
// instance has left it. If the clock still stands there once the lane is locked, nobody
// has committed in the lane since, so this is still so. It is safe for concurrent use.
type seatMemory struct {
	mu    sync.Mutex
	lanes [chat.Lanes]laneSeats
}

type laneSeats struct {
	last    int64 // the lane's last send_time
	present map[seat]struct{}
}

// check forgets what is no longer known of the lanes, which are locked.
func (m *seatMemory) check(lanes clocks) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, c := range lanes {
		if m.lanes[id].last != c.last {
			m.lanes[id] = laneSeats{last: c.last}
		}
	}
}

// has reports whether a member is known to be in a group.
func (m *seatMemory) has(at seat) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.lanes[at.chat.Lane()].present[at]
	return ok
}

// learn takes in where a commit has left the lanes, and who is in its groups then.
func (m *seatMemory) learn(lanes clocks, r *roster) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, c := range lanes {
		m.lanes[id].last = c.last
	}
	for at, stay := range r.stays {
		l := &m.lanes[at.chat.Lane()]
		if !stay.present {
			delete(l.present, at)
			continue
		}
		if l.present == nil || len(l.present) >= maxSeats {
			l.present = make(map[seat]struct{})
		}
		l.present[at] = struct{}{}
	}
}
