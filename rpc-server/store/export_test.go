package store

import (
	"context"
	"testing"

	"example.com/im/idl/chat"
)

// Plan is what EXPLAIN says of one query.
type Plan struct {
	Type, Key, Extra string
}

// Explain returns the database's plan for a query. (MySQL has other forms of it than
// this one, and may be set to one of these.)
func (s *Store) Explain(t testing.TB, sql string, args []any) Plan {
	t.Helper()
	var plan Plan
	if err := s.db.Raw("EXPLAIN FORMAT=TRADITIONAL "+sql, args...).Scan(&plan).Error; err != nil {
		t.Fatal(err)
	}
	return plan
}

// PageSQL returns the statement that reads a page.
func PageSQL(q Query) (sql string, args []any) {
	return dialects["mysql"].pageSQL(q.Reverse), []any{string(q.Chat), q.start(), q.Limit + 1}
}

// KeysSQL returns the statement that looks up the keys of a batch.
func KeysSQL(sends []*Send) (sql string, args []any) {
	q := findKeys(sends)
	return q.sql, q.args
}

// HoldPulls takes all read slots until release is called.
func (s *Store) HoldPulls() (release func()) {
	held := make([]func(), cap(s.readSlots.free))
	for i := range held {
		held[i], _ = s.readSlots.take(context.Background())
	}
	return func() {
		for _, giveBack := range held {
			giveBack()
		}
	}
}

// WaitingPulls returns the number of callers who wait for a read slot.
func (s *Store) WaitingPulls() int { return int(s.readSlots.waiting.Load()) }

// NewcomersSQL returns the statement that looks up the chats of a batch.
func NewcomersSQL(sends []*Send) (sql string, args []any) {
	q := newListed(0).newcomers(sends).find().statement
	return q.sql, q.args
}

// InboxSQL returns the statement that reads a page of an inbox.
func InboxSQL(q InboxQuery) (sql string, args []any) {
	return dialects["mysql"].inboxSQL(), q.args()
}

// LimitListed makes the store forget which chats are listed, and remember at most limit
// from now on.
func (s *Store) LimitListed(limit int) { s.listed = newListed(limit) }

// Listed returns how many chats the store remembers as listed.
func (s *Store) Listed() int { return len(s.listed.recent) + len(s.listed.before) }

// Remembers reports whether the store remembers that a chat is listed.
func (s *Store) Remembers(name string) bool {
	return len(s.listed.newcomers([]*Send{{Message: Message{Chat: chat.Name(name)}}})) == 0
}

// Classify returns the meaning of a statement's error.
func Classify(err error) error { return classify(err) }

// ClassifyCommit returns the meaning of an error of COMMIT.
func ClassifyCommit(err error) error { return classifyCommit(err) }
