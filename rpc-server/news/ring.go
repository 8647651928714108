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

// entry is a piece of news: a chat that has got a message, or an interval.
type entry struct {
	chat     chat.Name // "" for an interval
	interval Interval
	own      bool // this instance's commits have moved the lane
}

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
	Own    []Interval  // moved by these commits
	Others []Interval  // moved by others
}

// empty reports whether nothing has happened.
func (a Answer) empty() bool {
	return !a.Lost && len(a.Chats) == 0 && len(a.Own) == 0 && len(a.Others) == 0
}

// since returns what has happened since a place, or the first part of that.
func (r *ring) since(place Place) Answer {
	if place.Epoch != r.epoch || place.Position > r.end || place.Position < r.end-int64(len(r.entries)) {
		return Answer{Place: Place{r.epoch, r.end}, Lost: true}
	}
	end := min(r.end, place.Position+answerSize)
	a := Answer{Place: Place{r.epoch, end}}
	told := make(map[chat.Name]bool)
	for p := place.Position; p < end; p++ {
		switch e := r.entries[p%ringSize]; {
		case e.chat == "" && e.own:
			a.Own = extend(a.Own, e.interval)
		case e.chat == "":
			a.Others = extend(a.Others, e.interval)
		case !told[e.chat]:
			told[e.chat] = true
			a.Chats = append(a.Chats, e.chat)
		}
	}
	return a
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
