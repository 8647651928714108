package bench

import (
	"context"
	"strings"
	"time"

	"example.com/im/test/bench/load"
	"example.com/im/test/bench/report"
	"example.com/im/test/delivery"
)

// checkTimeout is for how long the checker may take to read all again.
const checkTimeout = 5 * time.Minute

// deliveries checks the product's delivery under load, while another system writes to
// the same lanes.
func (w *world) deliveries() {
	ours := w.system("ours")
	stranger := w.start(w.T, spec{database: "ours", rpcServers: 1})
	rate := w.capacity(w.counted(w.closed("ours", w.scale.conns[0], load.Send(w.scale.chats)))) / 4
	s := w.section("Delivery", "The delivery checker's senders and readers use ours, and a second system on the same database, while the load "+
		"generator sends to ours.")
	traffic, err := delivery.Start(w.ctx, delivery.Config{
		URLs:  append(ours.URLs(), stranger.URLs()...),
		Chats: 12, Groups: 4, Senders: 32, Followers: 1, Pause: 5 * time.Millisecond, Poll: 20 * time.Millisecond, Seed: 1,
	})
	if err != nil {
		w.Fatal(err)
	}
	w.scale.length = w.scale.checkFor
	w.once(s, w.counted(w.opened("ours", rate, load.Send(w.scale.chats))))
	ctx, cancel := context.WithTimeout(w.ctx, checkTimeout)
	defer cancel()
	verdict, err := traffic.Finish(ctx)
	if err != nil {
		w.Fatal(err)
	}
	w.report.Checks = append(w.report.Checks, report.Check{
		What: "No message is lost, repeated, skipped or reordered (delivery checker)",
		OK:   verdict.OK() && verdict.Acknowledged > 0,
		Text: oneLine(verdict.String()),
	})
}

// oneLine returns a text of several lines as one.
func oneLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		lines[i] = strings.Join(strings.Fields(line), " ")
	}
	return strings.Join(lines, "; ")
}
