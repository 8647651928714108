package etcd_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/im/idl/credential/credentialtest"
	"example.com/im/idl/daemon"
	"example.com/im/idl/etcd"
)

// one is an etcd that no test asks.
var one = []string{"etcd:2379"}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		settings etcd.Settings
		want     string // in the error; "" wants none
	}{
		"default":           {daemon.Default[etcd.Settings](), ""},
		"three members":     {etcd.Settings{Endpoints: []string{"a:1", "[::1]:2", "127.0.0.1:3"}}, ""},
		"https":             {etcd.Settings{Endpoints: []string{"https://a:1", "https://b:2"}, CA: "ca"}, ""},
		"http":              {etcd.Settings{Endpoints: []string{"http://a:1"}}, ""},
		"all":               {etcd.Settings{Endpoints: one, CA: "ca", Cert: "cert", Key: "key", Username: "im", Password: "x"}, ""},
		"a password's file": {etcd.Settings{Endpoints: one, Username: "im", PasswordFile: "file"}, ""},

		"none":                  {etcd.Settings{}, "ETCD_ENDPOINTS"},
		"an empty one":          {etcd.Settings{Endpoints: []string{"a:1", ""}}, "ETCD_ENDPOINTS"},
		"no port":               {etcd.Settings{Endpoints: []string{"etcd"}}, "ETCD_ENDPOINTS"},
		"no host":               {etcd.Settings{Endpoints: []string{":2379"}}, "ETCD_ENDPOINTS"},
		"a path":                {etcd.Settings{Endpoints: []string{"https://etcd:2379/v3"}}, "ETCD_ENDPOINTS"},
		"another scheme":        {etcd.Settings{Endpoints: []string{"unix:///etcd:1"}}, "ETCD_ENDPOINTS"},
		"TLS for some":          {etcd.Settings{Endpoints: []string{"https://a:1", "b:2"}}, "before each address or before none"},
		"http with CA":          {etcd.Settings{Endpoints: []string{"http://a:1"}, CA: "ca"}, "must not be http://"},
		"no key":                {etcd.Settings{Endpoints: one, Cert: "cert"}, "ETCD_CERT and ETCD_KEY"},
		"a key alone":           {etcd.Settings{Endpoints: one, Key: "key"}, "ETCD_CERT and ETCD_KEY"},
		"two passwords":         {etcd.Settings{Endpoints: one, Username: "im", Password: "Sw0rd", PasswordFile: "file"}, "must not both be set"},
		"no password":           {etcd.Settings{Endpoints: one, Username: "im"}, "ETCD_USERNAME needs"},
		"nobody's password":     {etcd.Settings{Endpoints: one, Password: "Sw0rd"}, "need ETCD_USERNAME"},
		"a file without a user": {etcd.Settings{Endpoints: one, PasswordFile: "file"}, "need ETCD_USERNAME"},
	} {
		err := tc.settings.Check()
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v; want %q", name, err, tc.want)
		}
		if err != nil && strings.Contains(err.Error(), "Sw0rd") {
			t.Errorf("%s: the error tells the password: %v", name, err)
		}
	}
}

func TestClient(t *testing.T) {
	t.Parallel()
	authority := credentialtest.NewAuthority(t)
	cert, key := authority.Issue(t, "im")
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("Sw0rd\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := etcd.Settings{
		Endpoints: []string{"https://a:1", "https://b:2"}, CA: authority.File, Cert: cert, Key: key, Username: "im", PasswordFile: file,
	}.Client()
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"a:1", "b:2"}; !slices.Equal(c.Endpoints, want) {
		t.Errorf("endpoints %v; want %v", c.Endpoints, want)
	}
	if c.TLS == nil || c.TLS.RootCAs == nil || len(c.TLS.Certificates) != 1 || c.TLS.InsecureSkipVerify || c.TLS.ServerName != "" {
		t.Errorf("TLS = %+v", c.TLS)
	}
}

// TLS is by any of three settings, and by nothing else.
func TestClientTLS(t *testing.T) {
	t.Parallel()
	authority := credentialtest.NewAuthority(t)
	cert, key := authority.Issue(t, "im")
	for name, tc := range map[string]struct {
		settings etcd.Settings
		want     bool
	}{
		"nothing": {etcd.Settings{Endpoints: one}, false},
		"http":    {etcd.Settings{Endpoints: []string{"http://a:1"}}, false},
		"https":   {etcd.Settings{Endpoints: []string{"https://a:1"}}, true},
		"CA":      {etcd.Settings{Endpoints: one, CA: authority.File}, true},
		"cert":    {etcd.Settings{Endpoints: one, Cert: cert, Key: key}, true},
	} {
		if c, err := tc.settings.Client(); err != nil || (c.TLS != nil) != tc.want {
			t.Errorf("%s: TLS = %v, %v; want TLS: %v", name, c.TLS, err, tc.want)
		}
	}
}

// A file that cannot be used is named, with its setting.
func TestClientFiles(t *testing.T) {
	t.Parallel()
	authority := credentialtest.NewAuthority(t)
	cert, _ := authority.Issue(t, "im")
	_, another := authority.Issue(t, "im")
	missing, password := filepath.Join(t.TempDir(), "none"), filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("Sw0rd"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		settings etcd.Settings
		want     string
	}{
		"no CA":             {etcd.Settings{CA: missing}, "ETCD_CA: "},
		"a CA of no PEM":    {etcd.Settings{CA: password}, "ETCD_CA: "},
		"no certificate":    {etcd.Settings{Cert: missing, Key: another}, "ETCD_CERT"},
		"another's key":     {etcd.Settings{Cert: cert, Key: another}, "ETCD_KEY"},
		"a key of no PEM":   {etcd.Settings{Cert: cert, Key: password}, "ETCD_KEY"},
		"no password":       {etcd.Settings{Username: "im", PasswordFile: missing}, "ETCD_PASSWORD_FILE: "},
		"an empty password": {etcd.Settings{Username: "im", PasswordFile: os.DevNull}, "ETCD_PASSWORD_FILE: "},
	} {
		_, err := tc.settings.Client()
		if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "Sw0rd") {
			t.Errorf("%s: %v; want %q", name, err, tc.want)
		}
	}
}
