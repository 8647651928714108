package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// A mark is what somebody was told about up to where a member has read a chat: who asked
// to move it there, or who looked.
type mark struct {
	began, ended time.Duration
	asked        int64 // where to move it; 0: nowhere
	known        int64 // the latest message acknowledged before
	value        int64 // where it stands, if the outcome is acknowledged
	outcome      outcome
	forbidden    bool
}

// addMark takes in what was told.
func (h *history) addMark(member string, m mark) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.marks[member] = append(h.marks[member], m)
}

// markRead moves a mark. It does not repeat a call that fails.
func (t *Traffic) markRead(ctx context.Context, h *history, member string, upTo int64) {
	m := mark{began: t.now(), asked: upTo, known: h.latest.Load()}
	type where struct {
		Chat     string `json:"chat"`
		Member   string `json:"member"`
		SendTime int64  `json:"send_time"`
	}
	var answer where
	err := t.client.post(ctx, "/api/read", where{h.chat, member, upTo}, "", &answer)
	if err == nil && (answer.Chat != h.chat || answer.Member != member || answer.SendTime <= 0) {
		err = fmt.Errorf("%w: a mark of %s in %s is answered with %+v", errUnexpected, member, h.chat, answer)
	}
	m.ended, m.value = t.now(), answer.SendTime
	switch {
	case err == nil:
		m.outcome = acknowledged
	case errors.Is(err, errForbidden) && h.isGroup():
		m.outcome, m.forbidden, err = refused, true, nil
	case errors.Is(err, errRefused):
		m.outcome = refused
	}
	h.addMark(member, m)
	t.ended(ctx, "read", m.began, err)
}

// marked returns how many calls that move marks were acknowledged.
func (h *history) marked() (n int) {
	for _, marks := range h.marks {
		for _, m := range marks {
			if m.asked > 0 && m.outcome == acknowledged {
				n++
			}
		}
	}
	return n
}

// checkMarks checks what was told about the marks of each member.
func (r *record) checkMarks() {
	for member, marks := range r.marks {
		r.checkAnswers(member, marks)
		r.checkNeverBack(member, marks)
		r.checkAsked(member, marks)
	}
	r.checkNotAhead()
}

// checkAnswers checks that a mark moves to where it is asked to, or to the present.
func (r *record) checkAnswers(member string, marks []mark) {
	for _, m := range marks {
		if m.outcome == acknowledged && m.value < min(m.asked, m.known) {
			r.anomalies.add(ReadBack, "%s: the mark of %q, asked to move to %d, when %d was known, stands at %d",
				r.chat, member, m.asked, m.known, m.value)
		}
	}
}

// checkNeverBack checks that nobody is told of a mark below one that somebody was told of
// before.
func (r *record) checkNeverBack(member string, marks []mark) {
	told := slices.DeleteFunc(slices.Clone(marks), func(m mark) bool { return m.outcome != acknowledged })
	byEnd := slices.Clone(told)
	slices.SortFunc(byEnd, func(a, b mark) int { return cmp.Compare(a.ended, b.ended) })
	slices.SortFunc(told, func(a, b mark) int { return cmp.Compare(a.began, b.began) })
	next, highest := 0, int64(0)
	for _, m := range told {
		for ; next < len(byEnd) && byEnd[next].ended <= m.began; next++ {
			highest = max(highest, byEnd[next].value)
		}
		if m.value < highest {
			r.anomalies.add(ReadBack, "%s: the mark of %q stands at %d, after %d", r.chat, member, m.value, highest)
		}
	}
}

// checkAsked checks that no mark stands where nobody has asked to move it.
func (r *record) checkAsked(member string, marks []mark) {
	asked := slices.DeleteFunc(slices.Clone(marks), func(m mark) bool { return m.asked == 0 })
	slices.SortFunc(asked, func(a, b mark) int { return cmp.Compare(a.began, b.began) })
	told := slices.Clone(marks)
	slices.SortFunc(told, func(a, b mark) int { return cmp.Compare(a.ended, b.ended) })
	next, highest := 0, int64(0)
	for _, m := range told {
		for ; next < len(asked) && asked[next].began <= m.ended; next++ {
			highest = max(highest, asked[next].asked)
		}
		if m.outcome == acknowledged && m.value > highest {
			r.anomalies.add(Phantom, "%s: the mark of %q stands at %d, though nobody has moved it beyond %d", r.chat, member, m.value, highest)
		}
	}
}

// movedSince returns since when the mark of a member can have stood at a send_time: when the
// first call began that asks for it, or for a later one.
func (r *record) movedSince(member string, sendTime int64) time.Duration {
	calls, known := r.calls[member]
	if !known {
		calls = slices.DeleteFunc(slices.Clone(r.marks[member]), func(m mark) bool { return m.asked == 0 })
		slices.SortFunc(calls, func(a, b mark) int { return cmp.Compare(a.asked, b.asked) })
		for i := len(calls) - 2; i >= 0; i-- {
			calls[i].began = min(calls[i].began, calls[i+1].began)
		}
		r.calls[member] = calls
	}
	i, _ := slices.BinarySearchFunc(calls, sendTime, func(m mark, sendTime int64) int { return cmp.Compare(m.asked, sendTime) })
	if i == len(calls) {
		return math.MaxInt64 // nobody did
	}
	return calls[i].began
}

// checkNotAhead checks that no message that began after somebody was told of a mark is
// below it: a time beyond the present counts as the present.
func (r *record) checkNotAhead() {
	var told []mark
	for _, marks := range r.marks {
		told = append(told, slices.DeleteFunc(slices.Clone(marks), func(m mark) bool { return m.outcome != acknowledged })...)
	}
	slices.SortFunc(told, func(a, b mark) int { return cmp.Compare(a.ended, b.ended) })
	log := slices.Clone(r.log)
	slices.SortFunc(log, func(a, b entry) int { return cmp.Compare(r.sends[a.number].began, r.sends[b.number].began) })
	next, highest := 0, int64(math.MinInt64)
	for _, e := range log {
		for began := r.sends[e.number].began; next < len(told) && told[next].ended <= began; next++ {
			highest = max(highest, told[next].value)
		}
		if e.sendTime <= highest {
			r.anomalies.add(RealtimeOrder, "%s: message %d, stored at %d, began after somebody had read up to %d", r.chat, e.number, e.sendTime, highest)
		}
	}
}
