package delivery

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// A style is how a device follows all chats of its member.
type style int

// The styles.
const (
	chain    style = iota // along one chain of cursors
	restarts              // it stops now and then, and goes on from a stored cursor
	reopens               // it begins now and then with the inbox, and goes on from its sync_cursor
	styles
)

// What a device does after a page, in percent.
const (
	storeShare  = 10 // it stores its cursor, and what it knows
	stopShare   = 5  // it loses what it does not have stored
	reopenShare = 4
	readShare   = 30 // it says how far its member has read
)

const (
	// deviceLimit is the largest page that a device asks for.
	deviceLimit = 500
	// deviceWait is for how long a device waits at a time, in busy chats.
	deviceWait = 2 * time.Second
	// devicePause is, in looks of a follower, for how long a device rests that knows all. A
	// sync looks into all chats.
	devicePause = 3
	// apart is about how far from the messages that it knows a device moves a mark, if it
	// does not move it to one.
	apart = time.Minute
)

// A device follows all chats of a member by sync.
type device struct {
	traffic  *Traffic
	member   string
	style    style
	rand     *rand.Rand
	wait     time.Duration
	known    bookmark // up to now
	stored   bookmark
	segment  *segment // under way
	segments []*segment
	pages    atomic.Int64
	messages atomic.Int64
}

// run follows until all is sent, and then reads the rest.
func (d *device) run(ctx context.Context) {
	d.known, d.stored = newBookmark(), newBookmark()
	d.goOn(d.known)
	if d.style == reopens {
		d.reopen(ctx)
	}
	waiting, end := d.traffic.untilSettled(ctx)
	defer end()
	for last := false; ; {
		p, ok := d.look(waiting, 1+d.rand.IntN(deviceLimit))
		switch {
		case ok && last && !p.HasMore:
			d.segment.whole = true
			return
		case ctx.Err() != nil:
			return
		case !ok: // all is sent
			waiting, last, d.wait = ctx, true, 0
		case !last:
			d.markSome(ctx, p)
			d.turn(ctx)
			if !p.HasMore {
				pause(waiting, devicePause*d.traffic.cfg.Poll)
			}
		}
	}
}

// turn does what the device's style wants now and then.
func (d *device) turn(ctx context.Context) {
	die := d.rand.IntN(100)
	switch {
	case d.style == restarts && die < storeShare:
		d.stored = d.known.clone()
		d.goOn(d.stored)
	case d.style == restarts && die < storeShare+stopShare:
		d.goOn(d.stored)
	case d.style == reopens && die < reopenShare:
		d.reopen(ctx)
	}
}

// goOn begins a segment at a bookmark.
func (d *device) goOn(from bookmark) {
	d.known = from.clone()
	d.segment = newSegment(d.member, from.clone())
	d.segments = append(d.segments, d.segment)
}

// reopen shows the inbox, and goes on from there.
func (d *device) reopen(ctx context.Context) {
	v := d.traffic.newView(d.member)
	if _, ok := d.traffic.lookAtInbox(ctx, v, "", scanLimit); !ok {
		return
	}
	d.traffic.addView(v)
	b := newBookmark()
	b.cursor, b.view = v.cursor, v
	for h, g := range v.shown {
		b.last[h] = g.sendTime
	}
	d.goOn(b)
}

// markSome now and then says how far the member has read: most often up to a message that
// has come, else to about a time before it, or to one that is to come.
func (d *device) markSome(ctx context.Context, p syncReply) {
	if len(p.Messages) == 0 || d.rand.IntN(100) >= readShare {
		return
	}
	m := p.Messages[d.rand.IntN(len(p.Messages))]
	upTo := m.SendTime
	switch off := d.rand.Int64N(apart.Microseconds()); d.rand.IntN(10) {
	case 0:
		upTo -= off
	case 1:
		upTo += off
	}
	if h := d.traffic.byChat[m.Chat]; h != nil && upTo > 0 {
		d.traffic.markRead(ctx, h, d.member, upTo)
	}
}
