package main

import (
	"fmt"
	"slices"
	"testing"
)

func TestPlans(t *testing.T) {
	base := startSystem(t)
	t.Run("send", func(t *testing.T) {
		r := load(t, base, "send", func(r result) bool { return r.served(10, 1, "send") == nil })
		r.wantGood(t, "warm-up", "send")
		if err := r.served(10, 1, "send"); err != nil {
			t.Error(err)
		}
		r.wantUnique(t, base, upTo(20), "warm-up", "send")
	})
	t.Run("pull", func(t *testing.T) {
		r := load(t, base, "pull", func(r result) bool { return r.served(10, 1, "pull") == nil })
		r.wantGood(t, "fill", "pull")
		if err := r.served(10, 1, "pull"); err != nil {
			t.Error(err)
		}
		r.wantUnique(t, base, upTo(20), "fill")
	})
	t.Run("mixed", func(t *testing.T) {
		writing := []string{"group", "inbox", "send", "newest", "news", "send to the group"}
		reading := []string{"first page", "next page", "read", "who has read"}
		served := func(r result) error {
			if err := r.served(5, 2, writing...); err != nil {
				return err
			}
			return r.served(5, 2, reading...)
		}
		r := load(t, base, "mixed", func(r result) bool { return served(r) == nil })
		r.wantGood(t, slices.Concat(writing, reading)...)
		if err := served(r); err != nil {
			t.Error(err)
		}
		var chats []string // each of the 5 writers has 4 of the 20
		for _, writer := range upTo(5) {
			for _, i := range upTo(4) {
				chats = append(chats, writer+"."+i)
			}
		}
		r.wantUnique(t, base, chats, "send")
	})
}

// upTo returns the numbers from 1 to n.
func upTo(n int) []string {
	written := make([]string, n)
	for i := range written {
		written[i] = fmt.Sprint(i + 1)
	}
	return written
}

// served reports whether so many threads made requests with the labels, often enough.
// Enough is a share of the rate: a machine that is busy with other tests makes far
// fewer requests than the plan asks for.
func (r result) served(threads, share int, labels ...string) error {
	n, names := 0, map[string]bool{}
	for _, label := range labels {
		n += len(r.samples[label])
		for _, s := range r.samples[label] {
			names[s.thread] = true
		}
	}
	if len(names) != threads {
		return fmt.Errorf("%d threads made %q; want %d", len(names), labels, threads)
	}
	if want := testRate / share * r.seconds; n < max(60, want/20) || n > want*5/4 {
		return fmt.Errorf("%d of %q; want about %d", n, labels, want)
	}
	return nil
}

// wantGood checks that there are samples with each of the labels and no others,
// and that none of them failed.
func (r result) wantGood(t *testing.T, labels ...string) {
	t.Helper()
	for label, samples := range r.samples {
		if !slices.Contains(labels, label) {
			t.Errorf("requests %s; want %q", label, labels)
		}
		if n, example := failures(samples); n > 0 {
			t.Errorf("%d of %d %s failed: %s", n, len(samples), label, example)
		}
	}
	for _, label := range labels {
		if len(r.samples[label]) == 0 {
			t.Errorf("no %s", label)
		}
	}
}

// wantUnique checks that the run's chats hold as many messages as there are samples
// with the labels. No two texts may be equal, and each chat must have messages.
func (r result) wantUnique(t *testing.T, base string, numbers []string, labels ...string) {
	t.Helper()
	want := 0
	for _, label := range labels {
		want += len(r.samples[label])
	}
	seen, total := map[string]int{}, 0
	for _, n := range numbers {
		before := len(seen)
		countTexts(t, base, fmt.Sprintf("reader%s-%s:writer%s-%s", n, r.run, n, r.run), seen)
		if len(seen) == before {
			t.Errorf("chat %s has no text of its own", n)
		}
	}
	for _, times := range seen {
		total += times
	}
	if total != want || len(seen) != want {
		t.Errorf("%d messages with %d texts; want %d with as many", total, len(seen), want)
	}
}
