package delivery

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// An outcome is what the sender of a message knows of it.
type outcome int8

// The outcomes of a send.
const (
	unknown      outcome = iota // it may be stored, once, or not
	acknowledged                // it is stored, at its send_time
	refused                     // it is not stored, and never will be
)

// A send is one message and what its sender was told. Times are since the start
// of the traffic.
type send struct {
	began, ended time.Duration // of the first attempt, and the last
	sendTime     int64
	change       *change // of who is in the group; nil: the message has a text
	outcome      outcome
	forbidden    bool // refused because the sender is not in the group
}

// A claim is what a page says for ever: that so many messages have a send_time of at
// least from and less than to.
type claim struct {
	from, to int64
	messages int
}

// A history is what the senders and readers of one chat were told.
type history struct {
	chat      string
	members   []string      // of a group those who come and go, after the one who stays
	made      chan struct{} // of a group: closed when it is there; nil: a chat of two
	anomalies *anomalies
	followers int

	latest atomic.Int64 // the highest send_time acknowledged
	acks   atomic.Int64 // sends acknowledged
	reads  atomic.Int64 // messages read by followers
	pulls  atomic.Int64 // pages

	mu      sync.Mutex
	sends   []send
	changed int64         // of a group: the send_time of the latest change acknowledged
	guests  []string      // who may be in the group and is not in members
	shown   map[int]names // number of a change → whom pages show
	noops   []noop
	lists   []list
	marks   map[string][]mark // by member
	read    map[int64]int     // send_time → number of the message that a page showed there
	claims  []claim
	wakes   []time.Duration // from an acknowledgement until a reader that waited knew
}

// newHistory returns the history of a new chat: between a member that other chats
// may share, and one of its own.
func newHistory(shared, own string, anomalies *anomalies, followers int) *history {
	members := []string{"a-" + shared, "b-" + own}
	return &history{
		chat: members[0] + ":" + members[1], members: members, anomalies: anomalies, followers: followers,
		read: make(map[int64]int), marks: make(map[string][]mark),
	}
}

// begin numbers a new message. Until it is settled, its outcome is unknown.
func (h *history) begin(now time.Duration) (number int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sends = append(h.sends, send{began: now})
	return len(h.sends) - 1
}

// refuse says that a message is not stored.
func (h *history) refuse(number int, now time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sends[number].outcome, h.sends[number].ended = refused, now
}

// forbid says that a message is not stored, because its sender was no member.
func (h *history) forbid(number int, now time.Duration) {
	h.refuse(number, now)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sends[number].forbidden = true
}

// acknowledge says that a message is stored at sendTime. A message can be
// acknowledged again.
func (h *history) acknowledge(number int, sendTime int64, now time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := &h.sends[number]
	if s.outcome == acknowledged {
		if s.sendTime != sendTime {
			h.anomalies.add(Duplicate, "%s: message %d was acknowledged at %d and, its key repeated, at %d",
				h.chat, number, s.sendTime, sendTime)
		}
		return
	}
	s.ended, s.sendTime, s.outcome = now, sendTime, acknowledged
	h.latest.Store(max(h.latest.Load(), sendTime))
	h.acks.Add(1)
	if s.change != nil {
		h.took(s.change, sendTime)
	}
}

// message returns what was sent under a number.
func (h *history) message(number int) message {
	return message{Chat: h.chat, Sender: h.members[number%len(h.members)], Text: h.text(number)}
}

// text returns the text of a message: its number, the chat's name, and signs that show
// whether a text comes back byte for byte. A few texts are long.
func (h *history) text(number int) string {
	const (
		filler    = "line\nline\ttab \"quoted\" <b>&amp;</b> \\u0041 مرحبا 🙂 e\u0301 end"
		longEvery = 500
		longest   = 16_384
	)
	text := fmt.Sprintf("%d in %s: %s", number, h.chat, filler[:strings.IndexByte(filler, '"')])
	if number%3 == 0 {
		text += filler
	}
	if number%longEvery == longEvery-1 {
		text += strings.Repeat("x", longest-len(text))
	}
	return text
}

// number returns the number of a message that was read, if it was sent.
func (h *history) number(m message) (int, bool) {
	if len(m.Added)+len(m.Removed) > 0 {
		return h.changeOf(m)
	}
	digits, _, _ := strings.Cut(m.Text, " ")
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || n >= len(h.sends) {
		return 0, false
	}
	sent := h.message(n)
	return n, h.sends[n].change == nil && m.Chat == sent.Chat && m.Sender == sent.Sender && m.Text == sent.Text
}
