package store

import (
	"context"
	"testing"

	"gorm.io/gorm"
)

// Plan is what EXPLAIN says of one query.
type Plan struct {
	Type, Key, Extra string
}

// Explain returns the database's plan for the query of a page.
func (s *Store) Explain(t testing.TB, q Query) Plan {
	t.Helper()
	dry := s.db.Session(&gorm.Session{DryRun: true})
	stmt := find(dry, q, q.start(), q.Limit+1, &[]messageRow{}).Statement
	return s.explain(t, stmt)
}

func (s *Store) explain(t testing.TB, stmt *gorm.Statement) Plan {
	t.Helper()
	var plan Plan
	if err := s.db.Raw("EXPLAIN "+stmt.SQL.String(), stmt.Vars...).Scan(&plan).Error; err != nil {
		t.Fatal(err)
	}
	return plan
}

// ExplainKeys returns the database's plan for looking up the keys of a batch.
func (s *Store) ExplainKeys(t testing.TB, sends []*Send) Plan {
	t.Helper()
	stmt := findKeys(s.db.Session(&gorm.Session{DryRun: true}), sends, &[]keyRow{}).Statement
	return s.explain(t, stmt)
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
