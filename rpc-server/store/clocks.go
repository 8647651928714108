package store

import (
	"database/sql"
	"maps"
	"slices"
)

// A clock is the row of a lane.
//
// Instances of earlier versions store messages, and do not move the rows of their chats in
// members. So each commit of this version notes the last send_time that it leaves, in the
// column accounted. If the two differ, an earlier version has committed since. Then
// unaccounted says up to when, until the rows are moved: see [Store.TakeOver].
type clock struct {
	last        int64 // send_time
	unaccounted int64 // a send_time, up to which earlier versions have committed; 0: they have not
	noted       bool  // unaccounted is in the row
}

// clocksSQL selects what [scanClock] takes.
func (d dialect) clocksSQL() string {
	return "SELECT id, last_send_time, accounted, unaccounted, " + d.readOnly + " FROM lanes"
}

// scanClock takes the row of a lane, and what the server tells of itself.
func scanClock(rows *sql.Rows, server *serverTold) (lane int, c clock, err error) {
	var accounted, unaccounted int64
	if err := rows.Scan(&lane, &c.last, &accounted, &unaccounted, server); err != nil {
		return 0, clock{}, err
	}
	if c.noted = c.last == accounted; c.noted {
		c.unaccounted = unaccounted
	} else {
		c.unaccounted = c.last
	}
	return lane, c, nil
}

// clocks are those of locked lanes, by the lanes' ids.
type clocks map[int]clock

// lock begins the transaction and locks the lanes, in the order of their ids, so that
// two batches never wait for each other. Then it reads more.
func (c clocks) lock(tx transaction, more ...reading) error {
	ids := slices.Sorted(maps.Keys(c))
	lanes := statement{sql: tx.clocksSQL() + " " + tx.byKey + " WHERE id IN (" + list("?", len(ids)) + ") ORDER BY id" + tx.forUpdate}
	for _, id := range ids {
		lanes.args = append(lanes.args, id)
	}
	locked := 0
	var server serverTold // a user with more rights than it needs could write to a read-only server
	err := tx.begin(append([]reading{{lanes, func(rows *sql.Rows) error {
		id, lane, err := scanClock(rows, &server)
		c[id] = lane
		locked++
		return err
	}}}, more...)...)
	switch {
	case err != nil:
		return err
	case locked != len(ids):
		return ErrLanes
	}
	return server.err()
}

// move moves a lane's clock.
func (c clocks) move(lane int, to int64) {
	moved := c[lane]
	moved.last = to
	c[lane] = moved
}

// stamp gives each send its time: now, or one microsecond after the last one of its lane.
// The marks of a lane share one time, which is the last.
func (c clocks) stamp(sends []*Send, now int64) {
	before := maps.Clone(c)
	marks := make(map[int]int64)
	for _, s := range sends {
		if lane := s.Chat.Lane(); !s.IsMark() {
			s.LaneWas = before[lane].last
			s.SendTime = max(now, c[lane].last+1)
			c.move(lane, s.SendTime)
		}
	}
	for _, s := range sends {
		if lane := s.Chat.Lane(); s.IsMark() {
			if marks[lane] == 0 {
				marks[lane] = max(now, c[lane].last+1)
				c.move(lane, marks[lane])
			}
			s.LaneWas, s.SendTime = before[lane].last, marks[lane]
		}
	}
}

// save writes the clocks.
func (c clocks) save(d dialect) statement {
	ids := slices.Sorted(maps.Keys(c))
	last, noted := make([]any, 0, 2*len(ids)), true
	for _, id := range ids {
		last = append(last, id, c[id].last)
		noted = noted && c[id].noted
	}
	value := " = CASE id" + repeat(" WHEN ? THEN ?", "", len(ids)) + " END"
	sql, args := d.update("lanes")+"last_send_time"+value+", accounted"+value, slices.Concat(last, last)
	if !noted {
		sql += ", unaccounted" + value
		for _, id := range ids {
			args = append(args, id, c[id].unaccounted)
		}
	}
	for _, id := range ids {
		args = append(args, id)
	}
	return statement{sql + " WHERE id IN (" + list("?", len(ids)) + ")", args}
}
