package delivery

import (
	"maps"
	"slices"
	"testing"
	"time"
)

// chatOf returns a history of messages that were acknowledged at the times, one
// after the other.
func chatOf(sendTimes ...int64) *history {
	h := newHistory("x", "x", newAnomalies(), 0)
	for i, sendTime := range sendTimes {
		n := h.begin(1 + 2*time.Duration(i))
		h.acknowledge(n, sendTime, 2+2*time.Duration(i))
	}
	return h
}

// at returns message number of h as it is read at sendTime.
func at(h *history, number int, sendTime int64) message {
	m := h.message(number)
	m.SendTime = sendTime
	return m
}

// Each kind of anomaly is found under its name, and nothing else is.
func TestCheck(t *testing.T) {
	log := []entry{{10, 0}, {20, 1}, {30, 2}}
	whole := func(h *history) page {
		return page{Messages: []message{at(h, 0, 10), at(h, 1, 20), at(h, 2, 30)}, NextCursor: 31}
	}
	for name, tc := range map[string]struct {
		sendTimes []int64                   // acknowledged; 10, 20, 30 by default
		what      func(h *history)          // happens before the check
		log       []entry                   // by default the three messages
		reverse   func(log []entry) []entry // what the reverse scan makes of it
		followers int
		want      []Kind
	}{
		"nothing is wrong": {what: func(h *history) {
			h.saw(query{limit: 10}, page{}, 0)
			h.saw(query{limit: 10, reverse: true}, page{}, 0)
			h.saw(query{limit: 10}, whole(h), 30)
			h.saw(query{cursor: 20, limit: 1}, page{Messages: []message{at(h, 1, 20)}, HasMore: true, NextCursor: 30}, 30)
			h.saw(query{cursor: 31, limit: 10}, page{NextCursor: 31}, 30)
			h.saw(query{limit: 2, reverse: true}, page{Messages: []message{at(h, 2, 30), at(h, 1, 20)}, HasMore: true, NextCursor: 10}, 30)
			h.saw(query{cursor: 10, limit: 2, reverse: true}, page{Messages: []message{at(h, 0, 10)}, NextCursor: 9}, 30)
		}},
		"a message of which nothing was known comes between the scans": {
			what: func(h *history) { h.begin(7) }, log: []entry{{10, 0}, {20, 1}, {30, 2}, {40, 3}},
			reverse: func(log []entry) []entry { return log[:3] },
		},
		"a refused message comes between the scans": {
			what: func(h *history) { h.refuse(h.begin(7), 8) }, log: []entry{{10, 0}, {20, 1}, {30, 2}, {40, 3}},
			reverse: func(log []entry) []entry { return log[:3] }, want: []Kind{AbortedRead, ScanMismatch},
		},
		"a follower has not read all": {followers: 1, want: []Kind{PollSkip}},
		"a reverse page says that it is the last": {
			what: func(h *history) {
				h.saw(query{limit: 2, reverse: true}, page{Messages: []message{at(h, 2, 30), at(h, 1, 20)}, NextCursor: 19}, 30)
			},
			want: []Kind{PollSkip},
		},
		"a reverse page says that there is nothing": {
			what: func(h *history) { h.saw(query{cursor: 20, limit: 2, reverse: true}, page{NextCursor: 20}, 30) }, want: []Kind{PollSkip},
		},
		"an empty page leads on": {
			what: func(h *history) { h.saw(query{cursor: 31, limit: 1}, page{NextCursor: 40}, 30) }, want: []Kind{NonMonotonicPoll},
		},
		"a message is not there": {log: log[:2], want: []Kind{LostWrite}},
		"a message is there twice": {
			log: []entry{{10, 0}, {20, 1}, {25, 1}, {30, 2}}, want: []Kind{Duplicate},
		},
		"a repeated key has another time": {
			what: func(h *history) { h.acknowledge(1, 21, 100) }, want: []Kind{Duplicate},
		},
		"a page ends before a message that it claims to have": {
			what: func(h *history) {
				h.saw(query{limit: 10}, page{Messages: []message{at(h, 0, 10), at(h, 2, 30)}, NextCursor: 31}, 0)
			},
			want: []Kind{PollSkip},
		},
		"a page's cursor leads past a message": {
			what: func(h *history) {
				h.saw(query{limit: 1}, page{Messages: []message{at(h, 0, 10)}, HasMore: true, NextCursor: 30}, 0)
			},
			want: []Kind{PollSkip},
		},
		"a reverse page's cursor leads past a message": {
			what: func(h *history) {
				h.saw(query{limit: 1, reverse: true}, page{Messages: []message{at(h, 2, 30)}, HasMore: true, NextCursor: 10}, 0)
			},
			want: []Kind{PollSkip},
		},
		"a page is not in order": {
			what: func(h *history) {
				p := whole(h)
				slices.Reverse(p.Messages)
				h.saw(query{limit: 10}, p, 0)
			},
			want: []Kind{NonMonotonicPoll},
		},
		"a page begins before its cursor": {
			what: func(h *history) { h.saw(query{cursor: 15, limit: 10}, whole(h), 0) }, want: []Kind{NonMonotonicPoll},
		},
		"a page leads back": {
			what: func(h *history) {
				h.saw(query{limit: 10}, page{Messages: whole(h).Messages, HasMore: true, NextCursor: 30}, 0)
			},
			want: []Kind{NonMonotonicPoll},
		},
		"a reverse page leads back": {
			what: func(h *history) {
				h.saw(query{limit: 1, reverse: true}, page{Messages: []message{at(h, 2, 30)}, HasMore: true, NextCursor: 30}, 0)
			},
			want: []Kind{NonMonotonicPoll},
		},
		"a refused message is there": {
			what: func(h *history) { h.refuse(h.begin(7), 8) },
			log:  []entry{{10, 0}, {20, 1}, {30, 2}, {40, 3}}, want: []Kind{AbortedRead},
		},
		"a message is stored at another time": {
			log: []entry{{10, 0}, {20, 1}, {31, 2}}, want: []Kind{InconsistentTime},
		},
		"two pages show different messages at a time": {
			sendTimes: []int64{10},
			what: func(h *history) {
				h.begin(3)
				h.saw(query{limit: 10}, page{Messages: []message{at(h, 0, 10)}, NextCursor: 11}, 0)
				h.saw(query{limit: 10}, page{Messages: []message{at(h, 1, 10)}, NextCursor: 11}, 0)
				h.saw(query{limit: 10}, page{Messages: []message{at(h, 0, 10)}, NextCursor: 11}, 0)
			},
			log: log[:1], want: []Kind{InconsistentTime},
		},
		"what was read is gone": {
			sendTimes: []int64{10},
			what: func(h *history) {
				h.begin(3)
				h.saw(query{limit: 10}, page{Messages: []message{at(h, 0, 10), at(h, 1, 20)}, NextCursor: 21}, 0)
			},
			log: log[:1], want: []Kind{Disappeared},
		},
		"an empty page denies what was acknowledged": {
			what: func(h *history) { h.saw(query{cursor: 25, limit: 10}, page{NextCursor: 25}, 30) }, want: []Kind{StaleRead},
		},
		"a reverse page of an empty chat denies what was acknowledged": {
			what: func(h *history) { h.saw(query{limit: 10, reverse: true}, page{}, 30) }, want: []Kind{StaleRead},
		},
		"a page ends before what was acknowledged": {
			what: func(h *history) {
				h.saw(query{limit: 10}, page{Messages: []message{at(h, 0, 10), at(h, 1, 20)}, NextCursor: 21}, 30)
			},
			want: []Kind{StaleRead},
		},
		"a reverse page begins before what was acknowledged": {
			what: func(h *history) {
				h.saw(query{limit: 1, reverse: true}, page{Messages: []message{at(h, 1, 20)}, HasMore: true, NextCursor: 10}, 30)
			},
			want: []Kind{StaleRead},
		},
		"a later send sorts before an earlier one": {
			sendTimes: []int64{10, 30, 20}, log: []entry{{10, 0}, {20, 2}, {30, 1}}, want: []Kind{RealtimeOrder},
		},
		"the reverse scan lacks a message": {
			reverse: func(log []entry) []entry { return log[1:] }, want: []Kind{ScanMismatch},
		},
		"a text was changed": {
			what: func(h *history) {
				m := at(h, 2, 30)
				m.Text += " "
				h.saw(query{cursor: 30, limit: 10}, page{Messages: []message{m}, NextCursor: 31}, 0)
			},
			want: []Kind{Phantom},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.sendTimes == nil {
				tc.sendTimes = []int64{10, 20, 30}
			}
			if tc.log == nil {
				tc.log = log
			}
			h := chatOf(tc.sendTimes...)
			if tc.what != nil {
				tc.what(h)
			}
			backward := slices.Clone(tc.log)
			if tc.reverse != nil {
				backward = tc.reverse(backward)
			}
			slices.Reverse(backward)
			h.followers = tc.followers
			h.check(backward, tc.log)
			if got := slices.Sorted(maps.Keys(h.anomalies.counts())); !slices.Equal(got, tc.want) {
				t.Errorf("anomalies = %q; want %q", got, tc.want)
			}
		})
	}
}
