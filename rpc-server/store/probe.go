package store

import (
	"context"
	"fmt"
)

// Probe commits what nobody notices, one microsecond on a lane's clock, and so shows
// whether the database takes what is written. A database that answers reads may not: its
// disk is full, say. Its errors are those of [Store.Commit].
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
