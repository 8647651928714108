// Package credential reads the files with which both services prove who they are, and
// check who others are. The caller knows which setting names the file.
package credential

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
)

// Password returns the content of a file without the newline at its end.
func Password(file string) (string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	password := strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
	if password == "" {
		return "", fmt.Errorf("%s is empty", file)
	}
	return password, nil
}

// Authorities returns the certificates of a PEM file as the only authorities to
// trust.
func Authorities(file string) (*x509.CertPool, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return authorities(file, content)
}

var errNoCertificate = errors.New("no certificate in PEM form")
