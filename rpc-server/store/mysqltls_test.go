package store_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	driver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"

	"example.com/im/idl/credential/credentialtest"
	"example.com/im/rpc-server/store"
	"example.com/im/rpc-server/store/storetest"
)

// secret is the password of the user im.
const secret = "Sw0rd:f1sh@(/)?"

// startSecure starts a server that refuses connections without TLS. The authority has
// signed its certificate, for 127.0.0.1. It returns the DSN of the user im of a fresh
// database, without the password.
func startSecure(t *testing.T, authority *credentialtest.Authority) *driver.Config {
	t.Helper()
	cert, key := authority.Issue(t, "127.0.0.1")
	server, err := storetest.StartMariaDB(t, t.TempDir(), "--ssl-ca="+authority.File, "--ssl-cert="+cert, "--ssl-key="+key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Kill)
	c, err := driver.ParseDSN(server.Create(t, "im"))
	if err != nil {
		t.Fatal(err)
	}
	root, err := gorm.Open(mysql.Open(c.FormatDSN()))
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"CREATE USER im IDENTIFIED BY '" + secret + "'", "GRANT ALL ON im.* TO im", "SET GLOBAL require_secure_transport = ON",
	} {
		if err := root.Exec(statement).Error; err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	c.User = "im"
	return c
}

// written returns a new file with the content.
func written(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// open opens a store by settings.
func open(t *testing.T, s store.MySQLSettings, traced bool) (*store.Store, error) {
	t.Helper()
	dialector, err := s.Dialector(traced)
	if err != nil {
		return nil, err
	}
	return store.Open(t.Context(), dialector, storetest.Config())
}

// The store reaches a server by TLS, and only the server that the settings vouch for.
func TestMySQLByTLS(t *testing.T) {
	t.Parallel()
	authority := credentialtest.NewAuthority(t)
	c := startSecure(t, authority)
	dsn, password := c.FormatDSN(), written(t, secret+"\n")
	for name, traced := range map[string]bool{"plain": false, "traced": true} {
		st, err := open(t, store.MySQLSettings{DSN: dsn, CA: authority.File, PasswordFile: password}, traced)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := st.Lanes(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		_ = st.Close()
	}
	elsewhere := c.Clone()
	_, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere.Addr = net.JoinHostPort("localhost", port)
	for name, tc := range map[string]struct {
		settings store.MySQLSettings
		want     string
	}{
		"another authority": {store.MySQLSettings{DSN: dsn, CA: credentialtest.NewAuthority(t).File, PasswordFile: password}, "MYSQL_CA does not vouch"},
		"another name":      {store.MySQLSettings{DSN: elsewhere.FormatDSN(), CA: authority.File, PasswordFile: password}, "MYSQL_CA does not vouch"},
		"no TLS":            {store.MySQLSettings{DSN: dsn, PasswordFile: password}, "MYSQL_CA is missing"},
		"another password":  {store.MySQLSettings{DSN: dsn, CA: authority.File, PasswordFile: written(t, "f1sh")}, "Access denied"},
		"no password":       {store.MySQLSettings{DSN: dsn, CA: authority.File}, "Access denied"},
	} {
		st, err := open(t, tc.settings, false)
		if err == nil {
			_ = st.Close()
		}
		if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "f1sh") {
			t.Errorf("%s: %v; want %q and no password", name, err, tc.want)
		}
		if store.Unavailable(err) {
			t.Errorf("%s: %v counts as what goes away by itself", name, err)
		}
	}
}

// MYSQL_CA refuses a server without TLS, and one with a certificate of its own.
func TestMySQLWithoutTLS(t *testing.T) {
	t.Parallel()
	_, err := open(t, store.MySQLSettings{DSN: storetest.MySQL(t), CA: credentialtest.NewAuthority(t).File}, false)
	if err == nil || !strings.Contains(err.Error(), "MYSQL_CA") {
		t.Errorf("Open = %v; want an error that names MYSQL_CA", err)
	}
}

// Settings that cannot work are refused before anybody connects, and no error repeats
// the password.
func TestMySQLSettings(t *testing.T) {
	t.Parallel()
	const dsn = "im:Sw0rd@tcp(127.0.0.1:1)/im"
	authority := credentialtest.NewAuthority(t)
	missing := filepath.Join(t.TempDir(), "none")
	for name, tc := range map[string]struct {
		settings store.MySQLSettings
		want     string
	}{
		"no DSN":             {store.MySQLSettings{DSN: "Sw0rd"}, "MYSQL_DSN: "},
		"TLS twice":          {store.MySQLSettings{DSN: dsn + "?tls=skip-verify", CA: authority.File}, "leave tls= out"},
		"TLS off":            {store.MySQLSettings{DSN: dsn + "?tls=false", CA: authority.File}, "leave tls= out"},
		"a socket":           {store.MySQLSettings{DSN: "im:Sw0rd@unix(/socket)/im", CA: authority.File}, "MYSQL_CA: "},
		"no CA":              {store.MySQLSettings{DSN: dsn, CA: missing}, "MYSQL_CA: "},
		"a CA of no PEM":     {store.MySQLSettings{DSN: dsn, CA: written(t, "Sw0rd")}, "MYSQL_CA: "},
		"two passwords":      {store.MySQLSettings{DSN: dsn, PasswordFile: written(t, "Sw0rd")}, "leave the password out"},
		"no password's file": {store.MySQLSettings{DSN: "im@tcp(127.0.0.1:1)/im", PasswordFile: missing}, "MYSQL_PASSWORD_FILE: "},
		"an empty password":  {store.MySQLSettings{DSN: "im@tcp(127.0.0.1:1)/im", PasswordFile: written(t, "\n")}, "MYSQL_PASSWORD_FILE: "},
	} {
		_, err := tc.settings.Dialector(false)
		if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "Sw0rd") {
			t.Errorf("%s: %v; want %q and no password", name, err, tc.want)
		}
	}
}
