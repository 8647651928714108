package store

import (
	"context"
	"crypto/tls"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"

	driver "github.com/go-sql-driver/mysql"
	"gorm.io/gorm"

	"example.com/im/idl/credential"
)

// MySQLSettings say where the database is, who asks, and who signed its certificate.
// kong reads them from flags and environment variables.
type MySQLSettings struct {
	DSN          string `name:"mysql-dsn" env:"MYSQL_DSN" help:"Database, as user:password@tcp(host:port)/name. As a flag it shows in the list of processes."`
	PasswordFile string `name:"mysql-password-file" env:"MYSQL_PASSWORD_FILE" help:"File with the password, which MYSQL_DSN then leaves out."`
	CA           string `name:"mysql-ca" env:"MYSQL_CA" help:"PEM file with the authority that signed the database's certificate. The connection is then by TLS, and only to the host that MYSQL_DSN names."`
}

// Dialector is [MySQL] by the settings. If traced, each statement that is part of a
// trace has a span. Dialector reads the files that the settings name. Its errors name
// the setting.
func (s MySQLSettings) Dialector(traced bool) (gorm.Dialector, error) {
	open := sql.OpenDB
	if traced {
		open = openTraced
	}
	if s.DSN == "" {
		return nil, errors.New("MYSQL_DSN is missing: name the database as user:password@tcp(host:port)/name")
	}
	c, err := parseDSN(s.DSN)
	if err != nil {
		return nil, fmt.Errorf("MYSQL_DSN: %w", err)
	}
	if err := s.secure(c); err != nil {
		return nil, err
	}
	if err := s.authenticate(c); err != nil {
		return nil, err
	}
	dialector, err := dialectorOf(c, open)
	if err != nil {
		return nil, fmt.Errorf("MYSQL_DSN: %w", err)
	}
	return dialector, nil
}

// secure makes the connections of c secure if the settings ask for it. The driver then
// checks the server's certificate against the host in the DSN.
func (s MySQLSettings) secure(c *driver.Config) error {
	switch {
	case s.CA == "":
		return nil
	case c.TLSConfig != "":
		return errors.New("MYSQL_CA: MYSQL_DSN must leave tls= out")
	case c.Net != "tcp":
		return errors.New("MYSQL_CA: MYSQL_DSN must name the database's host, as tcp(host:port)")
	}
	authorities, err := credential.Authorities(s.CA)
	if err != nil {
		return fmt.Errorf("MYSQL_CA: %w", err)
	}
	c.TLS = &tls.Config{RootCAs: authorities, MinVersion: tls.VersionTLS12}
	return nil
}

// authenticate sets the password of c from the file.
func (s MySQLSettings) authenticate(c *driver.Config) error {
	switch {
	case s.PasswordFile == "":
		return nil
	case c.Passwd != "":
		return errors.New("MYSQL_PASSWORD_FILE: MYSQL_DSN must leave the password out")
	}
	password, err := credential.Password(s.PasswordFile)
	if err != nil {
		return fmt.Errorf("MYSQL_PASSWORD_FILE: %w", err)
	}
	c.Passwd = password
	return nil
}

// explained makes connections. If TLS is why it cannot, its error names the setting to
// blame.
type explained struct {
	sqldriver.Connector
	plain bool // without TLS
}

// isPlain reports whether the connections of c are without TLS.
func isPlain(c *driver.Config) bool {
	return c.TLS == nil && (c.TLSConfig == "" || c.TLSConfig == "false")
}

// Connect implements [sqldriver.Connector].
func (e explained) Connect(ctx context.Context) (sqldriver.Conn, error) {
	conn, err := e.Connector.Connect(ctx)
	if err != nil {
		return nil, e.blame(err)
	}
	return conn, nil
}

// blame wraps an error of a connection in the setting to blame.
func (e explained) blame(err error) error {
	if errors.Is(err, driver.ErrNoTLS) {
		return fmt.Errorf("MYSQL_CA asks for TLS: %w", err)
	}
	if unverified := (*tls.CertificateVerificationError)(nil); errors.As(err, &unverified) {
		return fmt.Errorf("MYSQL_CA does not vouch for the host of MYSQL_DSN: %w", err)
	}
	if refused := (*driver.MySQLError)(nil); e.plain && errors.As(err, &refused) {
		switch refused.Number {
		case 3159: // MySQL: the server refuses connections without TLS
			return fmt.Errorf("MYSQL_CA is missing: %w", err)
		case 1045: // all that MariaDB says, and MySQL of a user who needs TLS
			return fmt.Errorf("%w (MYSQL_CA is missing, if the server asks for TLS)", err)
		}
	}
	return err
}
