package guard

import (
	"errors"
	"fmt"
	"net/url"

	"example.com/im/http-server/hosts"
	"example.com/im/http-server/peer"
	"example.com/im/http-server/ratelimit"
)

// MinAnswerBytes is the least budget of a client for answers. The longest page has 1 MiB of
// texts, which JSON may write six times as long, and 1,000 names. It must fit, or the client
// would ask for it for ever.
const MinAnswerBytes = 16 << 20

// Settings say who may come in, and how much each may hold, for kong.
type Settings struct {
	MaxConnections int      `env:"MAX_CONNECTIONS" default:"20000" help:"Most client connections; more are closed."`
	MaxRequests    int      `env:"MAX_REQUESTS" default:"10000" help:"Most API calls in flight; more are answered 503."`
	CORSOrigins    []string `env:"CORS_ORIGINS" default:"*" help:"Origins whose web pages may call the API; * is any. If it is not, calls of other pages are refused."`

	Hosts     hosts.Settings     `embed:""`
	Peers     peer.Settings      `embed:""`
	RateLimit ratelimit.Settings `embed:""`
	Shares    Shares             `embed:""`
}

// Validate implements kong's hook. It checks what this struct itself declares.
func (s Settings) Validate() error {
	if s.MaxConnections < 1 || s.MaxRequests < 1 {
		return errors.New("MAX_CONNECTIONS and MAX_REQUESTS must be at least 1")
	}
	return s.validateOrigins()
}

// validateOrigins checks that browsers can send the origins.
func (s Settings) validateOrigins() error {
	for _, origin := range s.CORSOrigins {
		if origin == "*" {
			continue
		}
		if u, err := url.Parse(origin); err != nil || u.Host == "" || u.Scheme+"://"+u.Host != origin {
			return fmt.Errorf("CORS_ORIGINS: %q must be * or scheme://host or scheme://host:port", origin)
		}
	}
	return nil
}

// Shares say how much of the gateway one client may hold, for kong.
type Shares struct {
	Connections  int64 `name:"max-connections-per-client" env:"MAX_CONNECTIONS_PER_CLIENT" default:"10000" help:"Most connections of one client address (IPv4) or /64 network (IPv6); more are closed. 0: no limit but MAX_CONNECTIONS. Addresses of TRUSTED_PROXIES are not counted: behind a load balancer that it does not name, all connections have its address."`
	AnswerBytes  int64 `name:"max-answer-bytes-per-client" env:"MAX_ANSWER_BYTES_PER_CLIENT" default:"67108864" help:"Memory for the API's answers to one client address (IPv4) or /64 network (IPv6) that the client has not yet taken, in bytes; further long ones are answered 503. 0: no limit but MAX_ANSWER_BYTES."`
	AllOfAnswers int64 `name:"max-answer-bytes" env:"MAX_ANSWER_BYTES" default:"268435456" help:"Memory for the API's answers that clients have not yet taken, in bytes; further long ones are answered 503. 0: no limit."`
}

// Validate implements kong's hook.
func (s Shares) Validate() error {
	switch {
	case s.Connections < 0:
		return errors.New("MAX_CONNECTIONS_PER_CLIENT must not be negative")
	case s.AnswerBytes != 0 && s.AnswerBytes < MinAnswerBytes, s.AllOfAnswers != 0 && s.AllOfAnswers < MinAnswerBytes:
		return errors.New("MAX_ANSWER_BYTES and MAX_ANSWER_BYTES_PER_CLIENT must be 0 or at least 16777216 (16 MiB), so that the longest answer fits")
	}
	return nil
}
