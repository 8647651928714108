package store

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/otel/trace"

	"example.com/im/idl/chat"
)

// Message is a message as it is stored.
type Message struct {
	Chat     chat.Name
	SendTime int64 // microseconds since 1970, set by Commit
	Sender   string
	Text     string
	Change   Change // of who is in the group; "": none
}

// Send is what a caller wants to be stored, and what Commit has made of it. It is a
// message, or with Wanted a change of who is in a group, or with ReadUpTo a read mark.
type Send struct {
	Message
	Member string // the sender in canonical form: of a mark the reader
	Key    string // its idempotency key; "" for none
	// Wanted is the change to make; nil: none. Commit sets Text and Change to what it comes
	// to.
	Wanted *Change
	// ReadUpTo is the send_time up to which the reader has read, at least 1; 0: no mark.
	ReadUpTo int64

	Outcome Outcome
	Stands  int64 // of a mark: a send_time, up to which its reader has read
	Members int   // in the group after a change; set also if nothing was to change
	// LaneWas is the lane's last send_time before the commit that has stored the
	// message. All that is in the lane between LaneWas and SendTime came with the same
	// commit.
	LaneWas int64

	Span       trace.SpanContext // of the caller who waits, if there is a trace
	CommitSpan trace.SpanContext // of its commit, in its trace or in another's
}

// IsMark reports whether the send is a read mark. No page shows one.
func (s *Send) IsMark() bool { return s.Wanted == nil && s.ReadUpTo > 0 }

// Refusal returns why the send is not stored, or nil if it is, or changes nothing.
func (s *Send) Refusal() error { return refusals[s.Outcome] }

// Why a send is not stored.
var (
	// ErrNoGroup: nobody has made the group. It is an error of pages as well.
	ErrNoGroup = errors.New("nobody has made this group")
	// ErrNotMember: the sender is not in the group.
	ErrNotMember = errors.New("only members of this group may do that")
	// ErrClosed: the last member has left the group.
	ErrClosed = errors.New("the last member has left this group, so it stays closed")
)

var refusals = map[Outcome]error{
	KeyReused: ErrKeyReused, NoGroup: ErrNoGroup, NotMember: ErrNotMember, Closed: ErrClosed,
	Crowded: &chat.Error{Field: "add", Rule: fmt.Sprintf("a group has at most %d members", chat.MaxGroupMembers)},
}

// Outcome is what Commit has made of a send.
type Outcome int

// The outcomes of a send.
const (
	Stored    Outcome = iota // as a new message, or mark
	Replayed                 // nothing, because its key is known: SendTime is the first one's
	KeyReused                // nothing, because its key is known with another message
	Unchanged                // nothing, because it changes nothing: SendTime is that of the group's latest change
	NoGroup                  // nothing, because nobody has made the group
	NotMember                // nothing, because the sender is not in the group
	Closed                   // nothing, because the last one has left the group
	Crowded                  // nothing, because the group would have too many members
)
