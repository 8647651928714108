package wait

import "slices"

// maxIntervals bounds what is known of a lane. The oldest intervals are forgotten first:
// they then seem not to be accounted for, and wake readers for nothing.
const maxIntervals = 32

// interval is the part of a lane's time that is later than after and not later than
// upto. Both are in microseconds since 1970.
type interval struct{ after, upto int64 }

// intervals are the parts of a lane's time that are accounted for, in order and apart
// from each other: the readers concerned by commits in them have been woken.
type intervals []interval

// has reports whether all of i is in one of them.
func (is intervals) has(i interval) bool {
	return slices.ContainsFunc(is, func(known interval) bool { return known.after <= i.after && i.upto <= known.upto })
}

// add returns is with a further part. Parts that meet become one.
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
