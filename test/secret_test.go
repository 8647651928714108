package test

import (
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// secret is the database's password: with signs that a DSN may hold unescaped.
const secret = "Sw0rd:f1sh@(/)?"

// secretParts are what of it must not come out, in whatever way it was cut.
var secretParts = []string{"Sw0rd", "f1sh"}

// withSecret returns a fresh database, as a user whose password is secret.
func withSecret(t *testing.T) *driver.Config {
	t.Helper()
	dsn := storetest.MySQL(t)
	c, err := driver.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	root, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	user := fmt.Sprintf("im_test_%016x", rand.Uint64())
	execute(t, root, "CREATE USER "+user+" IDENTIFIED BY '"+secret+"'")
	execute(t, root, "GRANT ALL ON "+c.DBName+".* TO "+user)
	t.Cleanup(func() {
		execute(t, root, "DROP USER "+user)
		_ = root.Close()
	})
	c.User, c.Passwd = user, secret
	return c
}

func execute(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// wantNoSecret checks what came out of a program.
func wantNoSecret(t *testing.T, source, text string) {
	t.Helper()
	for _, part := range secretParts {
		if at := strings.Index(text, part); at >= 0 {
			t.Errorf("%s tells the password: %s", source, text[max(0, at-200):min(len(text), at+100)])
		}
	}
}

// A DSN that cannot work ends rpc-server with one line, which does not repeat the
// password.
func TestNoSecretInRefusals(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	good := withSecret(t)
	for name, tc := range map[string]struct{ dsn, want string }{
		"wrong password":     {strings.Replace(good.FormatDSN(), secret, secret+"!", 1), "Access denied"},
		"no such database":   {strings.Replace(good.FormatDSN(), good.DBName, "im_missing", 1), "im_missing"},
		"no database named":  {strings.Replace(good.FormatDSN(), good.DBName, "", 1), "no database"},
		"no slash after it":  {strings.TrimSuffix(good.FormatDSN(), "/"+good.DBName), "MYSQL_DSN"},
		"no network":         {strings.Replace(good.FormatDSN(), "tcp(", "(", 1) + "/%", "MYSQL_DSN"},
		"no @":               {"im:Sw0rdf1sh(" + good.Addr + ")/im", "MYSQL_DSN"},
		"a URL":              {"mysql://im:Sw0rdf1sh@" + good.Addr + "/im", "MYSQL_DSN"},
		"an unknown TLS set": {good.FormatDSN() + "?tls=im-ca", "im-ca"},
		"TLS, without such":  {good.FormatDSN() + "?tls=true", "TLS"},
		"a wrong parameter":  {good.FormatDSN() + "?timeout=soon", "soon"},
		"a wrong variable":   {good.FormatDSN() + "?no_such_variable=1", "no_such_variable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := process.Start(t, "rpc-server", []string{process.Binary(t, "rpc-server")}, []string{"MYSQL_DSN=" + tc.dsn})
			if status := p.Wait(t); status != 1 {
				t.Errorf("exit status %d; want 1", status)
			}
			if lines := p.Log().Lines(); len(lines) != 1 || !strings.Contains(lines[0], tc.want) {
				t.Errorf("output = %q; want one line with %q", lines, tc.want)
			}
			wantNoSecret(t, "the output", p.Log().String())
		})
	}
}

// The password does not come out while rpc-server serves, its database goes away, and
// all is logged, even if it was given on the command line.
func TestNoSecretWhileServing(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	database := withSecret(t)
	proxy := storetest.NewProxy(t, database.Addr)
	database.Addr = proxy.Addr()
	etcd := process.StartEtcd(t, storetest.Reserve(t))
	etcd.AwaitReady(t)
	addr, debug := storetest.Reserve(t), storetest.Reserve(t)
	p := process.Start(t, "rpc-server", []string{process.Binary(t, "rpc-server"), "--mysql-dsn=" + database.FormatDSN()}, []string{
		"RPC_ADDR=" + addr, "ETCD_ENDPOINTS=" + etcd.Addr, "DEBUG_ADDR=" + debug, "LOG_LEVEL=debug", "DRAIN_DELAY=0s",
	})
	process.Await(t, time.Minute, "rpc-server is ready", func() bool { return process.Status("http://"+debug+"/readyz") == http.StatusOK })
	wantNoSecretAt(t, debug)
	proxy.Refuse()
	proxy.CutAll()
	process.Await(t, time.Minute, "rpc-server is not ready", func() bool {
		return process.Status("http://"+debug+"/readyz") == http.StatusServiceUnavailable
	})
	wantNoSecretAt(t, debug)
	p.Stop(t)
	if !p.Log().Contains("serving") {
		t.Error("the log is empty")
	}
	wantNoSecret(t, "the log", p.Log().String())
}

// wantNoSecretAt checks what the debug listener tells.
func wantNoSecretAt(t *testing.T, debug string) {
	t.Helper()
	for _, path := range []string{
		"/metrics", "/readyz", "/debug/pprof/", "/debug/pprof/cmdline", "/debug/pprof/goroutine?debug=2", "/debug/pprof/heap?debug=1",
	} {
		resp, err := http.Get("http://" + debug + path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || len(text) == 0 {
			t.Errorf("%s answers %q, %v", path, text, err)
		}
		wantNoSecret(t, path, string(text))
	}
}

// rpc-server waits for a database that does not answer yet, and does not tell the
// password.
func TestNoSecretWhileWaiting(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	dsn := "im:" + secret + "@tcp(" + storetest.Reserve(t) + ")/im"
	p := process.Start(t, "rpc-server", []string{process.Binary(t, "rpc-server")}, []string{"MYSQL_DSN=" + dsn, "LOG_LEVEL=debug"})
	process.Await(t, time.Minute, "rpc-server has tried twice", func() bool {
		return strings.Count(p.Log().String(), "waiting for the database") > 1
	})
	p.Stop(t)
	wantNoSecret(t, "the log", p.Log().String())
}

// The reference of the settings shows no setting's value.
func TestNoSecretInHelp(t *testing.T) {
	t.Parallel()
	ownSystem(t)
	for _, service := range services {
		cmd := exec.Command(process.Binary(t, service), "--help")
		cmd.Env = []string{"MYSQL_DSN=im:" + secret + "@tcp(db)/im", "ETCD_PASSWORD=" + secret}
		text, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(text), "ETCD_PASSWORD") {
			t.Errorf("%s --help = %s, %v", service, text, err)
		}
		wantNoSecret(t, "--help", string(text))
	}
}
