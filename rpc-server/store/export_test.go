package store

import (
	"context"
	"database/sql"
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
func (s *Store) HoldPulls() (release func()) { return hold(s.readSlots) }

func hold(slots *readSlots) (release func()) {
	held := make([]func(), cap(slots.free))
	for i := range held {
		held[i], _ = slots.take(context.Background())
	}
	return func() {
		for _, giveBack := range held {
			giveBack()
		}
	}
}

// WaitingPulls returns the number of callers who wait for a read slot.
func (s *Store) WaitingPulls() int { return int(s.readSlots.waiting.Load()) }

// RowsSQL returns the statement that looks up the rows of a batch's chats.
func RowsSQL(sends []*Send) (sql string, args []any) {
	st := &Store{rows: newMemory[chat.Name, rowTimes](0)}
	q := st.newInboxRows(sends).find().statement
	return q.sql, q.args
}

// RememberRows makes the store forget the rows of chats and who is in groups, and remember
// at most limit chats from now on.
func (s *Store) RememberRows(limit int) {
	s.rows = newMemory[chat.Name, rowTimes](limit)
	s.seats.lanes = [chat.Lanes]laneSeats{}
}

// RememberedRows returns of how many chats the store remembers the rows.
func (s *Store) RememberedRows() int { return s.rows.len() }

// Remembers reports whether the store remembers the rows of a chat.
func (s *Store) Remembers(name string) bool {
	_, ok := s.rows.get(chat.Name(name))
	return ok
}

// HoldSnapshots takes all slots of snapshots until release is called.
func (s *Store) HoldSnapshots() (release func()) { return hold(s.snapshotSlots) }

// Classify returns the meaning of a statement's error.
func Classify(err error) error { return classify(err) }

// ClassifyCommit returns the meaning of an error of COMMIT.
func ClassifyCommit(err error) error { return classifyCommit(err) }

// CostOfInbox reads a page, and returns by how much status has grown on its connection.
func (s *Store) CostOfInbox(ctx context.Context, q InboxQuery, status func(*sql.Conn) int) (inbox Inbox, cost int, err error) {
	err = s.readSnapshot(ctx, func(snap *snapshot) error {
		before := status(snap.conn)
		places, _, err := snap.places(q)
		if err == nil {
			err = snap.fill(&inbox, q, places)
		}
		cost = status(snap.conn) - before
		return err
	})
	return inbox, cost, err
}

// CostOfSync is CostOfInbox for a sync.
func (s *Store) CostOfSync(ctx context.Context, q SyncQuery, status func(*sql.Conn) int) (page Sync, cost int, err error) {
	err = s.readSnapshot(ctx, func(snap *snapshot) error {
		before := status(snap.conn)
		p := &syncPage{snapshot: snap, query: q, next: q.After}
		err := p.walk()
		if err == nil {
			page, err = p.sync()
		}
		cost = status(snap.conn) - before
		return err
	})
	return page, cost, err
}

// ReadSlowly runs a statement in a snapshot that would take minutes.
func (s *Store) ReadSlowly(ctx context.Context) error {
	return s.read(ctx, "slowly", func(snap *snapshot) error {
		return snap.query(1, "SELECT SUM(a.id + b.id * c.id - d.id * e.id + f.id) FROM lanes AS a, lanes AS b, lanes AS c, lanes AS d, lanes AS e, lanes AS f", nil,
			func(rows row) error { return rows.Scan(new(int64)) })
	})
}

// ReadShort runs a statement in a snapshot whose result ends before its last row, without
// an error.
func (s *Store) ReadShort(ctx context.Context) error {
	return s.read(ctx, "short", func(snap *snapshot) error {
		return snap.query(1, "SELECT 1) AS q LIMIT 1 -- ", nil, func(rows row) error { return rows.Scan(new(int64)) })
	})
}

// ReadPlaces reads the messages at the places.
func (s *Store) ReadPlaces(ctx context.Context, places ...Place) error {
	return s.read(ctx, "places", func(snap *snapshot) error {
		_, err := snap.messagesAt(places, 0)
		return err
	})
}
