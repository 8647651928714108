package store

import (
	"fmt"

	"example.com/im/idl/chat"
)

// Lanes are the last send_times of the lanes, by id.
type Lanes [chat.Lanes]int64

// lanesSQL reads all lanes. There is always a row, so the server needs none of its own
// (see [dialect.withServerRow]).
func (d dialect) lanesSQL() string { return "SELECT id, last_send_time, " + d.readOnly + " FROM lanes" }

// Lanes reads all lanes at one moment. It shows what was committed before the call. Its
// error is [ErrUnavailable], [ErrConflict] or a defect.
//
// Callers share a read (see [LaneReads]), so no caller's context reaches it (see
// [netTimeout]).
func (s *Store) Lanes() (Lanes, error) {
	var lanes Lanes
	read, err := s.readLanes(&lanes)
	if err != nil {
		return lanes, s.failed("read lanes", err)
	}
	if read != len(lanes) {
		return lanes, fmt.Errorf("%w: %w (%d rows)", ErrUnavailable, ErrLanes, read)
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
	var server serverTold
	for rows.Next() {
		var id int
		var last int64
		if err := rows.Scan(&id, &last, &server); err != nil {
			return 0, err
		}
		if id < 0 || id >= len(lanes) {
			return 0, ErrLanes
		}
		lanes[id] = last
		read++
	}
	return read, server.whole(rows)
}
