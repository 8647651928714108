package store

import (
	"context"
	"fmt"
	"time"
)

// queryTimeout bounds a health check.
const queryTimeout = 5 * time.Second

// Clock returns the database's time. So it shows that the database answers and takes
// writes.
func (s *Store) Clock(ctx context.Context) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	var micros int64
	var server serverTold
	err := s.pool.QueryRowContext(ctx, "SELECT "+s.dialect.clock+", "+s.dialect.readOnly).Scan(&micros, &server)
	if err == nil {
		err = server.err()
	}
	if err != nil {
		return time.Time{}, s.failed("read the database's clock", err)
	}
	return time.UnixMicro(micros), nil
}

// Probe moves a lane's clock on by one microsecond, which nobody notices. So it shows
// whether the database takes writes. A database that answers reads may not, for example
// because its disk is full. Its errors are those of [Store.Commit].
func (s *Store) Probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	tx, err := s.newTransaction(ctx)
	if err != nil {
		return fmt.Errorf("probe: connect: %w", classifyService(err))
	}
	const lane = 0
	lanes := clocks{lane: clock{}}
	err = lanes.lock(tx)
	if err == nil {
		lanes.move(lane, lanes[lane].last+1)
		err = tx.exec(lanes.save(tx.dialect))
	}
	if err != nil {
		tx.rollback()
		return fmt.Errorf("probe: %w", classifyService(err))
	}
	if err := tx.commit(); err != nil {
		return fmt.Errorf("probe: commit: %w", classifyCommit(err))
	}
	return nil
}
