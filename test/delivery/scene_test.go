package delivery

import (
	"maps"
	"slices"
	"testing"
	"time"
)

// A scene is a group of ann, who stays, and bob and eve, who come and go. Message n begins
// at 2n+1 and is acknowledged at 2n+2. It is stored at 10(n+1):
//
//	0  10  ann adds bob      bob's stay begins
//	1  20  bob says something
//	2  30  ann adds eve      eve's stay begins
//	3  40  ann says something
//	4  50  ann removes bob   bob's stay ends
//	5  60  eve says something
//	6  70  ann says something
//	7  80  ann adds bob      bob comes back
//	8  90  eve says something
type scene struct {
	h        *history
	log      []entry
	views    []*view
	segments []*segment
}

func newScene() *scene {
	s := &scene{h: newGroup("group", "ann", []string{"bob", "eve"}, newAnomalies(), 0)}
	s.change(change{by: "ann", add: []string{"bob"}}, names{Added: []string{"ann", "bob", "guest-0"}})
	s.say()
	s.change(change{by: "ann", add: []string{"eve"}}, names{Added: []string{"eve", "guest-2"}})
	s.say()
	s.change(change{by: "ann", remove: []string{"bob"}}, names{Added: []string{"guest-4"}, Removed: []string{"bob"}})
	s.say()
	s.say()
	s.change(change{by: "ann", add: []string{"bob", "eve"}}, names{Added: []string{"bob", "guest-7"}})
	s.say()
	return s
}

// say stores a message.
func (s *scene) say() {
	s.h.begin(s.next())
	s.store()
}

// change stores a change, with the names that pages show of it.
func (s *scene) change(c change, shown names) {
	n := s.h.begin(s.next())
	c.add = append(c.add, s.h.guest(n))
	s.h.sends[n].change = &c
	s.h.show(n, message{names: shown})
	s.store()
}

// next is when the next message begins.
func (s *scene) next() time.Duration { return time.Duration(2*len(s.h.sends) + 1) }

// store acknowledges the last message.
func (s *scene) store() {
	n := len(s.h.sends) - 1
	sendTime := int64(10 * (n + 1))
	s.h.acknowledge(n, sendTime, s.h.sends[n].began+1)
	s.log = append(s.log, entry{sendTime, n})
}

// segment adds what a member got from a bookmark on, by pages that each show messages at
// some times. Page n begins at 100+10n, and is answered 5 later.
func (s *scene) segment(member string, pages ...[]int64) *segment {
	g := newSegment(member, newBookmark())
	for i, times := range pages {
		began := time.Duration(100 + 10*i)
		g.pages, g.ends = append(g.pages, syncPage{began: began, ended: began + 5}), append(g.ends, i)
		for _, at := range times {
			g.got[s.h] = append(g.got[s.h], receipt{at, int32(i)})
		}
	}
	g.whole = true
	s.segments = append(s.segments, g)
	return g
}

// wantKinds checks which kinds of anomalies the checker finds in a scene.
func (s *scene) wantKinds(t *testing.T, want ...Kind) {
	t.Helper()
	const late = 5
	r := newRecord(s.h, s.log)
	r.checkRefusals()
	r.checkLists(s.log[len(s.log)-1].sendTime)
	r.checkMarks()
	for _, v := range s.views {
		r.checkView(v)
	}
	for _, g := range s.segments {
		r.checkSegment(g, late)
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(s.h.anomalies.counts())); !slices.Equal(got, want) {
		t.Errorf("anomalies = %q; want %q: %v", got, want, s.h.anomalies.texts)
	}
}
