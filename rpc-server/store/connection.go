package store

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync/atomic"
)

// An endpoint is what a pool has learned of the servers at its address. It is safe for
// concurrent use.
type endpoint struct {
	// generation counts the demotions that the pool has noticed: see [endpoint.leave].
	generation atomic.Uint64
}

// leave drops every connection of the pool: the idle ones before their next use, the
// others when they come back. After a switchover an endpoint may keep old connections,
// and all of them lead to the server that was demoted.
func (e *endpoint) leave() { e.generation.Add(1) }

// A connector makes connections on which the promises hold.
type connector struct {
	sqldriver.Connector
	endpoint *endpoint
}

// Connect implements [sqldriver.Connector].
func (c connector) Connect(ctx context.Context) (sqldriver.Conn, error) {
	generation := c.endpoint.generation.Load() // before anybody knows where the connection leads
	made, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn := connection{made.(driverConn), c.endpoint, generation}
	if err := conn.prepare(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// driverConn is what the driver's connections implement.
type driverConn interface {
	sqldriver.Conn
	sqldriver.ConnBeginTx
	sqldriver.ConnPrepareContext
	sqldriver.ExecerContext
	sqldriver.NamedValueChecker
	sqldriver.Pinger
	sqldriver.QueryerContext
	sqldriver.SessionResetter
	sqldriver.Validator
}

// A connection is one of the driver's. It ends with its generation.
type connection struct {
	driverConn
	endpoint   *endpoint
	generation uint64
}

// left reports whether the pool has left the connection's server.
func (c connection) left() bool { return c.generation != c.endpoint.generation.Load() }

// ResetSession implements [sqldriver.SessionResetter]. The pool calls it before it uses
// an idle connection.
func (c connection) ResetSession(ctx context.Context) error {
	if c.left() {
		return sqldriver.ErrBadConn
	}
	return c.driverConn.ResetSession(ctx)
}

// IsValid implements [sqldriver.Validator]. The pool calls it when a connection comes
// back.
func (c connection) IsValid() bool { return !c.left() && c.driverConn.IsValid() }

// prepare asks the server what it is, and sets what the promises need.
func (c connection) prepare(ctx context.Context) error {
	variables, err := c.variables(ctx)
	if err != nil {
		return fmt.Errorf("ask what the server is: %w", err)
	}
	if !off(variables["read_only"]) {
		return errReadOnly
	}
	// At the default level the UPDATE of lanes locks rows that it only scans, and
	// instances with disjoint lanes deadlock. No variable for the level is known to all
	// servers. To set the level in each transaction would cost one more round trip.
	settings := []string{"TRANSACTION ISOLATION LEVEL READ COMMITTED"}
	if wsrep, ok := variables["wsrep_on"]; ok && !off(wsrep) {
		// Without the first bit a node answers reads from a state older than what other
		// nodes have acknowledged.
		wait, _ := strconv.Atoi(variables["wsrep_sync_wait"])
		settings = append(settings, fmt.Sprint("wsrep_sync_wait = ", wait|1))
	}
	if variables["group_replication_consistency"] == "EVENTUAL" {
		// A newly elected member would answer before it has applied what the group has
		// acknowledged.
		settings = append(settings, "group_replication_consistency = 'BEFORE_ON_PRIMARY_FAILOVER'")
	}
	for _, setting := range settings {
		if _, err := c.ExecContext(ctx, "SET SESSION "+setting, nil); err != nil {
			return fmt.Errorf("set session %s: %w", setting, err)
		}
	}
	return nil
}

// serverVariables reads the variables that tell what a server is. SHOW leaves out a
// variable that the server does not know; a SELECT would fail.
const serverVariables = "SHOW VARIABLES WHERE Variable_name IN" +
	" ('read_only', 'wsrep_on', 'wsrep_sync_wait', 'group_replication_consistency')"

// variables returns the values of those of [serverVariables] that the server knows.
func (c connection) variables(ctx context.Context) (values map[string]string, err error) {
	rows, err := c.QueryContext(ctx, serverVariables, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	values = make(map[string]string)
	row := make([]sqldriver.Value, 2)
	for {
		switch err := rows.Next(row); {
		case errors.Is(err, io.EOF):
			return values, nil
		case err != nil:
			return nil, err
		}
		values[fmt.Sprintf("%s", row[0])] = fmt.Sprintf("%s", row[1])
	}
}

// off reports whether a switch of the server is off, by its value.
func off(value string) bool { return value == "OFF" || value == "0" }
