package wait

import "slices"

// maxIntervals bounds what is known of a lane. The oldest go first: what then seems not
// to be accounted for wakes readers for nothing.
const maxIntervals = 32

// interval is a part of a lane's time: later than after, and not later than upto.
type interval struct{ after, upto int64 }

// intervals are the parts of a lane's time of which it is known who has written in
// them, in order and apart from each other.
type intervals []interval

// has reports whether all of i is in one of them.
func (is intervals) has(i interval) bool {
	return slices.ContainsFunc(is, func(known interval) bool { return known.after <= i.after && i.upto <= known.upto })
}

// add takes in a further part, and joins those that meet.
func (is intervals) add(i interval) intervals {
	first, _ := slices.BinarySearchFunc(is, i.after, func(known interval, after int64) int {
		if known.upto < after {
			return -1
		}
		return 1
	})
	last := first
	for last < len(is) && is[last].after <= i.upto {
		i.after, i.upto = min(i.after, is[last].after), max(i.upto, is[last].upto)
		last++
	}
	is = slices.Replace(is, first, last, i)
	return is[max(0, len(is)-maxIntervals):]
}
