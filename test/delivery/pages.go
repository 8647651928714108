package delivery

// saw takes in a page. latest is what [history.latest] was before it was asked
// for.
func (h *history) saw(q query, p page, latest int64) []entry {
	h.pulls.Add(1)
	h.checkOrder(q, p)
	h.checkFresh(q, p, latest)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.claim(q, p)
	entries := make([]entry, 0, len(p.Messages))
	for _, m := range p.Messages {
		if e, ok := h.take(m); ok {
			entries = append(entries, e)
		}
	}
	return entries
}

// take takes in a message of a page, or of a sync. The caller holds the lock.
func (h *history) take(m message) (entry, bool) {
	n, ok := h.number(m)
	if !ok {
		h.anomalies.add(Phantom, "%s: read at %d: %.200q by %q in %q", h.chat, m.SendTime, m.Text, m.Sender, m.Chat)
		return entry{}, false
	}
	if before, ok := h.read[m.SendTime]; ok && before != n {
		h.anomalies.add(InconsistentTime, "%s: at %d one page shows message %d, another %d", h.chat, m.SendTime, before, n)
	}
	h.read[m.SendTime] = n
	h.show(n, m)
	return entry{m.SendTime, n}, true
}

// checkOrder checks that a page is in order, on its side of the cursor, and
// leads on.
func (h *history) checkOrder(q query, p page) {
	before := q.cursor - 1 // turned so that times must increase
	sign := int64(1)
	if q.reverse {
		before, sign = -q.cursor-1, -1
		if q.cursor == 0 {
			before = -1 << 62
		}
	}
	for _, m := range p.Messages {
		if sign*m.SendTime <= before {
			h.anomalies.add(NonMonotonicPoll, "%s: %v shows %d after %d", h.chat, q, m.SendTime, sign*before)
		}
		before = sign * m.SendTime
	}
	switch {
	case len(p.Messages) > 0 && sign*p.NextCursor <= before:
		h.anomalies.add(NonMonotonicPoll, "%s: %v leads from %d to %d", h.chat, q, sign*before, p.NextCursor)
	case len(p.Messages) == 0 && p.NextCursor != q.cursor:
		h.anomalies.add(NonMonotonicPoll, "%s: %v shows nothing and leads to %d", h.chat, q, p.NextCursor)
	}
}

// checkFresh checks that a page does not deny the message of latest.
func (h *history) checkFresh(q query, p page, latest int64) {
	switch {
	case latest == 0: // nothing was acknowledged
	case q.reverse && q.cursor == 0:
		if len(p.Messages) == 0 || p.Messages[0].SendTime < latest {
			h.anomalies.add(StaleRead, "%s: %v does not know %d, though that was acknowledged before", h.chat, q, latest)
		}
	case !q.reverse && !p.HasMore && p.NextCursor <= latest:
		h.anomalies.add(StaleRead, "%s: %v has nothing from %d on, though %d was acknowledged before",
			h.chat, q, p.NextCursor, latest)
	}
}

// claim keeps what a page claims. That of a reverse page holds for ever because no
// reader asks for one from a cursor beyond what was acknowledged, where messages
// may still come.
func (h *history) claim(q query, p page) {
	c := claim{from: q.cursor, to: p.NextCursor, messages: len(p.Messages)}
	if q.reverse {
		c.from, c.to = 0, q.cursor+1
		if p.HasMore {
			c.from = p.NextCursor + 1
		}
		if q.cursor == 0 && len(p.Messages) > 0 {
			c.to = p.Messages[0].SendTime + 1
		}
	}
	if c.from < c.to {
		h.claims = append(h.claims, c)
	}
}
