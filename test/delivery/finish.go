package delivery

import (
	"context"
	"errors"
)

// check reads everything, and checks the history. Each chat is scanned in reverse before
// the inboxes and lists of members are read, and forward after it. So the forward scan has
// all that they show, even if a message of which nothing was known comes meanwhile.
func (t *Traffic) check(ctx context.Context) error {
	reverse, latest := make(map[*history][]entry), make(map[*history]int64)
	for _, h := range t.all() {
		entries, ok := t.scan(ctx, h, true)
		if !ok {
			return errors.New("the chats cannot be read to their end")
		}
		if reverse[h] = entries; len(entries) > 0 {
			latest[h] = entries[0].sendTime
		}
	}
	if !t.readInboxes(ctx, latest) {
		return errors.New("the inboxes cannot be read to their end")
	}
	for _, h := range t.all() {
		if !t.readMembers(ctx, h, true) {
			return errors.New("the lists of members cannot be read to their end")
		}
		forward, ok := t.scan(ctx, h, false)
		if !ok {
			return errors.New("the chats cannot be read to their end")
		}
		h.check(reverse[h], forward)
		t.checkRecord(newRecord(h, forward), latest[h])
	}
	return nil
}

// checkRecord compares what everybody was told with what a chat holds. latest is the
// send_time of the last message before inboxes and lists of members were read.
func (t *Traffic) checkRecord(r *record, latest int64) {
	r.checkRefusals()
	r.checkLists(latest)
	r.checkMarks()
	for _, v := range t.views {
		r.checkView(v)
	}
	for _, d := range t.devices {
		for _, s := range d.segments {
			r.checkSegment(s, t.cfg.Late)
		}
	}
}
