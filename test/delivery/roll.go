package delivery

import (
	"math"
	"slices"
	"time"
)

// A record is a history beside the chat as the scan at the end has found it. The scan
// decides what has become of what nobody knows.
type record struct {
	*history
	log   []entry
	stays map[string][]stay  // of a group, by member, in their order
	seen  map[string][]entry // by member, what the member has to learn of
	calls map[string][]mark  // by member, by where they move the mark, see [record.movedSince]
}

// A stay is a time of a member in a group: from the change that lets the member in to the
// one that sends it away, both included.
type stay struct {
	joined, left int64 // send_times; left is present while the member is there
	join, leave  int   // the numbers of these changes
}

// present is when a stay ends that has not ended.
const present = math.MaxInt64

// newRecord follows the changes of a group. Each message has to be by a member, and each
// change has to be what the changes before it make of it.
func newRecord(h *history, log []entry) *record {
	r := &record{history: h, log: log, stays: make(map[string][]stay), seen: make(map[string][]entry), calls: make(map[string][]mark)}
	if !h.isGroup() {
		return r
	}
	members := 0
	for _, e := range log {
		c, by := h.sends[e.number].change, h.sender(e.number)
		founds := c != nil && len(r.stays) == 0
		if !founds && !r.isIn(by) {
			h.anomalies.add(Outsider, "%s: message %d, stored at %d, is by %q, who is no member then", h.chat, e.number, e.sendTime, by)
		}
		if c != nil {
			r.checkEffect(e, c, founds)
			members += r.apply(e)
			if c.members > 0 && c.members != members {
				h.anomalies.add(MembersMismatch, "%s: change %d is answered with %d members; there are %d", h.chat, e.number, c.members, members)
			}
		}
	}
	return r
}

// sender returns who has sent a message.
func (h *history) sender(number int) string {
	if c := h.sends[number].change; c != nil {
		return c.by
	}
	return h.members[number%len(h.members)]
}

// isIn reports whether somebody is in the group after the changes up to now.
func (r *record) isIn(member string) bool {
	stays := r.stays[member]
	return len(stays) > 0 && stays[len(stays)-1].left == present
}

// checkEffect checks that a change has those of the wanted names that change something.
func (r *record) checkEffect(e entry, c *change, founds bool) {
	var want names
	if founds {
		want.Added = append(want.Added, c.by)
	}
	for _, name := range c.add {
		if !r.isIn(name) && !slices.Contains(want.Added, name) {
			want.Added = append(want.Added, name)
		}
	}
	for _, name := range c.remove {
		if r.isIn(name) {
			want.Removed = append(want.Removed, name)
		}
	}
	slices.Sort(want.Added)
	slices.Sort(want.Removed)
	got := r.shown[e.number]
	if !slices.Equal(got.Added, want.Added) || !slices.Equal(got.Removed, want.Removed) {
		r.anomalies.add(MembersMismatch, "%s: change %d, stored at %d, has %v; want %v", r.chat, e.number, e.sendTime, got, want)
	}
}

// apply changes the stays by what a change shows, and returns by how much the group grows.
func (r *record) apply(e entry) (growth int) {
	shown := r.shown[e.number]
	for _, name := range shown.Added {
		if !r.isIn(name) {
			r.stays[name] = append(r.stays[name], stay{joined: e.sendTime, left: present, join: e.number, leave: none})
			growth++
		}
	}
	for _, name := range shown.Removed {
		if r.isIn(name) {
			last := &r.stays[name][len(r.stays[name])-1]
			last.left, last.leave = e.sendTime, e.number
			growth--
		}
	}
	return growth
}

// stayAt returns the stay of a member at a time, without the moment of its end.
func (r *record) stayAt(member string, sendTime int64) (stay, bool) {
	for _, s := range r.stays[member] {
		if s.joined <= sendTime && sendTime < s.left {
			return s, true
		}
	}
	return stay{}, false
}

// hadAllTheTime reports whether somebody was certainly a member from began to ended: let
// in by a change that was acknowledged before, and sent away by none that began before the
// end.
func (r *record) hadAllTheTime(member string, began, ended time.Duration) bool {
	if !r.isGroup() {
		return slices.Contains(r.members, member)
	}
	return slices.ContainsFunc(r.stays[member], func(s stay) bool {
		join := r.sends[s.join]
		return join.outcome == acknowledged && join.ended <= began && (s.leave == none || r.sends[s.leave].began >= ended)
	})
}

// visible returns the messages that a member has to learn of.
func (r *record) visible(member string) []entry {
	if !r.isGroup() {
		if slices.Contains(r.members, member) {
			return r.log
		}
		return nil
	}
	if visible, known := r.seen[member]; known {
		return visible
	}
	var visible []entry
	for _, s := range r.stays[member] {
		end := len(r.log)
		if s.left < present {
			end = before(r.log, s.left+1)
		}
		visible = append(visible, r.log[before(r.log, s.joined):end]...)
	}
	r.seen[member] = visible
	return visible
}

// checkRefusals checks that a group has refused nobody who was a member, and that what
// changed nothing was answered with a change.
func (r *record) checkRefusals() {
	for n, s := range r.sends {
		if s.forbidden && r.hadAllTheTime(r.sender(n), s.began, s.ended) {
			r.anomalies.add(MemberRefused, "%s: message %d by %q, who was a member", r.chat, n, r.sender(n))
		}
	}
	for member, marks := range r.marks {
		for _, m := range marks {
			if m.forbidden && r.hadAllTheTime(member, m.began, m.ended) {
				r.anomalies.add(MemberRefused, "%s: a read mark of %q, who was a member", r.chat, member)
			}
		}
	}
	for _, n := range r.noops {
		at := before(r.log, n.sendTime)
		if at == len(r.log) || r.log[at].sendTime != n.sendTime || r.sends[r.log[at].number].change == nil || n.sendTime < n.latest {
			r.anomalies.add(MembersMismatch, "%s: a change of nothing is answered with %d, though a change came at %d", r.chat, n.sendTime, n.latest)
		}
	}
}
