package store

import (
	"context"
	"fmt"
	"math/rand/v2"
)

// Probe commits a row and its removal, and so shows whether the database takes
// what is written. Nobody sees the row: no chat has its name.
func (s *Store) Probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	tx, err := s.pool.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("probe: %w", classifyService(err))
	}
	defer func() { _ = tx.Rollback() }() // of what was not committed
	key := fmt.Sprintf("probe %016x", rand.Uint64())
	for _, statement := range []string{
		"INSERT INTO send_keys (chat, idempotency_key, send_time, digest) VALUES ('', ?, 0, '')",
		"DELETE FROM send_keys WHERE chat = '' AND idempotency_key = ?",
	} {
		if _, err := tx.ExecContext(ctx, statement, key); err != nil {
			return fmt.Errorf("probe: %w", classifyService(err))
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("probe: %w", classifyCommit(err))
	}
	return nil
}
