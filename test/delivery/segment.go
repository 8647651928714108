package delivery

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// A bookmark is what a device stores: a cursor of sync, and up to where the device knows
// each chat by then.
type bookmark struct {
	cursor string
	last   map[*history]int64 // send_time of the latest message
	reads  map[seat]int64     // the latest mark told of each member of each chat
	view   *view              // of the inbox with which the chain has begun; nil: with the oldest message
}

// A seat is a place of a member in a chat.
type seat struct {
	chat   *history
	member string
}

func newBookmark() bookmark {
	return bookmark{last: make(map[*history]int64), reads: make(map[seat]int64)}
}

// clone returns a bookmark that stays as it is.
func (b bookmark) clone() bookmark {
	b.last, b.reads = maps.Clone(b.last), maps.Clone(b.reads)
	return b
}

// A segment is what a device got along a chain of cursors, from a bookmark on.
type segment struct {
	member string
	start  bookmark
	pages  []syncPage
	ends   []int // the pages without more
	got    map[*history][]receipt
	told   map[seat][]toldMark
	whole  bool // it ended, after all was sent, with a page without more
}

// A syncPage is what counts of a page of sync.
type syncPage struct {
	began, ended time.Duration
	trouble      time.Duration // when a request last ended before that had failed, or was slow
	waited       bool          // the request was to wait
}

// A receipt is a message that a device got.
type receipt struct {
	sendTime int64
	page     int32
}

// A toldMark is a mark of which a page tells.
type toldMark struct {
	page  int32
	value int64
}

func newSegment(member string, start bookmark) *segment {
	return &segment{member: member, start: start, got: make(map[*history][]receipt), told: make(map[seat][]toldMark)}
}

// underWay returns the number of the page that was under way at a time, or else was asked
// for next.
func (s *segment) underWay(at time.Duration) (page int, ok bool) {
	i, _ := slices.BinarySearchFunc(s.pages, at, func(p syncPage, at time.Duration) int { return cmp.Compare(p.ended, at) })
	return i, i < len(s.pages)
}

// firstEnd returns the first page without more that was asked for at a time or later.
func (s *segment) firstEnd(at time.Duration) (page int, ok bool) {
	i, _ := slices.BinarySearchFunc(s.ends, at, func(page int, at time.Duration) int { return cmp.Compare(s.pages[page].began, at) })
	if i == len(s.ends) {
		return 0, false
	}
	return s.ends[i], true
}
