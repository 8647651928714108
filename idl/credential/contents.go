package credential

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// contents are those of Files.
type contents struct{ cert, key, ca []byte }

// read reads the files.
func (f Files) read() (c contents, err error) {
	for _, file := range []struct {
		name    string
		content *[]byte
	}{{f.Cert, &c.cert}, {f.Key, &c.key}, {f.CA, &c.ca}} {
		if file.name == "" {
			continue
		}
		if *file.content, err = os.ReadFile(file.name); err != nil {
			return c, err
		}
	}
	return c, nil
}

func (c contents) equal(other contents) bool {
	return bytes.Equal(c.cert, other.cert) && bytes.Equal(c.key, other.key) && bytes.Equal(c.ca, other.ca)
}

// parse returns the identity that is in the files. Its errors name a file, and nothing
// of what is in it.
func (c contents) parse(from Files) (Identity, error) {
	cert, err := tls.X509KeyPair(c.cert, c.key)
	if err != nil {
		return Identity{}, fmt.Errorf("%s and %s: %w", from.Cert, from.Key, err)
	}
	identity := Identity{Certificate: &cert}
	if from.CA != "" {
		identity.Authorities, err = authorities(from.CA, c.ca)
	}
	return identity, err
}

// authorities returns the certificates in the content of a PEM file.
func authorities(file string, content []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(content) {
		return nil, fmt.Errorf("%s: %w", file, errNoCertificate)
	}
	return pool, nil
}
