package store

import (
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
)

const (
	// waitTimeout is after how many seconds of silence the database ends a connection,
	// rolls back its transaction and releases its lanes. For so long a frozen instance
	// holds up the others.
	waitTimeout = "5"

	// lockWaitTimeout is for how many seconds a batch waits for a lane.
	lockWaitTimeout = "2"

	// netTimeout bounds dialing, and each answer of the database. It exceeds the lock
	// wait. Nothing else bounds the statements of commits and pulls. The driver gives
	// COMMIT no context. It watches the context of any other statement from another
	// goroutine, and wakes that twice for each statement: half of the time that a small
	// read takes.
	netTimeout = 10 * time.Second
)

// MySQL returns the dialector, for one [Open], of a server that speaks MySQL's
// protocol. dsn is in the driver's form, user:password@tcp(host:port)/database.
// Time-outs that it does not set get this package's defaults. No error, neither of
// MySQL nor later of the store, repeats the password.
func MySQL(dsn string) (gorm.Dialector, error) {
	c, err := parseDSN(dsn)
	if err != nil {
		return nil, err
	}
	return dialectorOf(c, sql.OpenDB)
}

// dialectorOf is MySQL for a parsed DSN, with a pool that open makes.
func dialectorOf(c *driver.Config, open func(sqldriver.Connector) *sql.DB) (gorm.Dialector, error) {
	// Batches differ in size. Each size would be one more prepared statement on each
	// connection.
	c.InterpolateParams = true
	c.Collation = "utf8mb4_bin"
	c.Logger = &driver.NopLogger{} // every error is returned
	c.MultiStatements = true       // of a begin: see transaction
	for _, timeout := range []*time.Duration{&c.Timeout, &c.ReadTimeout, &c.WriteTimeout} {
		if *timeout == 0 {
			*timeout = netTimeout
		}
	}
	params := map[string]string{
		"wait_timeout":             waitTimeout,
		"net_read_timeout":         waitTimeout, // the same within a statement
		"innodb_lock_wait_timeout": lockWaitTimeout,
	}
	maps.Copy(params, c.Params)
	c.Params = params
	driverConnector, err := driver.NewConnector(c)
	if err != nil {
		return nil, err
	}
	e := &endpoint{}
	return endpointDialector{
		mysql.New(mysql.Config{Conn: open(connector{explained{driverConnector, isPlain(c)}, e}), SkipInitializeWithVersion: true}), e,
	}, nil
}

// An endpointDialector is GORM's dialector, with what its pool learns of the servers.
type endpointDialector struct {
	gorm.Dialector
	endpoint *endpoint
}

// errDSN does not repeat the DSN: any part of it could be a part of the password.
var errDSN = errors.New("invalid DSN: must be user:password@tcp(host:port)/database?name=value&...," +
	" with a / in a value written as %2F")

// parseDSN reads a DSN. The driver's errors repeat what it has taken for the network,
// the database's name or a parameter. A slip in the DSN makes it take the password for
// one of them. So parseDSN passes on an error only of a DSN that is in order up to the
// database's name: such an error is one of the parameters.
func parseDSN(dsn string) (*driver.Config, error) {
	name := strings.LastIndexByte(dsn, '/') + 1
	server, err := driver.ParseDSN(dsn[:name])
	if err != nil || !slices.Contains([]string{"tcp", "unix"}, server.Net) {
		return nil, errDSN
	}
	c, err := driver.ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	if c.DBName == "" {
		return nil, errors.New("invalid DSN: no database named")
	}
	return c, nil
}

// warnOfWeakDurability logs settings under which the database can lose an acknowledged
// message (P2). Servers without these variables, such as TiDB, have other means.
func warnOfWeakDurability(db *gorm.DB, log *slog.Logger) {
	if db.Name() != "mysql" {
		return
	}
	var v struct{ LogBin, SyncBinlog, FlushLog int }
	err := db.Raw("SELECT @@log_bin AS log_bin, @@sync_binlog AS sync_binlog," +
		" @@innodb_flush_log_at_trx_commit AS flush_log").Scan(&v).Error
	if err != nil {
		log.Info("the database does not tell how durable it is", "err", err)
		return
	}
	if v.LogBin != 1 || v.SyncBinlog != 1 || v.FlushLog != 1 {
		log.Warn("the database may lose acknowledged messages in a crash",
			"want", 1, "log_bin", v.LogBin, "sync_binlog", v.SyncBinlog, "innodb_flush_log_at_trx_commit", v.FlushLog)
	}
}
