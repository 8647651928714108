// Package store keeps messages in a SQL database through GORM: migrations, the
// commit of one batch of messages, the read of one page. It runs alike on MySQL
// 8, MariaDB 10.11 and later, TiDB, Galera and SQLite. Which sends make a batch
// is the sequencer's business; what a valid message is, package chat's.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Options are the settings of a Store. The zero value of a field means its
// default.
type Options struct {
	// Conns is the largest number of database connections, at least 4; 16 by
	// default. One is kept for commits, one for reads of the lanes and one for
	// health checks; pulls share the others.
	Conns int
	// Log receives warnings about the database's settings.
	Log *slog.Logger
}

const (
	defaultConns = 16
	reserved     = 3 // connections that pulls leave to others
	minConns     = reserved + 1

	// idleTimeout closes a pooled connection before the database does it, which
	// is after [waitTimeout].
	idleTimeout = 3 * time.Second

	// lifetime ends the use of a connection to a server that is no longer the one
	// to use, though it still answers.
	lifetime = time.Minute

	// queryTimeout bounds a health check.
	queryTimeout = 5 * time.Second
)

// Store is an open database. It is safe for concurrent use.
type Store struct {
	db      *gorm.DB // for what is not done often
	pool    *sql.DB  // under db
	dialect dialect
	slots   *slots // of pulls and inboxes
	listed  *listed

	queries
}

// queries are those of pulls, prepared: once for each connection that comes to run
// one. Commits differ in size, so theirs are not.
type queries struct {
	ascending, descending *sql.Stmt // of messages
	lastSendTimes         *sql.Stmt // of lanes
	inbox                 *sql.Stmt
}

// Open connects to the database, brings its schema up to date and checks it.
// Several instances may do so at once. If [Unavailable] holds for the error, a
// later try may succeed.
func Open(ctx context.Context, dialector gorm.Dialector, o Options) (*Store, error) {
	db, err := gorm.Open(dialector, &gorm.Config{
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		Logger:                 logger.Discard, // every error is returned
	})
	if err != nil {
		return nil, fmt.Errorf("open database: %w", classify(err))
	}
	pool, err := db.DB()
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	conns := limitPool(pool, o.Conns)
	s := &Store{
		db:      db,
		pool:    pool,
		dialect: dialects[db.Name()],
		slots:   newSlots(conns - reserved),
		listed:  newListed(listedChats),
	}
	if err := s.prepare(ctx, o.Log); err != nil {
		_ = pool.Close()
		return nil, err
	}
	return s, nil
}

// limitPool bounds pool and returns the number of its connections.
func limitPool(pool *sql.DB, conns int) int {
	if conns == 0 {
		conns = defaultConns
	}
	conns = max(conns, minConns)
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	pool.SetConnMaxIdleTime(idleTimeout)
	pool.SetConnMaxLifetime(lifetime)
	return conns
}

// prepare makes the database ready for use.
func (s *Store) prepare(ctx context.Context, log *slog.Logger) error {
	db := s.db.WithContext(ctx)
	if err := s.pool.PingContext(ctx); err != nil {
		return fmt.Errorf("connect to database: %w", classify(err))
	}
	if err := migrate(db); err != nil {
		return fmt.Errorf("migrate database: %w", classify(err))
	}
	if err := checkLanes(db); err != nil {
		return err
	}
	if err := s.prepareQueries(ctx); err != nil {
		return fmt.Errorf("prepare the queries of pulls: %w", classify(err))
	}
	if log != nil {
		warnOfWeakDurability(db, log)
	}
	return nil
}

func (s *Store) prepareQueries(ctx context.Context) error {
	for _, q := range []struct {
		prepared **sql.Stmt
		sql      string
	}{{&s.ascending, ascendingSQL}, {&s.descending, descendingSQL}, {&s.lastSendTimes, lanesSQL}, {&s.inbox, inboxSQL}} {
		var err error
		if *q.prepared, err = s.pool.PrepareContext(ctx, q.sql); err != nil {
			return err
		}
	}
	return nil
}

// DB returns the connection pool, for its statistics.
func (s *Store) DB() *sql.DB { return s.pool }

// Clock returns the database's time, and so shows that the database answers.
func (s *Store) Clock(ctx context.Context) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	var micros int64
	err := s.db.WithContext(ctx).Raw(clockSQL[s.db.Name()]).Scan(&micros).Error
	if err != nil {
		return time.Time{}, fmt.Errorf("read the database's clock: %w", classify(err))
	}
	return time.UnixMicro(micros), nil
}

// clockSQL reads the clock in microseconds since 1970, by dialect, whatever the
// time zone. SQLite's is this machine's.
var clockSQL = map[string]string{
	"mysql":  "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))",
	"sqlite": "SELECT CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)",
}

// Close closes the connections.
func (s *Store) Close() error { return s.pool.Close() }
