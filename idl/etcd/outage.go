package etcd

import (
	"errors"
	"fmt"
	"strings"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
)

// Outage says which failures are news. A log then has a line for each change, not for
// each try. The zero Outage has not begun. It is for one goroutine.
type Outage struct {
	began  bool
	reason string // the latest that is known
}

// Failed notes the failure of a try. It reports whether that is news, and returns
// err with the setting that is to blame, if that is known.
func (o *Outage) Failed(s Settings, err error) (news bool, told error) {
	reason := s.blame(err)
	news = !o.began || reason != "" && reason != o.reason
	o.began = true
	if reason == "" {
		return news, err
	}
	o.reason = reason
	return news, fmt.Errorf("%s: %w", reason, err)
}

// Ended notes a success, and reports whether it ends an outage.
func (o *Outage) Ended() bool {
	began := o.began
	*o = Outage{}
	return began
}

// Blames reports whether a setting is to blame for the outage.
func (o *Outage) Blames() bool { return o.reason != "" }

// refusals are what etcd answers, with the settings that are to blame.
var refusals = []struct {
	err   error
	blame string
}{
	{rpctypes.ErrUserEmpty, "ETCD_USERNAME and ETCD_PASSWORD are missing: etcd asks for a user"},
	{rpctypes.ErrAuthFailed, "ETCD_USERNAME or ETCD_PASSWORD is wrong"},
	{rpctypes.ErrPermissionDenied, "ETCD_USERNAME names a user who may not do this"},
}

// handshakes are how a TLS handshake fails, with the settings that are to blame. Only
// the texts tell them apart: gRPC keeps no more of the errors.
var handshakes = []struct{ text, blame string }{
	{"signed by unknown authority", "ETCD_CA is not the authority that signed etcd's certificate"},
	{"x509: certificate is valid for", errName},
	{"x509: certificate is not valid for any names", errName},
	{"x509: cannot validate certificate for", errName},
	{"certificate has expired or is not yet valid", "etcd's certificate has expired, or is not valid yet"},
	{"first record does not look like a TLS handshake", errNoTLS},
	{"authentication handshake failed: EOF", errNoTLS},
	{"remote error: tls:", "ETCD_CERT is missing, or not a certificate that etcd accepts"},
}

const (
	errName  = "ETCD_ENDPOINTS names etcd otherwise than its certificate"
	errNoTLS = "ETCD_CA, ETCD_CERT or https:// asks for TLS, which this etcd does not seem to speak"
)

// blame returns the setting that is to blame for err, and why, or "".
func (s Settings) blame(err error) string {
	for _, refusal := range refusals {
		if errors.Is(err, refusal.err) {
			return refusal.blame
		}
	}
	text := err.Error()
	for _, handshake := range handshakes {
		if s.secure() && strings.Contains(text, handshake.text) {
			return handshake.blame
		}
	}
	// An etcd that speaks only TLS hangs up on a client that does not.
	if !s.secure() && strings.Contains(text, "error reading server preface") {
		return "ETCD_CA is missing, if etcd asks for TLS"
	}
	return ""
}
