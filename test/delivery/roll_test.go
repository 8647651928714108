package delivery

import "testing"

// Who is in a group follows from its changes, and everything that was said about it has to
// agree with that.
func TestMembersOfGroups(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		what func(s *scene)
		want []Kind
	}{
		"nothing is wrong": {what: func(s *scene) {
			s.h.count(0, 3)
			s.h.count(4, 5)
			s.h.noops = []noop{{sendTime: 50, latest: 50}, {sendTime: 80, latest: 50}}
			s.h.lists = []list{
				{began: 7, ended: 8, members: []string{"ann", "bob", "eve", "guest-0", "guest-2"}},
				{last: true, members: []string{"ann", "bob", "eve", "guest-0", "guest-2", "guest-4", "guest-7"}},
			}
		}},
		"somebody who has left says something": {what: func(s *scene) {
			s.h.sends[6].change = &change{by: "bob", add: []string{"guest-6"}}
			s.h.show(6, message{names: names{Added: []string{"guest-6"}}})
		}, want: []Kind{Outsider}},
		"somebody says something who has not come yet": {what: func(s *scene) {
			s.h.members = []string{"ann", "eve", "eve"} // message 1 is by eve
		}, want: []Kind{Outsider}},
		"a change adds who is there": {what: func(s *scene) {
			s.h.shown[7] = names{Added: []string{"bob", "eve", "guest-7"}}
		}, want: []Kind{MembersMismatch}},
		"a change does not add who is not there": {what: func(s *scene) {
			s.h.shown[7] = names{Added: []string{"guest-7"}}
		}, want: []Kind{MembersMismatch}},
		"a change is shown in two ways": {what: func(s *scene) {
			s.h.show(7, message{names: names{Added: []string{"guest-7"}}})
			s.h.show(7, message{names: names{Added: []string{"bob", "guest-7"}}})
		}, want: []Kind{MembersMismatch}},
		"a change is answered with a wrong number": {what: func(s *scene) { s.h.count(4, 4) }, want: []Kind{MembersMismatch}},
		"a change of nothing is answered with a message": {what: func(s *scene) {
			s.h.noops = []noop{{sendTime: 60}}
		}, want: []Kind{MembersMismatch}},
		"a change of nothing is answered with an old change": {what: func(s *scene) {
			s.h.noops = []noop{{sendTime: 50, latest: 80}}
		}, want: []Kind{MembersMismatch}},
		"a list lacks a member": {what: func(s *scene) {
			s.h.lists = []list{{began: 7, ended: 8, members: []string{"ann", "eve"}}}
		}, want: []Kind{MembersMismatch}},
		"a list lacks somebody who is sent away meanwhile": {what: func(s *scene) {
			s.h.lists = []list{{began: 7, ended: 11, members: []string{"ann", "eve"}}}
		}},
		"a list has a name twice": {what: func(s *scene) {
			s.h.lists = []list{{began: 7, ended: 8, members: []string{"ann", "bob", "bob", "eve"}}}
		}, want: []Kind{MembersMismatch}},
		"the last list has somebody more": {what: func(s *scene) {
			s.h.lists = []list{{last: true, members: []string{"ann", "bob", "eve", "guest-0", "guest-2", "guest-4", "guest-7", "zoe"}}}
		}, want: []Kind{MembersMismatch}},
		"a member is refused": {what: func(s *scene) { s.h.forbid(s.h.begin(25), 26) }, want: []Kind{MemberRefused}},
		"somebody is refused who is sent away meanwhile": {what: func(s *scene) {
			s.h.sends = append(s.h.sends, send{began: 5, ended: 10, change: &change{by: "bob"}, outcome: refused, forbidden: true})
		}},
		"somebody is refused whom no acknowledged change has let in": {what: func(s *scene) {
			s.h.sends[7].outcome = unknown
			s.h.sends = append(s.h.sends, send{began: 25, ended: 26, change: &change{by: "bob"}, outcome: refused, forbidden: true})
		}},
		"a read mark of a member is refused": {what: func(s *scene) {
			s.h.addMark("bob", mark{began: 25, ended: 26, asked: 10, outcome: refused, forbidden: true})
		}, want: []Kind{MemberRefused}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			tc.what(s)
			s.wantKinds(t, tc.want...)
		})
	}
}

// A change is known by its guest, whoever has really come and gone.
func TestChangeIsRecognised(t *testing.T) {
	t.Parallel()
	s := newScene()
	for name, tc := range map[string]struct {
		m    message
		want bool
	}{
		"as it was":             {message{Chat: "group", Sender: "ann", Text: "x", names: names{Added: []string{"bob", "guest-7"}}}, true},
		"with less effect":      {message{Chat: "group", Sender: "ann", Text: "x", names: names{Added: []string{"guest-7"}}}, true},
		"of nobody wanted":      {message{Chat: "group", Sender: "ann", Text: "x", names: names{Added: []string{"guest-7", "zoe"}}}, false},
		"removes nobody wanted": {message{Chat: "group", Sender: "ann", Text: "x", names: names{Added: []string{"guest-7"}, Removed: []string{"eve"}}}, false},
		"by somebody else":      {message{Chat: "group", Sender: "eve", Text: "x", names: names{Added: []string{"guest-7"}}}, false},
		"without a text":        {message{Chat: "group", Sender: "ann", names: names{Added: []string{"guest-7"}}}, false},
		"of another chat":       {message{Chat: "other", Sender: "ann", Text: "x", names: names{Added: []string{"guest-7"}}}, false},
		"without a guest":       {message{Chat: "group", Sender: "ann", Text: "x", names: names{Added: []string{"bob"}}}, false},
		"of a later guest":      {message{Chat: "group", Sender: "ann", Text: "x", names: names{Added: []string{"guest-99"}}}, false},
		"of no change":          {message{Chat: "group", Sender: "ann", Text: "x", names: names{Added: []string{"guest-3"}}}, false},
	} {
		if n, ok := s.h.number(tc.m); ok != tc.want || ok && n != 7 {
			t.Errorf("%s: %d, %t", name, n, ok)
		}
	}
}
