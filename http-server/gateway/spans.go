package gateway

import "slices"

// maxSpans bounds what is known of a lane. The oldest go first: what then seems not
// to be accounted for wakes readers for nothing.
const maxSpans = 32

// span is a part of a lane's time: later than after, and not later than upto.
type span struct{ after, upto int64 }

// spans are the parts of a lane's time of which it is known who has written in
// them, in order and apart from each other.
type spans []span

// has reports whether all of s is in one of them.
func (ss spans) has(s span) bool {
	return slices.ContainsFunc(ss, func(known span) bool { return known.after <= s.after && s.upto <= known.upto })
}

// add takes in a further part, and joins those that meet.
func (ss spans) add(s span) spans {
	first, _ := slices.BinarySearchFunc(ss, s.after, func(known span, after int64) int {
		if known.upto < after {
			return -1
		}
		return 1
	})
	last := first
	for last < len(ss) && ss[last].after <= s.upto {
		s.after, s.upto = min(s.after, ss[last].after), max(s.upto, ss[last].upto)
		last++
	}
	ss = slices.Replace(ss, first, last, s)
	return ss[max(0, len(ss)-maxSpans):]
}
