package delivery

import (
	"testing"
	"time"
)

// A member gets by sync what was said during its stays, once, in order and in time.
func TestSegments(t *testing.T) {
	t.Parallel()
	bobs := []int64{10, 20, 30, 40, 50, 80, 90}
	for name, tc := range map[string]struct {
		what func(s *scene)
		want []Kind
	}{
		"nothing is wrong": {what: func(s *scene) {
			s.segment("bob", bobs)
			s.segment("ann", []int64{10, 20, 30, 40, 50, 60, 70, 80, 90})
			s.segment("eve", []int64{30, 40, 50, 60, 70, 80, 90})
			s.segment("zoe", nil)
		}},
		"a page with more leaves the rest to another": {what: func(s *scene) {
			s.segment("bob", bobs[:3], bobs[3:]).ends = []int{1}
		}},
		"a message is missing": {what: func(s *scene) {
			s.segment("bob", []int64{10, 20, 40, 50, 80, 90}).ends = nil
		}, want: []Kind{SyncSkip}},
		"the last message is missing": {what: func(s *scene) {
			s.segment("bob", bobs[:6]).ends = nil
		}, want: []Kind{SyncSkip}},
		"the last message is missing, and is not known to be stored": {what: func(s *scene) {
			s.h.sends[8].outcome = unknown
			s.segment("bob", bobs[:6])
		}},
		"a message is missing of which nothing was known, and a later one came": {what: func(s *scene) {
			s.h.sends[7].outcome = unknown
			s.segment("bob", []int64{10, 20, 30, 40, 50, 90})
		}, want: []Kind{SyncSkip}},
		"a whole stay is missing": {what: func(s *scene) {
			s.segment("bob", bobs[:5]).ends = nil
		}, want: []Kind{SyncSkip}},
		"a message comes twice, on one page": {what: func(s *scene) {
			s.segment("bob", append([]int64{10}, bobs...))
		}, want: []Kind{SyncRepeat}},
		"a message comes twice, on two pages": {what: func(s *scene) {
			s.segment("bob", bobs, bobs[2:3])
		}, want: []Kind{SyncRepeat}},
		"messages are not in order": {what: func(s *scene) {
			s.segment("bob", []int64{10, 30, 20, 40, 50, 80, 90})
		}, want: []Kind{NonMonotonicPoll}},
		"a message from before a stay": {what: func(s *scene) {
			s.segment("eve", []int64{20, 30, 40, 50, 60, 70, 80, 90})
		}, want: []Kind{OutsideStay}},
		"a message from between two stays": {what: func(s *scene) {
			s.segment("bob", []int64{10, 20, 30, 40, 50, 60, 80, 90})
		}, want: []Kind{OutsideStay}},
		"a message of a group of others": {what: func(s *scene) {
			s.segment("zoe", []int64{90})
		}, want: []Kind{OutsideStay}},
		"a page says that there is no more, before the rest": {what: func(s *scene) {
			s.segment("bob", bobs[:6], bobs[6:])
		}, want: []Kind{StaleRead}},
		"a page says so that was asked for before": {what: func(s *scene) {
			s.h.sends[8].ended = 102
			s.segment("bob", bobs[:6], bobs[6:])
		}},
		"a chain goes on from a stored cursor": {what: func(s *scene) {
			s.segment("bob", bobs[3:]).start.last[s.h] = 30
		}},
		"a chain begins again before a stored cursor": {what: func(s *scene) {
			s.segment("bob", bobs[2:]).start.last[s.h] = 30
		}, want: []Kind{SyncRepeat}},
		"a chain goes on after what comes next": {what: func(s *scene) {
			g := s.segment("bob", bobs[4:])
			g.start.last[s.h], g.ends = 30, nil
		}, want: []Kind{SyncSkip}},
		"a chain is left before its end": {what: func(s *scene) {
			g := s.segment("bob", bobs[:2])
			g.whole, g.pages[0] = false, syncPage{began: 3, ended: 6}
		}},
		"a chain is left that had no page": {what: func(s *scene) { s.segment("bob").whole = false }},
		"a chain is left that lacked a message": {what: func(s *scene) {
			g := s.segment("bob", []int64{10, 30})
			g.whole, g.pages[0] = false, syncPage{began: 3, ended: 7}
		}, want: []Kind{SyncSkip}},
		"a wait goes on for too long": {what: func(s *scene) {
			s.wait(104)
		}, want: []Kind{LateWakeUp}},
		"a wait ends without what was there for too long": {what: func(s *scene) {
			s.wait(104).got[s.h][6].page = 2
		}, want: []Kind{LateWakeUp}},
		"a wait goes on after what came before its acknowledgement": {what: func(s *scene) {
			s.wait(104).got[s.h][6].page = 0
		}},
		"a wait ends in time":            {what: func(s *scene) { s.wait(109) }},
		"a wait goes on through trouble": {what: func(s *scene) { s.wait(104).pages[1].trouble = 105 }},
		"who does not wait is not woken": {what: func(s *scene) { s.wait(104).pages[1].waited = false }},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			tc.what(s)
			s.wantKinds(t, tc.want...)
		})
	}
}

// wait is a wait of bob's from 100 to 110, during which a message is acknowledged.
func (s *scene) wait(acknowledged time.Duration) *segment {
	s.h.sends[8].ended = acknowledged
	g := s.segment("bob", []int64{10, 20, 30, 40, 50, 80}, []int64{90}, nil)
	g.pages[0] = syncPage{began: 90, ended: 95}
	g.pages[1] = syncPage{began: 100, ended: 110, waited: true}
	return g
}

// A chain that begins with an inbox gets what the inbox does not show.
func TestSegmentsAfterInbox(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		member       string
		began, ended time.Duration // of the inbox
		last         int64         // the message that it shows; 0: it does not show the group
		part         bool          // it has more
		got          []int64
		want         []Kind
	}{
		"after the message shown":                 {member: "bob", began: 7, ended: 8, last: 40, got: []int64{50, 80, 90}},
		"with the message shown":                  {member: "bob", began: 7, ended: 8, last: 40, got: []int64{40, 50, 80, 90}, want: []Kind{SyncRepeat}},
		"without the next message":                {member: "bob", began: 7, ended: 8, last: 40, got: []int64{80, 90}, want: []Kind{SyncSkip}},
		"begun between two stays":                 {member: "bob", began: 12, ended: 13, got: []int64{80, 90}},
		"begun between two stays, with the first": {member: "bob", began: 12, ended: 13, got: []int64{10, 20, 30, 40, 50, 80, 90}, want: []Kind{SyncRepeat}},
		"begun between two stays, in the second":  {member: "bob", began: 12, ended: 13, got: []int64{90}, want: []Kind{SyncSkip}},
		"begun between two stays, without":        {member: "bob", began: 12, ended: 13, want: []Kind{SyncSkip}},
		"begun when the second may have begun":    {member: "bob", began: 12, ended: 17, want: []Kind{SyncSkip}}, // message 8 began at the end
		"begun before the first":                  {member: "bob", began: -2, ended: -1, got: []int64{10, 20, 30, 40, 50, 80, 90}},
		"begun before the first, without it":      {member: "bob", began: -2, ended: -1, got: []int64{80, 90}, want: []Kind{SyncSkip}},
		"begun before the first, perhaps":         {member: "eve", began: 1, ended: 90, got: nil},
		"of a part of an inbox":                   {member: "eve", began: 12, ended: 13, part: true, got: []int64{70, 80, 90}},
		"of a part, with what was there before":   {member: "eve", began: 14, ended: 15, part: true, got: []int64{60, 70, 80, 90}, want: []Kind{SyncRepeat}},
		"of a part, without what came after":      {member: "eve", began: 12, ended: 13, part: true, got: []int64{80, 90}, want: []Kind{SyncSkip}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			g := s.segment(tc.member, tc.got)
			g.ends = nil
			if g.start.view = (&view{began: tc.began, ended: tc.ended, whole: !tc.part}); tc.last > 0 {
				g.start.last[s.h] = tc.last
			}
			s.wantKinds(t, tc.want...)
		})
	}
}
