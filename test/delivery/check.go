package delivery

import (
	"math"
	"slices"
	"time"
)

// An entry is a message in a chat.
type entry struct {
	sendTime int64
	number   int
}

// check compares a history with the chat at the end, when nobody sends any more. It
// reads the chat in reverse and then forward.
func (h *history) check(reverse, forward []entry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.checkScans(reverse, forward)
	if read, want := h.reads.Load(), h.acks.Load()*int64(h.followers); read < want {
		h.anomalies.add(PollSkip, "%s: the followers have read %d messages; want at least %d", h.chat, read, want)
	}
	h.checkSends(forward)
	h.checkReads(forward)
	h.checkClaims(forward)
	h.checkRealtime()
}

// checkScans checks that the chat reads alike in both directions. After the first scan
// only a message whose outcome is unknown may still come.
func (h *history) checkScans(reverse, forward []entry) {
	slices.Reverse(reverse)
	common := min(len(reverse), len(forward))
	late := slices.ContainsFunc(forward[common:], func(e entry) bool { return h.sends[e.number].outcome != unknown })
	if late || !slices.Equal(forward[:common], reverse) {
		h.anomalies.add(ScanMismatch, "%s: forward %d messages, in reverse %d", h.chat, len(forward), len(reverse))
	}
}

// checkSends checks that each acknowledged message is there, once and at its time, and
// that no refused message is.
func (h *history) checkSends(log []entry) {
	stored := make(map[int]int64, len(log)) // number → send_time
	for _, e := range log {
		if first, ok := stored[e.number]; ok {
			h.anomalies.add(Duplicate, "%s: message %d is stored at %d and at %d", h.chat, e.number, first, e.sendTime)
			continue
		}
		stored[e.number] = e.sendTime
	}
	for n, s := range h.sends {
		sendTime, ok := stored[n]
		switch {
		case s.outcome == acknowledged && !ok:
			h.anomalies.add(LostWrite, "%s: message %d, acknowledged at %d", h.chat, n, s.sendTime)
		case s.outcome == acknowledged && sendTime != s.sendTime:
			h.anomalies.add(InconsistentTime, "%s: message %d, acknowledged at %d, is stored at %d", h.chat, n, s.sendTime, sendTime)
		case s.outcome == refused && ok:
			h.anomalies.add(AbortedRead, "%s: message %d, which was refused, is stored at %d", h.chat, n, sendTime)
		}
	}
}

// checkReads checks that what was read is still there.
func (h *history) checkReads(log []entry) {
	stored := make(map[int64]int, len(log)) // send_time → number
	for _, e := range log {
		stored[e.sendTime] = e.number
	}
	for sendTime, n := range h.read {
		switch now, ok := stored[sendTime]; {
		case !ok:
			h.anomalies.add(Disappeared, "%s: message %d, read at %d", h.chat, n, sendTime)
		case now != n:
			h.anomalies.add(InconsistentTime, "%s: at %d message %d was read, and now %d", h.chat, sendTime, n, now)
		}
	}
}

// checkClaims checks that no page left out a message. (A page that showed more than
// there is has shown a message that disappeared, a phantom, or one message twice.)
func (h *history) checkClaims(log []entry) {
	for _, c := range h.claims {
		if there := before(log, c.to) - before(log, c.from); there > c.messages {
			h.anomalies.add(PollSkip, "%s: a page showed %d messages from %d to %d, where there are %d",
				h.chat, c.messages, c.from, c.to, there)
		}
	}
}

// before returns how many messages of log have a send_time less than sendTime.
func before(log []entry, sendTime int64) int {
	n, _ := slices.BinarySearchFunc(log, sendTime, func(e entry, t int64) int {
		if e.sendTime < t {
			return -1
		}
		return 1
	})
	return n
}

// checkRealtime checks that no send sorts before one that was acknowledged when
// it began.
func (h *history) checkRealtime() {
	var acked []int
	for n, s := range h.sends {
		if s.outcome == acknowledged {
			acked = append(acked, n)
		}
	}
	slices.SortFunc(acked, func(a, b int) int {
		switch at, bt := h.sends[a].sendTime, h.sends[b].sendTime; {
		case at > bt:
			return -1
		case at < bt:
			return 1
		}
		return 0
	})
	earliest := time.Duration(math.MaxInt64) // at which a send was acknowledged that sorts after
	var first int
	for _, n := range acked {
		s := h.sends[n]
		if s.began > earliest {
			h.anomalies.add(RealtimeOrder, "%s: message %d began %v after message %d was acknowledged, and is stored at %d, before %d",
				h.chat, n, s.began-earliest, first, s.sendTime, h.sends[first].sendTime)
		}
		if s.ended < earliest {
			earliest, first = s.ended, n
		}
	}
}
