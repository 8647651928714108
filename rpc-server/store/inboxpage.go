package store

import (
	"fmt"
	"slices"

	"example.com/im/idl/chat"
)

// fill reads the messages and states of a page's places.
func (s *snapshot) fill(inbox *Inbox, q InboxQuery, places []Place) error {
	states, err := s.states(q.Member, places)
	if err != nil {
		return err
	}
	if len(states) < len(places) {
		inbox.HasMore = true
	}
	bytes := 0
	for part := range slices.Chunk(places[:len(states)], chunk) {
		messages, err := s.messagesAt(part, q.Preview)
		if err != nil {
			return err
		}
		for _, p := range part {
			m := messages[p]
			if bytes += len(m.Text); bytes > chat.MaxPageBytes {
				inbox.HasMore = true
				return nil
			}
			inbox.Last = append(inbox.Last, m)
			inbox.States = append(inbox.States, states[len(inbox.States)])
		}
	}
	return nil
}

// messagesAt reads the messages at the places, and of each text at most preview bytes. The
// snapshot has shown these places, so each has its message. A database that does not find
// one has broken the snapshot: TiDB on its stand-in for TiKV has done so when it had much
// to do.
func (s *snapshot) messagesAt(places []Place, preview int) (map[Place]Message, error) {
	text := "text"
	if preview > 0 { // a character takes at least one byte
		text = fmt.Sprintf("SUBSTR(text, 1, %d)", preview)
	}
	const one = "chat = ? AND send_time = ?"
	query, args := "SELECT chat, send_time, sender, "+text+", membership FROM messages WHERE "+repeat(one, " OR ", len(places)), []any(nil)
	for _, p := range places {
		args = append(args, string(p.Chat), p.SendTime)
	}
	messages := make(map[Place]Message, len(places))
	err := s.query(5, query, args, func(rows row) error {
		m, err := scanMessage(rows)
		if preview > 0 {
			m.Text = chat.Preview(m.Text, preview)
		}
		messages[Place{m.SendTime, m.Chat}] = m
		return err
	})
	if err == nil && len(messages) < len(places) {
		err = fmt.Errorf("%d of %d messages of a snapshot: %w", len(messages), len(places), errShort)
	}
	return messages, err
}

// scanMessage takes a row of messages.
func scanMessage(rows row) (m Message, err error) {
	err = rows.Scan(&m.Chat, &m.SendTime, &m.Sender, &m.Text, &m.Change)
	return m, err
}
