package credential

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"sync"
	"time"
)

// checkInterval is how often the files are looked at, at most.
const checkInterval = time.Second

// Files are PEM files that belong together. An empty name stands for no file.
type Files struct {
	Cert, Key string // of the certificate to show
	CA        string // the authorities of others
}

// Identity is who a program is, and whom it trusts.
type Identity struct {
	Certificate *tls.Certificate
	Authorities *x509.CertPool // nil: not asked for
}

// Reloaded is an identity that is read again when its files change. It is safe for
// concurrent use.
//
// It looks at the files only when somebody asks for the identity, and reads them then:
// they are small, and a look at the time of a file misses a change within a tick of the
// file system's clock. So it does not matter how a file changes: written anew, renamed
// over, or by a symbolic link on the way to it, as Kubernetes changes secrets.
type Reloaded struct {
	files Files
	log   *slog.Logger
	now   func() time.Time

	mu      sync.Mutex
	checked time.Time
	raw     contents // of the identity
	failed  string   // the error that was told last; "" if the files are good
	current Identity
}

// Load reads the files. Later the log is told of changes, and once of each reason for
// which the files cannot be used. The identity then stays as it is.
func Load(files Files, log *slog.Logger) (*Reloaded, error) {
	r := &Reloaded{files: files, log: log, now: time.Now}
	raw, err := files.read()
	if err != nil {
		return nil, err
	}
	r.current, err = raw.parse(files)
	r.raw, r.checked = raw, r.now()
	return r, err
}

// Identity returns the identity that the files have now, or had about a second ago.
func (r *Reloaded) Identity() Identity {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.now(); now.Sub(r.checked) >= checkInterval {
		r.checked = now
		r.reload()
	}
	return r.current
}

// reload reads the files again, and takes the identity over if it is another one. A
// change of two files is two changes: between them key and certificate do not match. The
// next look, a second later, finds both changed.
func (r *Reloaded) reload() {
	raw, err := r.files.read()
	if err == nil && raw.equal(r.raw) {
		r.failed = ""
		return
	}
	var identity Identity
	if err == nil {
		identity, err = raw.parse(r.files)
	}
	switch {
	case err == nil:
		r.raw, r.current, r.failed = raw, identity, ""
		r.log.Info("certificate read again", "file", r.files.Cert, "expires", identity.Certificate.Leaf.NotAfter)
	case err.Error() != r.failed:
		r.failed = err.Error()
		r.log.Warn("certificate not read again, going on with the one before", "file", r.files.Cert, "err", err)
	}
}
