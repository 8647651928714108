package credential_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/im/idl/credential"
	"example.com/im/idl/credential/credentialtest"
)

// file returns a new file with the content.
func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPassword(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"Sw0rd": "Sw0rd", "Sw0rd\n": "Sw0rd", "Sw0rd\r\n": "Sw0rd", " Sw0rd \n\n": " Sw0rd \n",
	} {
		if got, err := credential.Password(file(t, content)); err != nil || got != want {
			t.Errorf("Password(%q) = %q, %v; want %q", content, got, err, want)
		}
	}
	for name, path := range map[string]string{"empty": file(t, "\n"), "missing": filepath.Join(t.TempDir(), "none"), "a directory": t.TempDir()} {
		if got, err := credential.Password(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: Password = %q, %v; want an error that names the file", name, got, err)
		}
	}
}

func TestAuthorities(t *testing.T) {
	t.Parallel()
	authority := credentialtest.NewAuthority(t)
	if pool, err := credential.Authorities(authority.File); err != nil || pool == nil {
		t.Errorf("Authorities = %v, %v", pool, err)
	}
	_, key := authority.Issue(t, "a.example")
	for name, path := range map[string]string{"not PEM": file(t, "authority"), "a key": key, "missing": filepath.Join(t.TempDir(), "none")} {
		if _, err := credential.Authorities(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v; want an error that names the file", name, err)
		}
	}
}
