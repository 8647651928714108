package delivery

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Report is what traffic was made, and what was wrong with it.
type Report struct {
	Took time.Duration // of the traffic, without the scan at its end

	Acknowledged int // messages
	Refused      int // messages that were refused and given up
	Unknown      int // messages of which their senders never learnt what had become of them
	Replayed     int // sends repeated with their key, and answered as before
	Read         int // messages read by followers, each one once for each follower
	Synced       int // messages that devices got by sync
	Changes      int // of groups, among the acknowledged messages
	Marks        int // read marks acknowledged
	Pages        int // pages read, the scans included

	Median, P99, Longest time.Duration // from the begin of a send to its acknowledgement, retries included
	Gap                  time.Duration // the longest in which no message was acknowledged

	Woken                            int           // times that a message came for a reader that waited
	WakeMedian, WakeP99, WakeLongest time.Duration // from its acknowledgement until the reader had it

	Failed    map[string]int    // requests that were refused, or had no answer, by call
	Anomalies map[Kind]int      // none, one hopes
	Examples  map[Kind][]string // the first ten of each kind
}

// report sums the history up.
func (t *Traffic) report(took time.Duration) *Report {
	r := &Report{
		Took: took, Replayed: int(t.replayed.Load()), Failed: t.failures.counts(),
		Anomalies: t.anomalies.counts(), Examples: make(map[Kind][]string),
	}
	var latencies, ends, wakes []time.Duration
	for _, h := range t.all() {
		wakes = append(wakes, h.wakes...)
		for _, s := range r.count(h) {
			latencies, ends = append(latencies, s.ended-s.began), append(ends, s.ended)
		}
	}
	for _, d := range t.devices {
		r.Synced += int(d.messages.Load())
		r.Pages += int(d.pages.Load())
	}
	if slices.Sort(latencies); len(latencies) > 0 {
		r.Median, r.P99 = latencies[len(latencies)/2], latencies[len(latencies)*99/100]
		r.Longest = latencies[len(latencies)-1]
	}
	slices.Sort(ends)
	for i := 1; i < len(ends); i++ {
		r.Gap = max(r.Gap, ends[i]-ends[i-1])
	}
	if r.Woken = len(wakes); r.Woken > 0 {
		slices.Sort(wakes)
		r.WakeMedian, r.WakeP99, r.WakeLongest = wakes[len(wakes)/2], wakes[len(wakes)*99/100], wakes[len(wakes)-1]
	}
	for kind := range r.Anomalies {
		r.Examples[kind] = t.anomalies.examples(kind)
	}
	return r
}

// count counts what was done in a chat, and returns the sends that were acknowledged.
func (r *Report) count(h *history) (acked []send) {
	r.Read += int(h.reads.Load())
	r.Pages += int(h.pulls.Load())
	r.Marks += h.marked()
	for _, s := range h.sends {
		switch s.outcome {
		case acknowledged:
			acked = append(acked, s)
			if r.Acknowledged++; s.change != nil {
				r.Changes++
			}
		case refused:
			r.Refused++
		case unknown:
			r.Unknown++
		}
	}
	return acked
}

// counts returns how many requests have failed, by call.
func (f *failures) counts() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.count)
}

// OK reports whether there was no anomaly.
func (r *Report) OK() bool { return len(r.Anomalies) == 0 }

// String returns the report as text, with the anomalies last.
func (r *Report) String() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(number any, what string) { fmt.Fprintf(w, "%v\t  %s\n", number, what) }
	row(r.Took.Round(time.Millisecond), "of traffic")
	row(r.Acknowledged, "messages acknowledged")
	row(r.Changes, "of them changes of groups")
	row(r.Refused, "refused and given up, never to be read")
	row(r.Unknown, "with an outcome that is not known, to be read once or never")
	row(r.Replayed, "sends repeated with their key")
	row(r.Read, "messages read by followers")
	row(r.Synced, "messages that came by sync")
	row(r.Marks, "read marks acknowledged")
	row(r.Pages, "pages")
	for _, call := range slices.Sorted(maps.Keys(r.Failed)) {
		row(r.Failed[call], call+" requests failed")
	}
	row(fmt.Sprintf("%v, %v, %v", r.Median.Round(10*time.Microsecond), r.P99.Round(10*time.Microsecond),
		r.Longest.Round(time.Millisecond)), "median, 99 % and longest time to an acknowledgement")
	row(r.Gap.Round(time.Millisecond), "longest time without an acknowledgement")
	row(r.Woken, "times a message came for a reader that waited")
	row(fmt.Sprintf("%v, %v, %v", r.WakeMedian.Round(10*time.Microsecond), r.WakeP99.Round(10*time.Microsecond),
		r.WakeLongest.Round(time.Millisecond)), "median, 99 % and longest time from its acknowledgement until the reader had it")
	for _, kind := range Kinds {
		row(r.Anomalies[kind], string(kind))
	}
	_ = w.Flush() // to memory
	for _, kind := range Kinds {
		for _, example := range r.Examples[kind] {
			fmt.Fprintf(&text, "%s: %s\n", kind, example)
		}
	}
	return text.String()
}
