package store_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	"example.com/im/rpc-server/store"
)

// cost is what a query costs the database. All servers count it alike, while their
// plans look different.
type cost struct {
	indexed int // reads of a row by an index
	scanned int // reads of a row in a scan of a table, the database's own tables included
	sorted  int // rows sorted
}

// costOf returns what a query costs.
func costOf(t testing.TB, st *store.Store, query string, args []any) cost {
	t.Helper()
	conn, err := st.DB().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	// MariaDB's cache of subqueries would hide repeated searches. Other servers have no
	// such switch.
	_, _ = conn.ExecContext(t.Context(), "SET SESSION optimizer_switch = 'subquery_cache=off'")
	stmt, err := conn.PrepareContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stmt.Close() }()
	idle := costSince(t, conn, costSince(t, conn, cost{})) // of counting itself
	before := costSince(t, conn, cost{})
	exhaust(t, stmt, args)
	return costSince(t, conn, before).minus(idle)
}

// costSince returns what a connection has cost since before.
func costSince(t testing.TB, conn *sql.Conn, before cost) (c cost) {
	t.Helper()
	rows, err := conn.QueryContext(t.Context(), "SHOW SESSION STATUS WHERE Variable_name LIKE 'Handler_read%' OR Variable_name = 'Sort_rows'")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		var value int
		if err := rows.Scan(&name, &value); err != nil {
			t.Fatal(err)
		}
		switch {
		case name == "Sort_rows":
			c.sorted += value
		case strings.Contains(name, "rnd"):
			c.scanned += value
		default:
			c.indexed += value
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return c.minus(before)
}

func (c cost) minus(other cost) cost {
	return cost{c.indexed - other.indexed, c.scanned - other.scanned, c.sorted - other.sorted}
}

// exhaust runs a query to its end.
func exhaust(t testing.TB, stmt *sql.Stmt, args []any) {
	t.Helper()
	rows, err := stmt.QueryContext(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		continue // only the cost is of interest
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatal(err)
	}
}

// wantLookUps returns a check that a query finds so many rows by as many searches in
// the clustered index.
func wantLookUps(t testing.TB, st *store.Store, rows int) func(query string, args []any) {
	t.Helper()
	return func(query string, args []any) {
		t.Helper()
		if plan := st.Explain(t, query, args); plan.Type != "range" || plan.Key != "PRIMARY" {
			t.Errorf("plan = %+v; want a range read of PRIMARY", plan)
		}
		if got := costOf(t, st, query, args); got.indexed < rows || got.indexed > rows+1 || got.scanned > 0 {
			t.Errorf("cost of %d rows = %+v; want one search for each", rows, got)
		}
	}
}
