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

// Explain returns the database's plan for the query of a page.
func (s *Store) Explain(t testing.TB, q Query) Plan {
	t.Helper()
	return s.explain(t, statement{s.dialect.pageSQL(q.Reverse), []any{string(q.Chat), q.start(), q.Limit + 1}})
}

func (s *Store) explain(t testing.TB, q statement) Plan {
	t.Helper()
	var plan Plan
	if err := s.db.Raw("EXPLAIN "+q.sql, q.args...).Scan(&plan).Error; err != nil {
		t.Fatal(err)
	}
	return plan
}

// ExplainKeys returns the database's plan for looking up the keys of a batch.
func (s *Store) ExplainKeys(t testing.TB, sends []*Send) Plan {
	t.Helper()
	return s.explain(t, findKeys(sends))
}

// HoldPulls takes all connections of pulls until release is called.
func (s *Store) HoldPulls() (release func()) {
	held := make([]func(), cap(s.slots.free))
	for i := range held {
		held[i], _ = s.slots.take(context.Background())
	}
	return func() {
		for _, giveBack := range held {
			giveBack()
		}
	}
}

// WaitingPulls returns the number of pulls that wait for a connection.
func (s *Store) WaitingPulls() int { return int(s.slots.waiting.Load()) }

// ExplainNewcomers returns the database's plan for looking up the chats of a batch.
func (s *Store) ExplainNewcomers(t testing.TB, sends []*Send) Plan {
	t.Helper()
	return s.explain(t, newListed(0).newcomers(sends).find().statement)
}

// InboxSQL returns the statement that reads a page of an inbox.
func InboxSQL(q InboxQuery) (sql string, args []any) {
	return dialects["mysql"].inboxSQL(), q.args()
}

// LimitListed makes the store forget which chats are listed, and remember so many
// at most.
func (s *Store) LimitListed(limit int) { s.listed = newListed(limit) }

// Listed returns how many chats the store remembers as listed.
func (s *Store) Listed() int { return len(s.listed.recent) + len(s.listed.before) }

// Remembers reports whether the store remembers that a chat is listed.
func (s *Store) Remembers(name string) bool {
	return len(s.listed.newcomers([]*Send{{Message: Message{Chat: chat.Name(name)}}})) == 0
}
