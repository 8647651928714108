package delivery

import (
	"cmp"
	"slices"
	"time"
)

// lacking stands for the page of a message that a segment has not.
const lacking = -1

// checkSegment checks what a device got of the chat. Each message that the device's member
// has to learn of comes once, in order, and in time; nothing else comes.
func (r *record) checkSegment(s *segment, late time.Duration) {
	got := r.inOrder(s)
	visible := r.visible(s.member)
	expected := visible[r.first(s, visible, got):]
	pages := r.match(s, expected, got)
	if len(s.pages) > 0 {
		r.checkPages(s, expected, pages, late)
		r.checkTold(s)
	}
}

// inOrder returns the messages that the segment got in the order of time, those that it
// got again left out.
func (r *record) inOrder(s *segment) []receipt {
	all, sorted := s.got[r.history], true
	last := s.start.last[r.history]
	for i, m := range all {
		switch {
		case m.sendTime <= s.start.last[r.history]:
			r.anomalies.add(SyncRepeat, "%s: %q gets the message of %d again, after %d", r.chat, s.member, m.sendTime, s.start.last[r.history])
			sorted = false
		case m.sendTime > last:
			last = m.sendTime
		case slices.ContainsFunc(all[:i], func(before receipt) bool { return before.sendTime == m.sendTime }):
			r.anomalies.add(SyncRepeat, "%s: %q gets the message of %d twice", r.chat, s.member, m.sendTime)
			sorted = false
		default:
			r.anomalies.add(NonMonotonicPoll, "%s: %q gets the message of %d after that of %d", r.chat, s.member, m.sendTime, last)
			sorted = false
		}
	}
	if sorted {
		return all
	}
	all = slices.DeleteFunc(slices.Clone(all), func(m receipt) bool { return m.sendTime <= s.start.last[r.history] })
	slices.SortStableFunc(all, func(a, b receipt) int { return cmp.Compare(a.sendTime, b.sendTime) })
	return slices.CompactFunc(all, func(a, b receipt) bool { return a.sendTime == b.sendTime })
}

// first returns from which of the visible messages on the segment has to have all.
//
// A chain that begins with an inbox begins at a moment that is not known for a chat that
// the inbox does not show. In a group it is one at which the member was not there. What was
// acknowledged before the inbox was asked for is before it, and what began after the
// answer is not.
func (r *record) first(s *segment, visible []entry, got []receipt) int {
	last, known := s.start.last[r.history]
	v := s.start.view
	if known || v == nil {
		return before(visible, last+1)
	}
	first := slices.IndexFunc(visible, func(e entry) bool { return r.sends[e.number].began >= v.ended })
	if first < 0 {
		first = len(visible)
	}
	if len(got) == 0 {
		return first
	}
	from := got[0].sendTime
	if stay, is := r.stayAt(s.member, from); is && v.whole {
		from = stay.joined
	}
	for _, e := range visible[before(visible, from):] {
		if sent := r.sends[e.number]; sent.outcome == acknowledged && sent.ended <= v.began {
			r.anomalies.add(SyncRepeat, "%s: %q gets what comes after %d, which was there before the inbox", r.chat, s.member, from)
			break
		}
	}
	return min(first, before(visible, from))
}

// match returns for each expected message the page on which the segment got it. A message
// is lacking if a later one of the chat came, or none can come any more. (Who has sent one
// with an unknown outcome may have done so after the end.)
func (r *record) match(s *segment, expected []entry, got []receipt) []int32 {
	var pages []int32
	for _, e := range expected {
		for len(got) > 0 && got[0].sendTime < e.sendTime {
			r.outside(s, got[0])
			got = got[1:]
		}
		sent := r.sends[e.number]
		switch {
		case len(got) > 0 && got[0].sendTime == e.sendTime:
			pages = append(pages, got[0].page)
			got = got[1:]
			continue
		case len(got) > 0 || s.whole && sent.outcome == acknowledged:
			r.anomalies.add(SyncSkip, "%s: %q does not get message %d, stored at %d", r.chat, s.member, e.number, e.sendTime)
		case len(s.pages) == 0 || !s.whole && sent.began > s.pages[len(s.pages)-1].ended:
			return pages // none of the others could be there
		}
		pages = append(pages, lacking)
	}
	for _, m := range got {
		r.outside(s, m)
	}
	return pages
}

// outside reports a message that the member should not get. (One that is not in the chat at
// all has disappeared.)
func (r *record) outside(s *segment, m receipt) {
	if at := before(r.log, m.sendTime); at < len(r.log) && r.log[at].sendTime == m.sendTime {
		r.anomalies.add(OutsideStay, "%s: %q gets the message of %d; the member's stays are %v", r.chat, s.member, m.sendTime, r.stays[s.member])
	}
}

// checkPages checks that each message was on a page in time: no page without more lacks
// what was acknowledged before it, and no wait goes on for long.
func (r *record) checkPages(s *segment, expected []entry, pages []int32, late time.Duration) {
	for i, page := range pages {
		e := expected[i]
		sent := r.sends[e.number]
		if sent.outcome != acknowledged {
			continue
		}
		by, ok := s.firstEnd(sent.ended)
		if ok && (page == lacking || int(page) > by) {
			r.anomalies.add(StaleRead, "%s: %q does not get message %d, stored at %d, with all that was there after its acknowledgement",
				r.chat, s.member, e.number, e.sendTime)
		}
		// A message may come on a page before the sender has its acknowledgement.
		if at, ok := s.underWay(sent.ended); ok && late > 0 && (page == lacking || int(page) >= at) {
			p := s.pages[at]
			if from := max(sent.ended, p.began); p.waited && p.ended-from > late && p.trouble < from {
				r.anomalies.add(LateWakeUp, "%s: %q waits on for %v after message %d, stored at %d", r.chat, s.member, p.ended-from, e.number, e.sendTime)
			}
		}
	}
}

// checkTold checks that no page without more lacks where a mark was before it.
func (r *record) checkTold(s *segment) {
	for reader, marks := range r.marks {
		at := seat{r.history, reader}
		for _, m := range marks {
			if m.asked == 0 || m.outcome != acknowledged {
				continue
			}
			by, ok := s.firstEnd(m.ended)
			since := r.movedSince(reader, m.value)
			if !ok || s.start.view != nil && since < s.start.view.ended || !r.hadAllTheTime(s.member, since, s.pages[by].ended) {
				continue
			}
			if known := s.knows(at, by); known < m.value {
				r.anomalies.add(StaleRead, "%s: %q does not learn that %q has read up to %d; it knows %d", r.chat, s.member, reader, m.value, known)
			}
		}
	}
}

// knows returns the mark of which the segment knows with a page. (If one goes back,
// another check says so.)
func (s *segment) knows(at seat, page int) int64 {
	told := s.told[at]
	n, _ := slices.BinarySearchFunc(told, page+1, func(t toldMark, page int) int { return cmp.Compare(int(t.page), page) })
	if n == 0 {
		return s.start.reads[at]
	}
	return told[n-1].value
}
