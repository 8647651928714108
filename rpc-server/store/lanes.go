package store

import (
	"context"
	"fmt"

	"example.com/im/idl/chat"
)

// Lanes are the last send_times of the lanes, by id.
type Lanes [chat.Lanes]int64

// Lanes reads all lanes at one moment: what was committed before the call is in
// it. An error is [ErrUnavailable], [ErrConflict] or a defect.
//
// Its callers share one read, so none's context reaches it.
func (s *Store) Lanes() (Lanes, error) {
	ctx, cancel := context.WithTimeout(context.Background(), queryTimeout)
	defer cancel()
	var lanes Lanes
	rows, err := s.pool.QueryContext(ctx, "SELECT id, last_send_time FROM lanes")
	if err != nil {
		return lanes, fmt.Errorf("read lanes: %w", classify(err))
	}
	defer func() { _ = rows.Close() }()
	read := 0
	for ; rows.Next(); read++ {
		var id int
		var last int64
		if err := rows.Scan(&id, &last); err != nil {
			return lanes, fmt.Errorf("read lanes: %w", classify(err))
		}
		if id < 0 || id >= len(lanes) {
			return lanes, ErrLanes
		}
		lanes[id] = last
	}
	if err := rows.Err(); err != nil {
		return lanes, fmt.Errorf("read lanes: %w", classify(err))
	}
	if read != len(lanes) {
		return lanes, ErrLanes
	}
	return lanes, nil
}
