package store

import (
	"fmt"

	"example.com/im/idl/chat"
)

// Lanes are the last send_times of the lanes, by id.
type Lanes [chat.Lanes]int64

const lanesSQL = "SELECT id, last_send_time FROM lanes"

// Lanes reads all lanes at one moment: what was committed before the call is in
// it. An error is [ErrUnavailable], [ErrConflict] or a defect.
//
// Its callers share one read, so none's context reaches it (see [netTimeout]).
func (s *Store) Lanes() (Lanes, error) {
	var lanes Lanes
	read, err := s.readLanes(&lanes)
	if err != nil {
		return lanes, fmt.Errorf("read lanes: %w", classify(err))
	}
	if read != len(lanes) {
		return lanes, ErrLanes
	}
	return lanes, nil
}

// readLanes reads the rows into lanes and returns how many there were.
func (s *Store) readLanes(lanes *Lanes) (read int, err error) {
	rows, err := s.lastSendTimes.Query()
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id int
		var last int64
		if err := rows.Scan(&id, &last); err != nil {
			return 0, err
		}
		if id < 0 || id >= len(lanes) {
			return 0, ErrLanes
		}
		lanes[id] = last
		read++
	}
	return read, rows.Err()
}
