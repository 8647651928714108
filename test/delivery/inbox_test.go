package delivery

import (
	"testing"
	"time"
)

// An inbox has the groups of its member, the newest message of each, and counts what a scan
// counts.
func TestViews(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		member       string
		began, ended time.Duration
		latest       int64
		shown        bool
		glance       glance
		part         bool // the inbox has more
		want         []Kind
	}{
		"all are unread":                         {member: "eve", began: 15, ended: 16, latest: 70, shown: true, glance: glance{70, 0, 4}},
		"some are read":                          {member: "eve", began: 15, ended: 16, latest: 70, shown: true, glance: glance{70, 50, 1}},
		"some are read from before a later stay": {member: "bob", began: 19, ended: 20, latest: 90, shown: true, glance: glance{90, 30, 2}},
		"all are read":                           {member: "eve", began: 15, ended: 16, latest: 70, shown: true, glance: glance{70, 70, 0}},
		"more than what was known":               {member: "eve", began: 15, ended: 16, latest: 70, shown: true, glance: glance{80, 70, 1}},
		"one too many":                           {member: "eve", began: 15, ended: 16, latest: 70, shown: true, glance: glance{70, 50, 2}, want: []Kind{UnreadMismatch}},
		"one too few":                            {member: "bob", began: 19, ended: 20, latest: 90, shown: true, glance: glance{90, 0, 1}, want: []Kind{UnreadMismatch}},
		"those of an earlier stay":               {member: "bob", began: 19, ended: 20, latest: 90, shown: true, glance: glance{90, 0, 5}, want: []Kind{UnreadMismatch}},
		"an older message":                       {member: "eve", began: 15, ended: 16, latest: 70, shown: true, glance: glance{60, 60, 0}, want: []Kind{StaleRead}},
		"lacks a group":                          {member: "eve", began: 15, ended: 16, latest: 70, want: []Kind{StaleRead}},
		"lacks a group, and has more":            {member: "eve", began: 15, ended: 16, latest: 70, part: true},
		"lacks a group of others":                {member: "bob", began: 12, ended: 13, latest: 60},
		"lacks a group which is being left":      {member: "bob", began: 8, ended: 10, latest: 40},
		"shows a group which was left":           {member: "bob", began: 12, ended: 13, latest: 60, shown: true, glance: glance{60, 0, 0}, want: []Kind{OutsideStay}},
		"shows a group with its leave":           {member: "bob", began: 12, ended: 13, latest: 50, shown: true, glance: glance{50, 0, 3}, want: []Kind{OutsideStay}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			v := &view{
				member: tc.member, began: tc.began, ended: tc.ended, whole: !tc.part,
				latest: map[*history]int64{s.h: tc.latest}, shown: make(map[*history]glance),
			}
			if tc.shown {
				v.shown[s.h] = tc.glance
			}
			s.views = append(s.views, v)
			s.wantKinds(t, tc.want...)
		})
	}
}

// Beyond 100 nobody counts.
func TestManyUnread(t *testing.T) {
	t.Parallel()
	for others, want := range map[int]int{98: 98, 99: 99, 100: 100, 101: 100} {
		h := newHistory("x", "x", newAnomalies(), 0)
		var log []entry
		for n := range 2 * others {
			h.begin(0)
			log = append(log, entry{int64(n + 1), n})
		}
		if got := newRecord(h, log).unread(h.members[0], 0, int64(2*others)); got != want {
			t.Errorf("%d messages by others count as %d; want %d", others, got, want)
		}
	}
}
