package store

import (
	"cmp"
	"slices"

	"example.com/im/idl/chat"
)

const (
	// maxEvents is about how many messages a page looks at, of which it takes those that
	// come first.
	maxEvents = 4_096
	// fewestEvents is how many of each chat it looks at in any case.
	fewestEvents = 8
	// maxReads is how many moves of marks a page has, and a few more.
	maxReads = 1_000
	// marksAtOnce is how many moves of marks in one chat a page looks at. Those of one
	// commit have the same time, and a page has all of these or none: a commit has fewer.
	marksAtOnce = MaxBatch + 88
)

// An event is a message, or the move of a mark.
type event struct {
	chat chat.Name
	at   int64
	mark *ReadMark // nil: a message
}

// A syncPage is a page of a sync in the making.
type syncPage struct {
	*snapshot
	query    SyncQuery
	next     Lanes
	events   []event // in the order of lanes, and of time within a lane
	messages int     // among them
	reads    int
	full     bool // no more events are taken
	more     bool // there is one that was not taken
}

// walk takes events, lane by lane, until the page is full and it is known whether there
// are more.
func (p *syncPage) walk() error {
	byLane, end, err := p.newChats()
	if err != nil {
		return err
	}
	var windows []window
	var lanes []int
	for lane := range end {
		if p.lanes[lane] <= p.query.After[lane] {
			continue
		}
		own, err := p.windows(byLane[lane])
		if err != nil {
			return err
		}
		if len(windows)+len(own) > chunk {
			if err := p.take(lanes, windows); err != nil || p.more {
				return err
			}
			lanes, windows = nil, nil
		}
		lanes, windows = append(lanes, lane), append(windows, own...)
	}
	if err := p.take(lanes, windows); err != nil {
		return err
	}
	p.more = p.more || end < chat.Lanes
	return nil
}

// take looks at the events of some lanes, and takes those for which the page has room.
func (p *syncPage) take(lanes []int, windows []window) error {
	found, known, err := p.look(windows)
	if err != nil {
		return err
	}
	for _, lane := range lanes {
		if p.full && len(found[lane]) > 0 {
			p.more = true
			return nil
		}
		if p.full {
			continue
		}
		p.takeLane(lane, found[lane], known[lane])
	}
	return nil
}

// takeLane takes the events of a lane, which are all that there are up to known.
func (p *syncPage) takeLane(lane int, found []event, known int64) {
	slices.SortStableFunc(found, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	for i, e := range found {
		room := p.messages < p.query.Limit
		if e.mark != nil {
			room = p.reads < maxReads || i > 0 && found[i-1].at == e.at
		}
		if e.at > known || !room {
			p.next[lane], p.full, p.more = min(known, e.at-1), true, true
			return
		}
		if e.mark != nil {
			p.reads++
		} else {
			p.messages++
		}
		p.events = append(p.events, e)
	}
	p.next[lane] = known
	if known < p.lanes[lane] {
		p.full, p.more = true, true
	}
}

// sync reads the messages that the page has taken. It ends the page before its texts
// pass [chat.MaxPageBytes].
func (p *syncPage) sync() (Sync, error) {
	page, bytes := Sync{}, 0
	for part := range slices.Chunk(p.events, chunk) {
		var places []Place
		for _, e := range part {
			if e.mark == nil {
				places = append(places, Place{e.at, e.chat})
			}
		}
		messages := map[Place]Message{}
		if len(places) > 0 {
			var err error
			if messages, err = p.messagesAt(places, 0); err != nil {
				return page, err
			}
		}
		for _, e := range part {
			if e.mark != nil {
				page.Reads = append(page.Reads, *e.mark)
				continue
			}
			m := messages[Place{e.at, e.chat}]
			if bytes += len(m.Text); bytes > chat.MaxPageBytes {
				p.endBefore(e)
				page.HasMore, page.Next = true, p.next
				return page, nil
			}
			page.Messages = append(page.Messages, m)
		}
	}
	page.HasMore, page.Next = p.more, p.next
	return page, nil
}

// endBefore sets where the next page goes on, if this one ends before an event.
func (p *syncPage) endBefore(e event) {
	lane := e.chat.Lane()
	p.next[lane] = e.at - 1
	copy(p.next[lane+1:], p.query.After[lane+1:])
}
