package news

import (
	"slices"

	"example.com/im/idl/chat"
)

const (
	// ringSize is how many entries are kept: at 20,000 messages a second, those of
	// some 0.8 s. Who watches comes back within milliseconds.
	ringSize = 16_384
	// answerSize is from how many entries at most an answer is made.
	answerSize = 4_096
)

// entry is a piece of news: that a chat has got a message, or a span.
type entry struct {
	chat chat.Name // "": it is a span
	span Span
	own  bool // the span is of this instance's commits
}

// ring holds the latest entries, numbered by position.
type ring struct {
	epoch   int64   // of this run, never 0
	entries []entry // that at position p has the index p % ringSize
	end     int64   // the position of the next
}

func (r *ring) add(e entry) {
	if len(r.entries) < ringSize {
		r.entries = append(r.entries, e)
	} else {
		r.entries[r.end%ringSize] = e
	}
	r.end++
}

// Answer is what happened since a place.
type Answer struct {
	Place              // where to go on
	Lost   bool        // what happened since is not all known
	Chats  []chat.Name // that have got messages by commits of this instance, each once
	Own    []Span      // what these commits were
	Others []Span      // moved by others
}

// empty reports whether nothing happened.
func (a Answer) empty() bool {
	return !a.Lost && len(a.Chats) == 0 && len(a.Own) == 0 && len(a.Others) == 0
}

// since returns what happened since, or the first part of that.
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
			a.Own = extend(a.Own, e.span)
		case e.chat == "":
			a.Others = extend(a.Others, e.span)
		case !told[e.chat]:
			told[e.chat] = true
			a.Chats = append(a.Chats, e.chat)
		}
	}
	return a
}

// extend appends a span, or makes the lane's latest longer if it goes on from there.
func extend(spans []Span, s Span) []Span {
	for i, before := range slices.Backward(spans) {
		if before.Lane != s.Lane {
			continue
		}
		if before.Upto == s.After {
			spans[i].Upto = s.Upto
			return spans
		}
		break
	}
	return append(spans, s)
}
