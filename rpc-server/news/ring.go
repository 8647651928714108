package news

import (
	"slices"

	"example.com/im/idl/chat"
)

const (
	// ringSize is how many pieces of news the ring keeps: at 20,000 messages a second,
	// those of some 0.8 s. A watcher calls again within milliseconds.
	ringSize = 16_384
	// answerSize is how many pieces of news one answer covers at most.
	answerSize = 4_096
)

// entry is a piece of news: a chat that has got a message, or in which somebody has read
// on, a member who has come into a group, or an interval.
type entry struct {
	kind     kind
	chat     chat.Name
	member   string
	interval Interval
}

// A kind is that of a piece of news.
type kind int

const (
	gotMessage  kind = iota // the chat
	readOn                  // in the chat
	came                    // the member
	movedLane               // the interval, by commits of this instance
	othersMoved             // the interval
)

// ring holds the latest entries. Each has a position, which counts up.
type ring struct {
	epoch   int64   // of this run, never 0
	entries []entry // the one at position p has the index p % ringSize
	end     int64   // the position of the next entry
}

func (r *ring) add(e entry) {
	if len(r.entries) < ringSize {
		r.entries = append(r.entries, e)
	} else {
		r.entries[r.end%ringSize] = e
	}
	r.end++
}

// Answer is what has happened since a place.
type Answer struct {
	Place              // where the next call goes on
	Lost   bool        // the ring does not hold all that has happened
	Chats  []chat.Name // that commits of this instance have put messages in, each once
	Read   []chat.Name // in which they have moved read marks, each once
	Added  []string    // members whom they have put into groups, each once
	Own    []Interval  // moved by these commits
	Others []Interval  // moved by others
}

// empty reports whether nothing has happened.
func (a Answer) empty() bool {
	return !a.Lost && len(a.Chats)+len(a.Read)+len(a.Added)+len(a.Own)+len(a.Others) == 0
}

// since returns what has happened since a place, or the first part of that.
func (r *ring) since(place Place) Answer {
	if place.Epoch != r.epoch || place.Position > r.end || place.Position < r.end-int64(len(r.entries)) {
		return Answer{Place: Place{r.epoch, r.end}, Lost: true}
	}
	end := min(r.end, place.Position+answerSize)
	a := Answer{Place: Place{r.epoch, end}}
	told := make(map[entry]bool)
	for p := place.Position; p < end; p++ {
		if e := r.entries[p%ringSize]; !told[e] {
			told[e] = true
			a.add(e)
		}
	}
	return a
}

// add adds a piece of news.
func (a *Answer) add(e entry) {
	switch e.kind {
	case gotMessage:
		a.Chats = append(a.Chats, e.chat)
	case readOn:
		a.Read = append(a.Read, e.chat)
	case came:
		a.Added = append(a.Added, e.member)
	case movedLane:
		a.Own = extend(a.Own, e.interval)
	case othersMoved:
		a.Others = extend(a.Others, e.interval)
	}
}

// extend appends an interval, or makes the lane's latest one longer if it goes on from
// there.
func extend(intervals []Interval, s Interval) []Interval {
	for i, before := range slices.Backward(intervals) {
		if before.Lane != s.Lane {
			continue
		}
		if before.Upto == s.After {
			intervals[i].Upto = s.Upto
			return intervals
		}
		break
	}
	return append(intervals, s)
}
