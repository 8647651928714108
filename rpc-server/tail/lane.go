package tail

import (
	"container/list"
	"context"
	"math"
	"sync"
	"time"

	"example.com/im/idl/chat"
	"example.com/im/rpc-server/store"
)

// commitTime is for how long a pull waits for a commit of this instance that the lane
// read may show before the sequencer knows its outcome: the database's answer is on its
// way. After that time the pull reads the index, which is as right. So a commit that
// hangs holds up no pull for longer.
const commitTime = 20 * time.Millisecond

// A lane is the memory of one lane's chats.
//
// Each entry holds every message of its chat from its floor up to complete, and up to
// its own newest message if that is later. complete is a value that the lane has had in
// the database, so nothing will ever be added below it. It moves on in two ways alone.
// A commit of this instance that begins at complete moves it over its messages, and
// adds them to the entries at the same moment. Or a lane read moves it to what it
// shows, and then nothing of the lane is kept.
type lane struct {
	mu       sync.Mutex
	complete int64         // a send_time; 0 before anything is known
	inFlight int           // commits of this instance in flight
	ended    chan struct{} // closed when one of them ends; nil if nobody waits
	chats    map[chat.Name]*entry
	recent   list.List // the entries, the most recently used in front
	counts   *counts
}

func (l *lane) init(c *counts) {
	l.chats = make(map[chat.Name]*entry)
	l.counts = c
}

// entry returns the entry of a chat. If made, the entry is new and the caller loads it.
func (l *lane) entry(name chat.Name) (e *entry, made bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.chats[name]; e != nil {
		e.used = l.counts.pulls.Add(1)
		l.recent.MoveToFront(e.place)
		return e, false
	}
	e = newEntry(name)
	e.used = l.counts.pulls.Add(1)
	e.place = l.recent.PushFront(e)
	l.chats[name] = e
	l.counts.grow(1, e.bytes)
	return e, true
}

// fill fills e with the newest page of its chat, and answers q if e covers it.
func (l *lane) fill(e *entry, newest store.Page, q store.Query) (page store.Page, covered bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := e.bytes
	e.fill(newest)
	if l.chats[e.chat] == e {
		l.counts.grow(0, e.bytes-before)
	}
	return e.page(q)
}

// loaded ends the wait for e to be loaded. If the load has failed, those who waited
// read the index.
func (l *lane) loaded(e *entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !e.readable {
		l.drop(e)
	}
	close(e.loaded)
}

// covers reports whether e can answer q once a lane read has proved it fresh.
func (l *lane) covers(e *entry, q store.Query) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := e.find(q)
	return ok && l.chats[e.chat] == e
}

// page answers q from e, if e is still kept and covers it.
func (l *lane) page(e *entry, q store.Query) (page store.Page, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.chats[e.chat] != e {
		return store.Page{}, false
	}
	return e.page(q)
}

// current reports whether memory has the lane up to seen, which a lane read has shown.
// A commit of this instance may be why memory has less: the database knows its outcome
// first. If it is not, the lane is forgotten.
func (l *lane) current(ctx context.Context, seen int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if seen <= l.complete {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, commitTime)
	defer cancel()
	for seen > l.complete && l.inFlight > 0 && ctx.Err() == nil {
		l.awaitEnd(ctx)
	}
	return l.upTo(seen)
}

// awaitEnd waits, without the lock, until a commit ends or ctx is done.
func (l *lane) awaitEnd(ctx context.Context) {
	if l.ended == nil {
		l.ended = make(chan struct{})
	}
	ended := l.ended
	l.mu.Unlock()
	defer l.mu.Lock()
	select {
	case <-ended:
	case <-ctx.Done():
	}
}

// learn takes in a value that the lane has in the database.
func (l *lane) learn(seen int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.upTo(seen)
}

// upTo reports whether memory has the lane up to seen. If not, it forgets the lane,
// unless a commit of this instance that is in flight may have moved the lane there.
func (l *lane) upTo(seen int64) bool {
	if seen <= l.complete {
		return true
	}
	if l.inFlight == 0 {
		l.forget()
		l.complete = seen
	}
	return false
}

// oldest returns the last use of the entry that has been unused for the longest time.
func (l *lane) oldest() (used uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.last(); e != nil {
		return e.used
	}
	return math.MaxUint64
}

// evict drops the entry that has been unused for the longest time.
func (l *lane) evict() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.last(); e != nil {
		l.drop(e)
	}
}

func (l *lane) last() *entry {
	if place := l.recent.Back(); place != nil {
		return place.Value.(*entry)
	}
	return nil
}

// forget drops all entries.
func (l *lane) forget() {
	if len(l.chats) > 0 {
		l.counts.forgotten.Add(1)
	}
	for _, e := range l.chats {
		l.drop(e)
	}
}

// drop takes e out of the lane, if it is in it. A pull that already holds e may still
// read its page, but no other pull finds e, and no commit adds to it.
func (l *lane) drop(e *entry) {
	if l.chats[e.chat] != e {
		return
	}
	delete(l.chats, e.chat)
	l.recent.Remove(e.place)
	l.counts.grow(-1, -e.bytes)
}
