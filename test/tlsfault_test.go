package test

import (
	"testing"
	"time"

	"example.com/im/idl/credential/credentialtest"
	"example.com/im/idl/etcd"
	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// etcdWorld is what the faults between the services and etcd are made of.
type etcdWorld struct {
	known, unknown *credentialtest.Authority // of the services' ETCD_CA, and another
	addr           string
}

// start starts an etcd without TLS.
func (w etcdWorld) start(t *testing.T) *process.Etcd {
	t.Helper()
	return w.startAs(t, etcd.Settings{Endpoints: []string{"http://" + w.addr}})
}

// startSecure starts an etcd with a certificate for a name, signed by the authority,
// and with further options. The test itself reaches it only without such options.
func (w etcdWorld) startSecure(t *testing.T, authority *credentialtest.Authority, name string, options ...string) *process.Etcd {
	t.Helper()
	cert, key := authority.Issue(t, name)
	return w.startAs(t, etcd.Settings{Endpoints: []string{"https://" + w.addr}, CA: authority.File},
		append([]string{"--cert-file=" + cert, "--key-file=" + key}, options...)...)
}

func (w etcdWorld) startAs(t *testing.T, access etcd.Settings, options ...string) *process.Etcd {
	t.Helper()
	return process.StartEtcdAs(t, access, options...)
}

// etcdFault is an etcd that refuses services with these settings, or that they
// refuse.
type etcdFault struct {
	settings func(w etcdWorld) []string
	start    func(t *testing.T, w etcdWorld) *process.Etcd
	want     string                                           // the one line in the log of each service
	mend     func(t *testing.T, w etcdWorld, e *process.Etcd) // heals all, without a hand on the services
}

// withCA, withUser and plain are settings of the services.
func withCA(w etcdWorld) []string { return []string{"ETCD_CA=" + w.known.File} }

func withUser(etcdWorld) []string {
	return []string{"ETCD_USERNAME=" + etcdUser, "ETCD_PASSWORD=" + secret}
}

func plain(etcdWorld) []string { return nil }

// replaceBySecure ends an etcd, and starts one as withCA asks for.
func replaceBySecure(t *testing.T, w etcdWorld, e *process.Etcd) {
	t.Helper()
	e.Kill()
	w.startSecure(t, w.known, "127.0.0.1")
}

// startWithUser starts an etcd that asks for the user by a password.
func startWithUser(password string) func(t *testing.T, w etcdWorld) *process.Etcd {
	return func(t *testing.T, w etcdWorld) *process.Etcd {
		t.Helper()
		e := w.start(t)
		e.AwaitReady(t)
		e.AskForUser(t, etcdUser, password)
		return e
	}
}

var etcdFaults = map[string]etcdFault{
	"another authority": {
		withCA,
		func(t *testing.T, w etcdWorld) *process.Etcd { return w.startSecure(t, w.unknown, "127.0.0.1") },
		"ETCD_CA is not the authority", replaceBySecure,
	},
	"another name": {
		withCA,
		func(t *testing.T, w etcdWorld) *process.Etcd { return w.startSecure(t, w.known, "etcd.example") },
		"ETCD_ENDPOINTS names etcd otherwise", replaceBySecure,
	},
	"TLS with an etcd without": {
		withCA,
		func(t *testing.T, w etcdWorld) *process.Etcd { return w.start(t) },
		"asks for TLS, which this etcd does not", replaceBySecure,
	},
	"no certificate": {
		withCA,
		func(t *testing.T, w etcdWorld) *process.Etcd {
			return w.startSecure(t, w.known, "127.0.0.1", "--client-cert-auth", "--trusted-ca-file="+w.known.File)
		},
		"ETCD_CERT is missing", replaceBySecure,
	},
	"no TLS with an etcd that asks for it": {
		plain,
		func(t *testing.T, w etcdWorld) *process.Etcd { return w.startSecure(t, w.known, "127.0.0.1") },
		"ETCD_CA is missing",
		func(t *testing.T, w etcdWorld, e *process.Etcd) { e.Kill(); w.start(t) },
	},
	"another password": {
		withUser, startWithUser("another"), "ETCD_USERNAME or ETCD_PASSWORD is wrong",
		func(t *testing.T, _ etcdWorld, e *process.Etcd) { e.SetPassword(t, etcdUser, secret) },
	},
	"no password": {
		plain, startWithUser(secret), "ETCD_USERNAME and ETCD_PASSWORD are missing",
		func(t *testing.T, _ etcdWorld, e *process.Etcd) { e.AskForNoUser(t) },
	},
}

// What keeps the services from etcd is one line in the log of each, however often they
// try. The line names the wrong setting. Once it is mended, both services recover.
func TestEtcdFaults(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	dsn := storetest.MySQL(t)
	for name, fault := range etcdFaults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := etcdWorld{credentialtest.NewAuthority(t), credentialtest.NewAuthority(t), storetest.Reserve(t)}
			e := fault.start(t, w)
			rpc := process.StartRPCServer(t, w.addr, dsn, fault.settings(w)...)
			g := process.StartGateway(t, w.addr, fault.settings(w)...)
			both := []*process.Process{rpc.Process, g.Process}
			for _, p := range both {
				awaitLine(t, p, fault.want)
			}
			time.Sleep(4 * time.Second) // in which each tries again, and says nothing new
			for _, p := range both {
				if n := linesWith(p.Log(), fault.want); n != 1 {
					t.Errorf("%s: %d lines with %q; want one", p.Name(), n, fault.want)
				}
			}
			fault.mend(t, w, e)
			g.AwaitReady(t)
			newClient(t, g.URL).send(t, "john:doe", "john", "x")
			for _, p := range both {
				wantNoSecret(t, "the log of "+p.Name(), p.Log().String())
				wantCalmLog(t, p.Log())
			}
		})
	}
}
