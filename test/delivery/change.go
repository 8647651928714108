package delivery

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A change is what a caller wants to change about who is in a group. Each brings a guest
// whose name has the number of the change, so each has an effect, and its message tells
// which change it is.
type change struct {
	by          string
	add, remove []string
	members     int // in the group after it, by the answer; 0: not known
}

// A noop is the answer to a change of nothing.
type noop struct {
	sendTime int64 // of the latest change, by the answer
	latest   int64 // of the latest change that was acknowledged before the call
}

const (
	// guestsAtOnce is how many guests a change sends away.
	guestsAtOnce = 3
	// stewardShare is how many of the changes, in percent, the member makes who stays.
	stewardShare = 60
)

// newGroup returns the history of a new group: of a member who stays in it, and others
// who come and go.
func newGroup(name, steward string, goers []string, anomalies *anomalies, followers int) *history {
	return &history{
		chat: name, members: append([]string{steward}, goers...), made: make(chan struct{}), anomalies: anomalies,
		followers: followers, shown: make(map[int]names), read: make(map[int64]int), marks: make(map[string][]mark),
	}
}

// isGroup reports whether members come and go.
func (h *history) isGroup() bool { return h.made != nil }

// isMade reports whether there is the group.
func (h *history) isMade() bool {
	if h.made == nil {
		return true
	}
	select {
	case <-h.made:
		return true
	default:
		return false
	}
}

// beginChange numbers a new change. The first one lets all in.
func (h *history) beginChange(now time.Duration, r *rand.Rand) (number int) {
	first := !h.isMade()
	h.mu.Lock()
	defer h.mu.Unlock()
	c := &change{by: h.members[0]}
	for _, goer := range h.members[1:] {
		switch die := r.IntN(2 * len(h.members)); {
		case first || die == 0:
			c.add = append(c.add, goer)
		case die == 1:
			c.remove = append(c.remove, goer)
		}
	}
	if !first && r.IntN(100) >= stewardShare {
		c.by = h.members[r.IntN(len(h.members))]
	}
	c.add = append(c.add, h.guest(len(h.sends)))
	c.remove = append(c.remove, h.guests[:min(guestsAtOnce, len(h.guests))]...)
	h.sends = append(h.sends, send{began: now, change: c})
	return len(h.sends) - 1
}

// guest returns the name of the guest that a change brings.
func (h *history) guest(number int) string { return fmt.Sprintf("guest-%d", number) }

// changeAt returns what is to be changed under a number; nil: it is a message.
func (h *history) changeAt(number int) *change {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.sends[number].change
}

// count notes how many are in the group after a change.
func (h *history) count(number, members int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c := h.sends[number].change; c != nil {
		c.members = members
	}
}

// took notes that a change is made.
func (h *history) took(c *change, sendTime int64) {
	h.changed = max(h.changed, sendTime)
	if !h.isMade() {
		close(h.made)
	}
	h.guests = append(slices.DeleteFunc(h.guests, func(name string) bool { return slices.Contains(c.remove, name) }), c.add[len(c.add)-1])
}

// changeOf returns the number of a change that was read, if somebody asked for it.
func (h *history) changeOf(m message) (int, bool) {
	for _, name := range m.Added {
		digits, isGuest := strings.CutPrefix(name, "guest-")
		n, err := strconv.Atoi(digits)
		if !isGuest || err != nil || n < 0 || n >= len(h.sends) || h.sends[n].change == nil {
			continue
		}
		c := h.sends[n].change
		among := func(names, wanted []string) bool {
			return !slices.ContainsFunc(names, func(name string) bool { return name != c.by && !slices.Contains(wanted, name) })
		}
		return n, m.Chat == h.chat && m.Sender == c.by && m.Text != "" && among(m.Added, c.add) && among(m.Removed, c.remove)
	}
	return 0, false
}

// changeNothing asks to add somebody who is in the group, or else is refused.
func (s *sender) changeNothing(ctx context.Context) {
	h := s.chat
	by := h.members[s.rand.IntN(len(h.members))]
	h.mu.Lock()
	latest := h.changed
	h.mu.Unlock()
	began := s.traffic.now()
	sendTime, _, err := s.traffic.client.changeMembers(ctx, h.chat, &change{by: by, add: []string{by}}, "")
	if err == nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.noops = append(h.noops, noop{sendTime, latest})
	}
	if errors.Is(err, errForbidden) {
		err = nil
	}
	s.traffic.ended(ctx, "members", began, err)
}

// show takes in whom a page shows with a change.
func (h *history) show(number int, m message) {
	if h.sends[number].change == nil {
		return
	}
	slices.Sort(m.Added)
	slices.Sort(m.Removed)
	before, again := h.shown[number]
	if again && (!slices.Equal(before.Added, m.Added) || !slices.Equal(before.Removed, m.Removed)) {
		h.anomalies.add(MembersMismatch, "%s: change %d has %v on one page, and %v on another", h.chat, number, before, m.names)
	}
	h.shown[number] = m.names
}

// changeMembers makes one request, and returns the send_time of the change's message and
// how many are in the group.
func (c *client) changeMembers(ctx context.Context, group string, ch *change, key string) (sendTime int64, members int, err error) {
	request := struct {
		Chat   string   `json:"chat"`
		By     string   `json:"by"`
		Add    []string `json:"add"`
		Remove []string `json:"remove"`
	}{group, ch.by, ch.add, ch.remove}
	var answer struct {
		sent
		Members int `json:"members"`
	}
	if err := c.post(ctx, "/api/members", request, key, &answer); err != nil {
		return 0, 0, err
	}
	if answer.Chat != group || answer.SendTime <= 0 || answer.Members <= 0 {
		return 0, 0, fmt.Errorf("%w: a change of %s is answered with %+v", errUnexpected, group, answer)
	}
	return answer.SendTime, answer.Members, nil
}
