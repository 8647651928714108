package bench

import (
	"time"

	"example.com/im/http-server/identity/identitytest"
	"example.com/im/idl/credential/credentialtest"
	"example.com/im/test/bench/load"
	"example.com/im/test/bench/message"
	"example.com/im/test/bench/report"
)

// tokenLife is longer than a run.
const tokenLife = 12 * time.Hour

// secured measures what it costs to know who calls, and to hide what the services say to
// each other.
func (w *world) secured() {
	s := w.section("Tokens, and TLS between the services", "Sends in a closed loop. With tokens each call carries one that the gateway remembers; "+
		"with TLS the gateway and rpc-server show each other certificates.")
	conns := w.scale.conns[0]
	request := load.Send(w.scale.chats)
	issuer := identitytest.Start(w)
	claims := issuer.Claims(message.Sender)
	claims["exp"] = time.Now().Add(tokenLife).Unix()
	withToken := load.Bearer(request, issuer.Sign(w, "EdDSA", claims))

	plain := w.securedBy("plain", nil)
	tokens := w.securedBy("tokens", []string{"OIDC_ISSUER=" + issuer.URL, "OIDC_AUDIENCE=" + identitytest.Audience})
	tls := w.securedBy("tls", w.certificates())
	c := w.closedOn(plain, "ours", conns, request)
	w.compare(s, c, w.closedOn(tokens, "ours, tokens", conns, withToken), w.closedOn(tls, "ours, TLS", conns, request))
	for _, subject := range []string{"ours, tokens", "ours, TLS"} {
		row, before := s.Row(c.load, subject), s.Row(c.load, "ours")
		s.Add(subject+" / ours", "", report.Ratios(row.Rates(), before.Rates())...)
		for _, process := range []string{"gateway", "rpc-server"} {
			for n, t := range row.Trials {
				s.Put(subject+", more CPU of the "+process, "µs a send", t.CPU[process]-before.Trials[n].CPU[process])
			}
		}
	}
}

// securedBy starts a system with settings, whose chats have messages.
func (w *world) securedBy(name string, settings []string) *system {
	w.Helper()
	s := w.start(w.T, spec{database: "secured_" + name, rpcServers: 1, settings: settings})
	w.fill(s.dsn, filling{chats: w.scale.chats, each: w.scale.fill, lanes: true})
	return s
}

// certificates returns the settings of mutual TLS between the services.
func (w *world) certificates() []string {
	w.Helper()
	authority := credentialtest.NewAuthority(w)
	cert, key := authority.Issue(w, "rpc-server", "127.0.0.1")
	return []string{"RPC_TLS_CA=" + authority.File, "RPC_TLS_CERT=" + cert, "RPC_TLS_KEY=" + key}
}
