package delivery

import (
	"errors"
	"net/http"
	"time"
)

// Config says what traffic to make.
type Config struct {
	URLs      []string      // of the gateways, such as http://localhost:8080
	Chats     int           // chats of two, of this traffic alone
	Groups    int           // groups whose members come and go; each counts as a chat
	Senders   int           // of all chats together, at least one for each
	Followers int           // of each chat, beside one that browses
	Pause     time.Duration // of a sender between two messages
	Poll      time.Duration // of a follower that has read all
	Vigils    int           // further chats, in which little is said, each with readers that wait for it; with groups, one is a group
	Late      time.Duration // from an acknowledgement in calm times until such a reader must know
	Messages  int64         // acknowledged, after which the senders stop; 0: no such number
	Seed      uint64        // decides what senders and readers choose to do
	// Wrap goes around the transport of the HTTP client, to look at what passes; nil: nothing does.
	Wrap func(http.RoundTripper) http.RoundTripper
}

// Validate returns what is wrong with the settings.
func (c Config) Validate() error {
	switch {
	case len(c.URLs) == 0:
		return errors.New("no gateway is named")
	case c.Chats < 1 || c.Groups < 0 || c.Senders < c.Chats+c.Groups || c.Followers < 1:
		return errors.New("there must be a chat, for each chat or group a sender, and a follower")
	case c.Pause < 0 || c.Poll <= 0 || c.Messages < 0:
		return errors.New("pause and messages must not be negative, poll must be longer than 0")
	case c.Vigils < 0 || c.Vigils > 0 && (c.Late <= 0 || vigilWait(c.Late) >= requestTimeout):
		return errors.New("vigils must not be negative, and late between 0s and 15s")
	}
	return nil
}
