package store

import (
	"slices"

	"example.com/im/idl/chat"
)

// look reads the first events in the windows, by lane. known says up to when they are
// all that there are.
func (p *syncPage) look(windows []window) (found map[int][]event, known Lanes, err error) {
	found, known = make(map[int][]event), p.lanes
	most, mostMarks := 1, 1
	if !p.full {
		most = min(p.query.Limit-p.messages+1, maxEvents/max(1, len(windows))+fewestEvents)
		mostMarks = marksAtOnce
	}
	for part := range slices.Chunk(windows, chunk) {
		seen := make(map[chat.Name]int)
		if err := p.readEvents(part, most, func(e event) {
			lane := e.chat.Lane()
			found[lane] = append(found[lane], e)
			if seen[e.chat]++; seen[e.chat] == most {
				known[lane] = min(known[lane], e.at-1) // it is one that there is no room for
			}
		}); err != nil {
			return nil, known, err
		}
		clear(seen)
		if err := p.readMoves(part, mostMarks, func(e event) {
			lane := e.chat.Lane()
			found[lane] = append(found[lane], e)
			if seen[e.chat]++; seen[e.chat] == mostMarks {
				known[lane] = min(known[lane], e.at-1)
			}
		}); err != nil {
			return nil, known, err
		}
	}
	return found, known, nil
}

// readEvents reads the times of the first messages in each window.
func (p *syncPage) readEvents(windows []window, most int, take func(event)) error {
	const one = "SELECT chat, send_time FROM (SELECT chat, send_time FROM messages" +
		" WHERE chat = ? AND send_time > ? AND send_time <= ? ORDER BY send_time LIMIT ?) AS w"
	return p.readWindows(2, one, windows, most, func(rows row) error {
		var e event
		err := rows.Scan(&e.chat, &e.at)
		take(e)
		return err
	})
}

// readMoves reads the first moves of marks in each window.
func (p *syncPage) readMoves(windows []window, most int, take func(event)) error {
	const one = "SELECT chat, member, send_time, read_at FROM (SELECT chat, member, send_time, read_at FROM read_marks" +
		" WHERE chat = ? AND read_at > ? AND read_at <= ? ORDER BY read_at LIMIT ?) AS w"
	return p.readWindows(4, one, windows, most, func(rows row) error {
		m := &ReadMark{}
		var at int64
		err := rows.Scan(&m.Chat, &m.Member, &m.SendTime, &at)
		take(event{m.Chat, at, m})
		return err
	})
}

// readWindows runs a select of so many columns for each window, as one statement.
func (p *syncPage) readWindows(columns int, one string, windows []window, most int, scan func(row) error) error {
	var args []any
	for _, w := range windows {
		args = append(args, string(w.chat), w.after, w.upTo, most)
	}
	return p.snapshot.query(columns, repeat(one, " UNION ALL ", len(windows)), args, scan)
}
