package cluster

import (
	"context"
	"fmt"
	"time"
)

// Lag makes a primary lag as soon as it has been demoted: it applies nothing of what its
// successor stores until release is called, and goes on answering reads. lagging is
// closed when it does. tables are those of the database that the group is for.
//
// (Group Replication lets nobody stop its applier. It does wait for a table's lock.)
func (m *Member) Lag(database string, tables ...string) (lagging <-chan struct{}, release func() error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	begun, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- m.holdUp(ctx, begun, database, tables) }()
	return begun, func() error {
		cancel()
		return <-ended
	}
}

// holdUp locks the tables from the demotion until ctx is done.
func (m *Member) holdUp(ctx context.Context, begun chan<- struct{}, database string, tables []string) error {
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
	lock := "LOCK TABLES "
	for i, table := range tables {
		if i > 0 {
			lock += ", "
		}
		lock += database + "." + table + " READ"
	}
	if _, err := conn.ExecContext(ctx, lock); err != nil {
		return fmt.Errorf("lock the tables: %w", err)
	}
	close(begun)
	<-ctx.Done()
	_, err = conn.ExecContext(context.Background(), "UNLOCK TABLES")
	return err
}
