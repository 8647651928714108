package cluster

import (
	"context"
	"fmt"
	"time"
)

// Lag makes a primary lag for a time, as soon as it has been demoted: it applies nothing
// of what its successor stores, and goes on answering reads. table is one to which each
// transaction writes. began gets the moment of the demotion, ended the outcome.
//
// (Group Replication lets nobody stop its applier. It does wait for a table's lock,
// which lets reads pass.)
func (m *Member) Lag(table string, lasts time.Duration) (began <-chan time.Time, ended <-chan error) {
	demoted, done := make(chan time.Time, 1), make(chan error, 1)
	go func() {
		defer close(done)
		done <- m.holdUp(table, lasts, demoted)
	}()
	return demoted, done
}

// holdUp locks the table from the demotion on.
func (m *Member) holdUp(table string, lasts time.Duration, demoted chan<- time.Time) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := m.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	for readOnly := false; !readOnly; {
		if err := conn.QueryRowContext(ctx, "SELECT @@GLOBAL.super_read_only").Scan(&readOnly); err != nil {
			return fmt.Errorf("the primary was never demoted: %w", err)
		}
		if !readOnly {
			time.Sleep(time.Millisecond)
		}
	}
	if _, err := conn.ExecContext(ctx, "LOCK TABLES "+table+" READ"); err != nil {
		return fmt.Errorf("lock the table: %w", err)
	}
	demoted <- time.Now()
	<-time.After(lasts)
	_, err = conn.ExecContext(ctx, "UNLOCK TABLES")
	return err
}
