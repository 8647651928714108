package store

import (
	"context"
	"fmt"
)

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
	lanes := clocks{lane: 0}
	err = lanes.lock(tx)
	if err == nil {
		lanes[lane]++
		err = tx.exec(lanes.save())
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
