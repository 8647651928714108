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
	var rows []laneRow
	if err := s.pulls.WithContext(ctx).Find(&rows).Error; err != nil {
		return lanes, fmt.Errorf("read lanes: %w", classify(err))
	}
	if len(rows) != len(lanes) {
		return lanes, ErrLanes
	}
	for _, row := range rows {
		lanes[row.ID] = row.LastSendTime
	}
	return lanes, nil
}
