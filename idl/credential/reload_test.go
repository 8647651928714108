package credential

import (
	"bytes"
	"crypto/x509"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/im/idl/credential/credentialtest"
)

// watched is an identity in a directory of its own, with a clock that the test moves.
type watched struct {
	*Reloaded
	files Files
	log   bytes.Buffer
	time  time.Time
}

// issue puts a new certificate of the authority, and its key, in place of the files.
func (w *watched) issue(t *testing.T, a *credentialtest.Authority, name string) {
	t.Helper()
	cert, key := a.Issue(t, name)
	w.replace(t, w.files.Cert, cert)
	w.replace(t, w.files.Key, key)
}

// replace puts the content of another file into a file.
func (w *watched) replace(t *testing.T, file, from string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// watch loads the identity of a name.
func watch(t *testing.T, a *credentialtest.Authority, name string) *watched {
	t.Helper()
	dir := t.TempDir()
	w := &watched{files: Files{Cert: filepath.Join(dir, "cert"), Key: filepath.Join(dir, "key"), CA: filepath.Join(dir, "ca")}}
	w.issue(t, a, name)
	w.replace(t, w.files.CA, a.File)
	r, err := Load(w.files, slog.New(slog.NewTextHandler(&w.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	w.Reloaded, w.time = r, time.Now()
	r.now = func() time.Time { return w.time }
	return w
}

// after returns the name of the certificate after some time.
func (w *watched) after(d time.Duration) string {
	w.time = w.time.Add(d)
	return w.Identity().Certificate.Leaf.Subject.CommonName
}

func TestReloads(t *testing.T) {
	t.Parallel()
	a := credentialtest.NewAuthority(t)
	w := watch(t, a, "a.example")
	if got := w.after(time.Hour); got != "a.example" || w.log.Len() > 0 {
		t.Errorf("at first it is %s; log %s", got, w.log.String())
	}
	w.issue(t, a, "b.example")
	if got := w.after(checkInterval / 2); got != "a.example" {
		t.Errorf("it is read twice within a second: %s", got)
	}
	if got := w.after(checkInterval); got != "b.example" || !strings.Contains(w.log.String(), "read again") {
		t.Errorf("it is %s; log %s", got, w.log.String())
	}
	other := credentialtest.NewAuthority(t)
	w.replace(t, w.files.CA, other.File)
	w.after(checkInterval)
	if id := w.Identity(); id.Authorities == nil || !id.Authorities.Equal(mustPool(t, other.File)) {
		t.Error("the authority is still that of before")
	}
}

func mustPool(t *testing.T, file string) *x509.CertPool {
	t.Helper()
	pool, err := Authorities(file)
	if err != nil {
		t.Fatal(err)
	}
	return pool
}

// Kubernetes puts a secret's files into a directory, and makes a symbolic link lead there.
func TestReloadsBySymlink(t *testing.T) {
	t.Parallel()
	a := credentialtest.NewAuthority(t)
	dir := t.TempDir()
	version := func(name string) string {
		d := filepath.Join(dir, name)
		cert, key := a.Issue(t, name)
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
		for file, from := range map[string]string{"tls.crt": cert, "tls.key": key} {
			if err := os.Rename(from, filepath.Join(d, file)); err != nil {
				t.Fatal(err)
			}
		}
		return d
	}
	link := func(to string) {
		if err := os.Symlink(to, filepath.Join(dir, "..new")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "..new"), filepath.Join(dir, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	link(version("a.example"))
	for _, file := range []string{"tls.crt", "tls.key"} {
		if err := os.Symlink(filepath.Join("..data", file), filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Load(Files{Cert: filepath.Join(dir, "tls.crt"), Key: filepath.Join(dir, "tls.key")}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	link(version("b.example"))
	r.now = func() time.Time { return time.Now().Add(time.Hour) }
	if got := r.Identity().Certificate.Leaf.Subject.CommonName; got != "b.example" {
		t.Errorf("it is %s", got)
	}
}

// Files that cannot be used change nothing. The log has one line for each reason.
func TestBrokenFiles(t *testing.T) {
	t.Parallel()
	a := credentialtest.NewAuthority(t)
	w := watch(t, a, "a.example")
	_, otherKey := a.Issue(t, "x.example")
	good, err := os.ReadFile(w.files.Key)
	if err != nil {
		t.Fatal(err)
	}
	for name, breakIt := range map[string]func() error{
		"another's key": func() error { w.replace(t, w.files.Key, otherKey); return nil },
		"no PEM":        func() error { return os.WriteFile(w.files.Key, []byte("s3cret"), 0o600) },
		"empty":         func() error { return os.Truncate(w.files.Key, 0) },
		"gone":          func() error { return os.Remove(w.files.Key) },
		"no authority":  func() error { return os.WriteFile(w.files.CA, []byte("s3cret"), 0o600) },
	} {
		w.log.Reset()
		if err := breakIt(); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			if got := w.after(checkInterval); got != "a.example" {
				t.Errorf("%s: it is %s", name, got)
			}
		}
		if got := w.log.String(); strings.Count(got, "going on with the one before") != 1 || strings.Contains(got, "s3cret") {
			t.Errorf("%s: log %s; want one line", name, got)
		}
		if err := os.WriteFile(w.files.Key, good, 0o600); err != nil {
			t.Fatal(err)
		}
		w.replace(t, w.files.CA, a.File)
		w.after(checkInterval)
	}
	w.issue(t, a, "b.example")
	if got := w.after(checkInterval); got != "b.example" {
		t.Errorf("when the files are good again, it is %s", got)
	}
	if _, err := Load(Files{Cert: w.files.Cert, Key: otherKey}, nil); err == nil || !strings.Contains(err.Error(), otherKey) {
		t.Errorf("Load takes another's key: %v", err)
	}
}
