package test

import (
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/im/idl/credential/credentialtest"
	"example.com/im/idl/etcd"
	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// etcdUser is the user of both services in etcd.
const etcdUser = "im"

// secretFile returns a new file with the secret, as an editor writes it.
func secretFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// secureMySQL returns the DSN of a user whose password is secret, without the password.
// The server accepts nobody without TLS.
func secureMySQL(t *testing.T, authority *credentialtest.Authority) string {
	t.Helper()
	cert, key := authority.Issue(t, "127.0.0.1")
	server, err := storetest.StartMariaDB(t, t.TempDir(), "--ssl-ca="+authority.File, "--ssl-cert="+cert, "--ssl-key="+key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Kill)
	root, err := sql.Open("mysql", server.Create(t, "im"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	execute(t, root, "CREATE USER im IDENTIFIED BY '"+secret+"'")
	execute(t, root, "GRANT ALL ON im.* TO im")
	execute(t, root, "SET GLOBAL require_secure_transport = ON")
	return "im@tcp(" + server.Addr() + ")/im"
}

// startSecureEtcd starts an etcd that takes nobody without a certificate of the
// authority.
func startSecureEtcd(t *testing.T, authority *credentialtest.Authority, options ...string) *process.Etcd {
	t.Helper()
	cert, key := authority.Issue(t, "127.0.0.1")
	e := process.StartEtcdAs(t,
		etcd.Settings{Endpoints: []string{"https://" + storetest.Reserve(t)}, CA: authority.File, Cert: cert, Key: key},
		append([]string{"--cert-file=" + cert, "--key-file=" + key, "--client-cert-auth", "--trusted-ca-file=" + authority.File}, options...)...)
	e.AwaitReady(t)
	return e
}

// secureSettings are how both services reach [startSecureEtcd] and [secureMySQL].
func secureSettings(t *testing.T, authority *credentialtest.Authority) []string {
	t.Helper()
	cert, key := authority.Issue(t, "service.example")
	password := secretFile(t)
	return []string{
		"ETCD_CA=" + authority.File, "ETCD_CERT=" + cert, "ETCD_KEY=" + key,
		"ETCD_USERNAME=" + etcdUser, "ETCD_PASSWORD_FILE=" + password,
		"MYSQL_CA=" + authority.File, "MYSQL_PASSWORD_FILE=" + password, "LOG_LEVEL=debug",
	}
}

// A system works whose database and etcd ask for TLS and passwords. It recovers after
// etcd has forgotten whom it let in.
func TestTLS(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	authority := credentialtest.NewAuthority(t)
	dsn, settings := secureMySQL(t, authority), secureSettings(t, authority)
	e := startSecureEtcd(t, authority)
	e.AskForUser(t, etcdUser, secret)
	s := &process.System{
		Etcd:       e,
		RPCServers: []*process.RPCServer{process.StartRPCServer(t, e.Addr, dsn, settings...)},
		Gateways:   []*process.Gateway{process.StartGateway(t, e.Addr, settings...)},
	}
	s.AwaitReady(t)
	c := newClient(t, s.URLs()...)
	c.send(t, "john:doe", "john", "x")
	if got := c.pull(t, "chat", "john:doe"); len(got.Messages) != 1 {
		t.Errorf("pull = %v; want the message", got)
	}

	e.Kill()
	e.Restart(t)
	e.AwaitReady(t)
	second := process.StartRPCServer(t, e.Addr, dsn, settings...)
	s.RPCServers = append(s.RPCServers, second)
	s.AwaitReady(t)
	s.RPCServers[0].Stop(t)
	process.Await(t, time.Minute, "the gateway has found the second rpc-server", func() bool {
		r, err := c.post(t.Context(), "john:doe", "john", "y")
		return err == nil && r.status == http.StatusOK
	})
	for _, p := range []*process.Process{s.RPCServers[0].Process, second.Process, s.Gateways[0].Process} {
		wantNoSecret(t, "the log of "+p.Name(), p.Log().String())
	}
}

// Services start before an etcd that asks for a user, and outlive the tokens that
// it gives them.
func TestEtcdUser(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	const life = 2 * time.Second
	cert, key := credentialtest.NewAuthority(t).Issue(t, "tokens") // which etcd signs by the key
	addr := storetest.Reserve(t)
	settings := []string{"ETCD_USERNAME=" + etcdUser, "ETCD_PASSWORD=" + secret}
	rpc := process.StartRPCServer(t, addr, storetest.MySQL(t), settings...)
	g := process.StartGateway(t, addr, settings...)
	awaitLine(t, rpc.Process, "not registered")
	awaitLine(t, g.Process, "waiting for an rpc-server")

	e := process.StartEtcdAs(t, etcd.Settings{Endpoints: []string{"http://" + addr}},
		fmt.Sprintf("--auth-token=jwt,pub-key=%s,priv-key=%s,sign-method=ES256,ttl=%v", cert, key, life))
	e.AwaitReady(t)
	e.AskForUser(t, etcdUser, secret)
	g.AwaitReady(t)
	time.Sleep(3 * life) // what is tested
	rpc.Stop(t)          // with a new token, or its address would stay
	addrs, err := e.Registered(t.Context())
	if err != nil || len(addrs) != 0 {
		t.Errorf("in etcd are %v, %v; want nothing", addrs, err)
	}
	process.Await(t, time.Minute, "the gateway notices", func() bool { return g.Log().Contains("no instance remains") })
	for _, p := range []*process.Process{rpc.Process, g.Process} {
		wantCalmLog(t, p.Log())
		wantNoSecret(t, "the log of "+p.Name(), p.Log().String())
	}
}

// The gateway does not tell etcd's password, even if it was given on the command line.
// (TestNoSecretWhileServing checks the same for rpc-server.)
func TestNoSecretOfEtcd(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	debug := storetest.Reserve(t)
	p := process.Start(t, "http-server", []string{
		process.Binary(t, "http-server"), "--etcd-username=" + etcdUser, "--etcd-password=" + secret,
	}, []string{
		"HTTP_ADDR=" + storetest.Reserve(t), "DEBUG_ADDR=" + debug, "ETCD_ENDPOINTS=" + storetest.Reserve(t),
		"LOG_LEVEL=debug", "DRAIN_DELAY=0s",
	})
	awaitLine(t, p, "waiting for an rpc-server")
	wantNoSecretAt(t, debug)
	wantNoSecret(t, "the log", p.Log().String())
}

// awaitLine waits until a program has logged text.
func awaitLine(t *testing.T, p *process.Process, text string) {
	t.Helper()
	process.Await(t, time.Minute, p.Name()+" says "+text, func() bool { return p.Log().Contains(text) })
}

// linesWith returns how many lines of a log have text.
func linesWith(log *process.Log, text string) int {
	return len(slices.DeleteFunc(log.Lines(), func(line string) bool { return !strings.Contains(line, text) }))
}
