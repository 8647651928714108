package delivery

import (
	"fmt"
	"maps"
	"slices"
	"sync"
)

// Kind names what can be wrong with the delivery of messages. Most names come from
// Jepsen's Kafka workload (jepsen.tests.kafka): there a send_time is an offset, and a
// page is a poll.
type Kind string

// The kinds of anomalies.
const (
	// LostWrite: a send was acknowledged, and its message is not in the chat.
	LostWrite Kind = "lost write"
	// Duplicate: a message is in the chat twice, or a repeated key was answered
	// with another send_time.
	Duplicate Kind = "duplicate"
	// PollSkip: a page went past a message that is in the chat, most often one
	// that came to lie below what was read already.
	PollSkip Kind = "poll skip"
	// NonMonotonicPoll: a page is not in order, shows what lies on the wrong side
	// of its cursor, or leads back.
	NonMonotonicPoll Kind = "non-monotonic poll"
	// AbortedRead: a message was read though its send was refused.
	AbortedRead Kind = "aborted read"
	// InconsistentTime: a message was read, or acknowledged, at one send_time and
	// is in the chat at another (Jepsen: inconsistent offsets).
	InconsistentTime Kind = "inconsistent send_time"
	// Disappeared: a message was read and is not in the chat any more.
	Disappeared Kind = "disappeared"
	// StaleRead: a page that was asked for after a send was acknowledged does not
	// know its message.
	StaleRead Kind = "stale read"
	// LateWakeUp: a reader that waited did not learn in time of a message that was
	// acknowledged.
	LateWakeUp Kind = "late wake-up"
	// RealtimeOrder: a send that began after another one was acknowledged sorts
	// before it.
	RealtimeOrder Kind = "realtime order"
	// ScanMismatch: forward and in reverse, a chat reads differently.
	ScanMismatch Kind = "forward and reverse scan disagree"
	// InboxMismatch: a chat comes twice in an inbox, or with another chat's message.
	InboxMismatch Kind = "inbox and chats disagree"
	// SyncSkip: a member who follows by sync did not get a message.
	SyncSkip Kind = "sync skip"
	// SyncRepeat: such a member got a message twice, or one that the inbox had shown with
	// which its chain of cursors began.
	SyncRepeat Kind = "sync repeat"
	// OutsideStay: a member got a message from before or after its time in the group.
	OutsideStay Kind = "message from outside a stay"
	// Outsider: a message of a group is by somebody who was no member then.
	Outsider Kind = "message by no member"
	// MemberRefused: a group refused somebody who was a member all the time.
	MemberRefused Kind = "member refused"
	// MembersMismatch: a change of a group, its answer, or a list of members is not what
	// the changes before it make of it.
	MembersMismatch Kind = "members and changes disagree"
	// ReadBack: a read mark is lower than it was, or than was acknowledged.
	ReadBack Kind = "read mark goes back"
	// UnreadMismatch: a scan counts another number of unread messages than an inbox.
	UnreadMismatch Kind = "unread and scan disagree"
	// Phantom: a message was read that nobody sent so, or a mark that nobody set.
	Phantom Kind = "phantom"
	// UnexpectedAnswer: an answer that the API does not promise.
	UnexpectedAnswer Kind = "unexpected answer"
)

// Kinds are all kinds, in the order in which reports show them.
var Kinds = []Kind{
	LostWrite, Duplicate, PollSkip, NonMonotonicPoll, AbortedRead, InconsistentTime,
	Disappeared, StaleRead, LateWakeUp, RealtimeOrder, ScanMismatch, InboxMismatch,
	SyncSkip, SyncRepeat, OutsideStay, Outsider, MemberRefused, MembersMismatch, ReadBack, UnreadMismatch, Phantom, UnexpectedAnswer,
}

// samples is how many anomalies of each kind are kept as text.
const samples = 10

// anomalies collects what was found. It is safe for concurrent use.
type anomalies struct {
	mu    sync.Mutex
	count map[Kind]int
	texts map[Kind][]string
}

func newAnomalies() *anomalies {
	return &anomalies{count: make(map[Kind]int), texts: make(map[Kind][]string)}
}

// add counts an anomaly.
func (a *anomalies) add(kind Kind, format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count[kind]++
	if len(a.texts[kind]) < samples {
		a.texts[kind] = append(a.texts[kind], fmt.Sprintf(format, args...))
	}
}

// counts returns how many there are of each kind.
func (a *anomalies) counts() map[Kind]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.count)
}

// examples returns the texts of the first ones of a kind.
func (a *anomalies) examples(kind Kind) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.texts[kind])
}
