// Command imcheck checks how a running system delivers messages. It sends and reads
// through the given gateways, in chats of its own. It exits with 1 if a message was
// lost, repeated, skipped or reordered.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/alecthomas/kong"

	"example.com/im/idl/daemon"
	"example.com/im/test/delivery"
)

// config are the flags.
type config struct {
	URL       []string      `default:"http://localhost:8080" help:"Gateways, separated by commas. Use all there are: what differs between them shows then."`
	Duration  time.Duration `default:"1m" help:"Longest time to send; 0 for no limit. Ctrl-C ends it earlier, and still checks."`
	Messages  int64         `default:"0" help:"Messages acknowledged after which the senders stop; 0 for no limit."`
	Chats     int           `default:"12" help:"Chats of two."`
	Groups    int           `default:"4" help:"Groups whose members come and go."`
	Senders   int           `default:"32" help:"Senders, at least one for each chat and group."`
	Followers int           `default:"1" help:"Readers that follow each chat by pulls. One more browses it back and forth, and members follow all of theirs by sync."`
	Pause     time.Duration `default:"0s" help:"Pause of a sender between two messages."`
	Poll      time.Duration `default:"20ms" help:"Pause of a follower that has read all."`
	Vigils    int           `default:"4" help:"Further chats, in which little is said, each with readers that wait for it (wait_ms). With groups, one is a group."`
	Late      time.Duration `default:"5s" help:"Longest time from an acknowledgement, while no request fails or is slow, until such a reader must know."`
	Seed      uint64        `default:"1" help:"Decides what senders and readers choose to do."`
	Settle    time.Duration `default:"2m" help:"Longest time, after that, to learn the outcome of the last sends and to read all chats again."`
}

func main() {
	daemon.Main("imcheck", "Checks that a running system loses, repeats, skips and reorders no message.",
		&config{}, kong.BindTo(os.Stdout, (*io.Writer)(nil)))
}

// Run checks until ctx is done, or the time or the messages are used up, and writes the
// report to out.
func (c *config) Run(ctx context.Context, out io.Writer) error {
	traffic, err := delivery.Start(context.WithoutCancel(ctx), c.traffic())
	if err != nil {
		return err
	}
	c.awaitEnd(ctx, traffic)
	settle, cancel := context.WithTimeout(context.Background(), c.Settle)
	defer cancel()
	report, err := traffic.Finish(settle)
	if err != nil {
		return fmt.Errorf("not checked: %w%s", err, lastFailure(traffic))
	}
	if _, err := fmt.Fprint(out, report); err != nil {
		return err
	}
	switch {
	case !report.OK():
		return errors.New("the system does not deliver as it promises")
	case report.Acknowledged == 0:
		return errors.New("no message was acknowledged" + lastFailure(traffic))
	}
	return nil
}

// traffic returns the settings of the traffic.
func (c *config) traffic() delivery.Config {
	return delivery.Config{
		URLs: c.URL, Chats: c.Chats, Groups: c.Groups, Senders: c.Senders, Followers: c.Followers,
		Pause: c.Pause, Poll: c.Poll, Vigils: c.Vigils, Late: c.Late,
		Messages: c.Messages, Seed: c.Seed,
	}
}

// awaitEnd waits until there is nothing more to send.
func (c *config) awaitEnd(ctx context.Context, traffic *delivery.Traffic) {
	if c.Duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.Duration)
		defer cancel()
	}
	select {
	case <-ctx.Done():
	case <-traffic.Stopped():
	}
}

// lastFailure returns a request that failed, as a hint.
func lastFailure(traffic *delivery.Traffic) string {
	failures := traffic.Failures()
	if len(failures) == 0 {
		return ""
	}
	return "; a request failed: " + failures[len(failures)-1]
}
