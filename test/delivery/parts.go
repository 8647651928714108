package delivery

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Sources of choices, see [Traffic.rand]. Those below are the senders' and readers' of the
// busy chats.
const (
	vigilStreams  = 1 << 32
	changeStreams = 2 << 32
	deviceStreams = 3 << 32
	inboxStream   = 4 << 32
)

const (
	// goers is how many come and go in all groups, and quietGoers in the quiet one.
	goers      = 6
	quietGoers = 2
	// quietDevices is in how many quiet chats a member waits by sync. (A commit of an
	// rpc-server that a gateway does not know wakes all who do.)
	quietDevices = 4
	// stewardDevices is how many devices the member has that is in all chats.
	stewardDevices = 2
	// changePause is, in looks of a follower, for about how long a group stays as it is.
	changePause = 2
)

// cast makes the histories of all chats.
func (t *Traffic) cast(token string) {
	for i := range t.cfg.Chats {
		t.chats = append(t.chats, newHistory(token, fmt.Sprintf("%s-%d", token, i), t.anomalies, t.cfg.Followers))
	}
	steward := t.chats[0].members[0]
	for i := range t.cfg.Groups {
		t.goers = numbered("g-"+token, goers)
		t.groups = append(t.groups, newGroup(fmt.Sprintf("group-%s-%d", token, i), steward, t.goers, t.anomalies, t.cfg.Followers))
	}
	for i := range t.cfg.Vigils {
		h := newHistory(token, fmt.Sprintf("%s-vigil-%d", token, i), t.anomalies, 1)
		if i == 0 && t.cfg.Groups > 0 {
			h = newGroup("quiet-"+token, steward, numbered("q-"+token, quietGoers), t.anomalies, 1)
		}
		t.vigils = append(t.vigils, h)
	}
	t.byChat = make(map[string]*history)
	for _, h := range slices.Concat(t.chats, t.groups, t.vigils) {
		t.byChat[h.chat] = h
	}
}

// numbered returns n names.
func numbered(prefix string, n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("%s-%d", prefix, i))
	}
	return names
}

// busy returns the histories of the chats in which much is said.
func (t *Traffic) busy() []*history { return slices.Concat(t.chats, t.groups) }

// startSenders spreads the senders over the busy chats, and lets the groups change.
func (t *Traffic) startSenders(ctx context.Context) {
	busy := t.busy()
	for i := range t.cfg.Senders {
		s := t.newSender(busy[i%len(busy)], i, func() time.Duration { return t.cfg.Pause })
		t.senders.Go(func() { s.run(ctx) })
	}
	for i, h := range t.groups {
		r := t.rand(changeStreams + 2*i)
		s := t.newChanger(h, changeStreams+2*i+1, func() time.Duration { return time.Duration(r.Int64N(int64(2 * changePause * t.cfg.Poll))) })
		t.senders.Go(func() { s.run(ctx) })
	}
	go func() {
		t.senders.Wait()
		close(t.settled)
	}()
}

// startReaders starts the followers and the browser of each busy chat, who looks at
// inboxes, and the devices.
func (t *Traffic) startReaders(ctx context.Context) {
	stream := t.cfg.Senders
	for _, h := range t.busy() {
		for range t.cfg.Followers {
			r := t.rand(stream)
			t.readers.Go(func() { t.follow(ctx, h, r) })
			stream++
		}
		r := t.rand(stream)
		t.readers.Go(func() { t.browse(ctx, h, r) })
		stream++
	}
	inboxes := t.rand(inboxStream)
	t.readers.Go(func() { t.watchInbox(ctx, inboxes) })
	t.startDevices(ctx)
}

// startDevices gives devices to the member that is in all chats. Each of those who come
// and go has one, and so have some who are in a quiet chat alone.
func (t *Traffic) startDevices(ctx context.Context) {
	start := func(member string, style style, wait time.Duration) {
		d := &device{traffic: t, member: member, style: style, wait: wait, rand: t.rand(deviceStreams + len(t.devices))}
		t.devices = append(t.devices, d)
		t.readers.Go(func() { d.run(ctx) })
	}
	for i := range stewardDevices {
		start(t.chats[0].members[0], []style{chain, reopens}[i], deviceWait)
	}
	for i, member := range t.goers {
		start(member, style(i)%styles, deviceWait)
	}
	for _, h := range t.vigils[:min(quietDevices, len(t.vigils))] {
		for _, member := range h.members[1:] {
			start(member, chain, vigilWait(t.cfg.Late))
		}
	}
}

// awaitMade waits until there is the chat, or there will not be, and reports whether
// there is. A reader waits for it, as long as a sender may still make it.
func (t *Traffic) awaitMade(ctx context.Context, h *history) bool {
	_ = await(ctx, func() bool { return h.isMade() || t.isSettled() })
	return h.isMade()
}

// isSettled reports whether all is sent.
func (t *Traffic) isSettled() bool {
	select {
	case <-t.settled:
		return true
	default:
		return false
	}
}

// untilSettled returns a context that ends when all is sent.
func (t *Traffic) untilSettled(ctx context.Context) (context.Context, context.CancelFunc) {
	waiting, end := context.WithCancel(ctx)
	go func() {
		select {
		case <-t.settled:
			end()
		case <-waiting.Done():
		}
	}()
	return waiting, end
}

// pause waits, unless ctx ends before.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
