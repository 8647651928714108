package main

import (
	"fmt"
	"slices"
	"testing"
)

// The plans under test make 600 requests in 6 seconds, from 10 threads. They run
// one after another: a machine that is busy leaves each time for too few.
var properties = []string{"rate=100", "seconds=6", "threads=10", "chats=20", "limit=3"}

func TestPlans(t *testing.T) {
	base := startSystem(t)
	t.Run("send", func(t *testing.T) {
		samples := load(t, base, "send", append(properties, "run=send")...)
		wantGood(t, samples, "warm-up", "send")
		wantLoad(t, samples["send"], 10, 600)
		wantUnique(t, base, numbered("send", 20), len(samples["send"])+len(samples["warm-up"]))
	})
	t.Run("pull", func(t *testing.T) {
		samples := load(t, base, "pull", append(properties, "run=pull")...)
		wantGood(t, samples, "fill", "pull")
		wantLoad(t, samples["pull"], 10, 600)
		wantUnique(t, base, numbered("pull", 20), len(samples["fill"]))
	})
	t.Run("mixed", func(t *testing.T) {
		samples := load(t, base, "mixed", append(properties, "run=mixed")...)
		wantGood(t, samples, "send", "newest", "first page", "next page")
		wantLoad(t, slices.Concat(samples["send"], samples["newest"]), 5, 300)
		wantLoad(t, slices.Concat(samples["first page"], samples["next page"]), 5, 300)
		var chats []string // each of the 5 writers has 4 of the 20
		for writer := range 5 {
			for i := range 4 {
				chats = append(chats, chatName("mixed", fmt.Sprintf("%d.%d", writer+1, i+1)))
			}
		}
		wantUnique(t, base, chats, len(samples["send"]))
	})
}

// numbered returns the names of the chats 1 to n of a run.
func numbered(run string, n int) []string {
	chats := make([]string, n)
	for i := range chats {
		chats[i] = chatName(run, fmt.Sprint(i+1))
	}
	return chats
}

// chatName returns the canonical name of a chat of a run.
func chatName(run, number string) string {
	return fmt.Sprintf("reader%s-%s:writer%s-%s", number, run, number, run)
}

// wantGood checks that there are samples with each of the labels and no others,
// and that none of them failed.
func wantGood(t *testing.T, samples map[string][]sample, labels ...string) {
	t.Helper()
	if len(samples) != len(labels) {
		t.Errorf("%d kinds of requests; want %q", len(samples), labels)
	}
	for _, label := range labels {
		if len(samples[label]) == 0 {
			t.Errorf("no %s", label)
		}
		if n, example := failures(samples[label]); n > 0 {
			t.Errorf("%d of %d %s failed: %s", n, len(samples[label]), label, example)
		}
	}
}

// wantLoad checks that so many threads made about as many requests as the rate
// asks for. A machine that is busy with other tests leaves time for fewer.
func wantLoad(t *testing.T, samples []sample, threads, requests int) {
	t.Helper()
	names := map[string]bool{}
	for _, s := range samples {
		names[s.thread] = true
	}
	if len(names) != threads {
		t.Errorf("%d threads; want %d", len(names), threads)
	}
	if n := len(samples); n < requests/8 || n > requests*5/4 {
		t.Errorf("%d requests; want about %d", n, requests)
	}
}

// wantUnique checks that the chats hold n messages, with texts of which no two
// are equal, and that there are some in each.
func wantUnique(t *testing.T, base string, chats []string, n int) {
	t.Helper()
	seen, total := map[string]int{}, 0
	for _, chat := range chats {
		before := len(seen)
		countTexts(t, base, chat, seen)
		if len(seen) == before {
			t.Errorf("chat %s is empty", chat)
		}
	}
	for _, times := range seen {
		total += times
	}
	if total != n || len(seen) != n {
		t.Errorf("%d messages with %d texts; want %d with as many", total, len(seen), n)
	}
}
