package delivery

import (
	"testing"
	"time"
)

// A mark moves to where its member wants it, and never back; who follows learns of it.
func TestMarks(t *testing.T) {
	t.Parallel()
	moved := func(began int, asked, known, value int64) mark {
		return mark{began: time.Duration(began), ended: time.Duration(began + 1), asked: asked, known: known, value: value, outcome: acknowledged}
	}
	looked := func(began int, value int64) mark { return moved(began, 0, 0, value) }
	all := []int64{10, 20, 30, 40, 50, 60, 70, 80, 90}
	for name, tc := range map[string]struct {
		what func(s *scene)
		want []Kind
	}{
		"nothing is wrong": {what: func(s *scene) {
			s.marks(looked(1, 0), moved(5, 20, 20, 20), looked(7, 20), moved(9, 10, 40, 20), moved(11, 50, 50, 50), looked(40, 50))
			s.segment("ann", all).told[seat{s.h, "ann"}] = []toldMark{{0, 50}}
		}},
		"a mark is not moved": {what: func(s *scene) { s.marks(moved(9, 40, 40, 30)) }, want: []Kind{ReadBack}},
		"a mark is not moved to the present": {what: func(s *scene) {
			s.marks(moved(9, 1000, 40, 30))
		}, want: []Kind{ReadBack}},
		"a mark is moved to the present": {what: func(s *scene) { s.marks(moved(9, 1000, 40, 45)) }},
		"a mark is moved beyond the present": {what: func(s *scene) {
			s.marks(moved(9, 1000, 40, 60))
		}, want: []Kind{RealtimeOrder}},
		"a mark is moved back": {what: func(s *scene) {
			s.marks(moved(11, 50, 50, 50), moved(13, 40, 60, 40))
		}, want: []Kind{ReadBack}},
		"a mark is shown as it was": {what: func(s *scene) {
			s.marks(moved(11, 50, 50, 50), looked(13, 40), moved(9, 40, 40, 40))
		}, want: []Kind{ReadBack}},
		"a mark is shown as it was when it was asked for": {what: func(s *scene) {
			s.marks(moved(9, 40, 40, 40), moved(12, 50, 50, 50), looked(12, 40))
		}},
		"a mark is shown at once": {what: func(s *scene) { s.marks(moved(11, 50, 50, 50), looked(11, 50)) }},
		"a mark is shown that nobody moved there": {what: func(s *scene) {
			s.marks(moved(11, 50, 50, 50), looked(15, 60))
		}, want: []Kind{Phantom}},
		"a mark is shown that is moved there later": {what: func(s *scene) {
			s.marks(looked(13, 50), moved(15, 50, 50, 50))
		}, want: []Kind{Phantom}},
		"a mark is shown that a lost call has moved": {what: func(s *scene) {
			s.marks(mark{began: 11, ended: 12, asked: 50}, looked(13, 50))
		}},
		"a mark is not shown that a lost call has moved": {what: func(s *scene) {
			s.marks(mark{began: 11, ended: 12, asked: 50}, looked(13, 0))
		}},
		"a sync does not tell of a mark": {what: func(s *scene) {
			s.marks(moved(11, 50, 50, 50))
			s.segment("eve", all[2:])
		}, want: []Kind{StaleRead}},
		"a sync tells of an older mark": {what: func(s *scene) {
			s.marks(moved(9, 40, 40, 40), moved(11, 50, 50, 50))
			s.segment("eve", all[2:]).told[seat{s.h, "ann"}] = []toldMark{{0, 40}}
		}, want: []Kind{StaleRead}},
		"a sync tells of a mark too late": {what: func(s *scene) {
			s.marks(moved(11, 50, 50, 50))
			s.segment("eve", all[2:], nil).told[seat{s.h, "ann"}] = []toldMark{{1, 50}}
		}, want: []Kind{StaleRead}},
		"a mark was known with the stored cursor": {what: func(s *scene) {
			s.marks(moved(11, 50, 50, 50))
			s.segment("eve", all[2:]).start.reads[seat{s.h, "ann"}] = 50
		}},
		"a mark may have moved before the stay": {what: func(s *scene) {
			s.marks(moved(3, 10, 10, 10), moved(11, 10, 50, 10))
			s.segment("eve", all[2:])
		}},
		"a mark may have moved before the inbox": {what: func(s *scene) {
			s.marks(moved(11, 10, 50, 10), moved(25, 10, 90, 10))
			g := s.segment("eve", nil)
			g.start.view, g.start.last[s.h] = &view{began: 20, ended: 21, whole: true}, 90
		}},
		"a mark has moved after the inbox": {what: func(s *scene) {
			s.marks(moved(25, 10, 90, 10))
			g := s.segment("eve", nil)
			g.start.view, g.start.last[s.h] = &view{began: 20, ended: 21, whole: true}, 90
		}, want: []Kind{StaleRead}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			tc.what(s)
			s.wantKinds(t, tc.want...)
		})
	}
}

// marks is what was told of a member's mark.
func (s *scene) marks(marks ...mark) {
	for _, m := range marks {
		s.h.addMark("ann", m)
	}
}
