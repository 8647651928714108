package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"example.com/im/idl/chat"
)

// Settings are those of a Store, for kong. One connection is for commits, one for reads
// of the lanes and one for health checks. A third of the others is for inboxes and syncs, and pulls share the rest.
type Settings struct {
	Conns int `name:"db-conns" env:"DB_CONNS" default:"16" help:"Most connections to the database, at least 5."`
}

// Validate implements kong's hook.
func (s Settings) Validate() error {
	if s.Conns < minConns {
		return fmt.Errorf("DB_CONNS must be at least %d: one for commits, one for reads of the lanes, one for health checks, one for pulls, one for inboxes", minConns)
	}
	return nil
}

// Config is what a Store needs besides its database.
type Config struct {
	Settings
	Log *slog.Logger // receives warnings about the database's settings; nil: nobody does
}

const (
	reserved = 3 // connections that pulls leave to others
	minConns = reserved + 2

	// idleTimeout closes an idle connection before the database does, which is after
	// [waitTimeout].
	idleTimeout = 3 * time.Second

	// lifetime bounds the use of one connection. It may lead to a server that still
	// answers, but is no longer the one to use.
	lifetime = time.Minute
)

// Store is an open database. It is safe for concurrent use.
type Store struct {
	db            *gorm.DB // for rare work
	pool          *sql.DB  // under db
	dialect       dialect
	endpoint      *endpoint
	readSlots     *readSlots // of pages
	snapshotSlots *readSlots // of inboxes, syncs and lists of members
	rows          *memory[chat.Name, rowTimes]
	seats         seatMemory
	groups        *memory[chat.Name, struct{}] // that are made

	queries
}

// queries are the queries of pulls. Each is prepared once on each connection that runs
// it. Commits are not prepared: they differ in size.
type queries struct {
	ascending, descending *sql.Stmt // of messages
	lastSendTimes         *sql.Stmt // of lanes
	seat                  *sql.Stmt // whether a member is in a group
}

// Open connects to the database, brings its schema up to date and checks it. Several
// instances may do so at once. If [Unavailable] holds for the error, a later try may
// succeed.
func Open(ctx context.Context, dialector gorm.Dialector, cfg Config) (*Store, error) {
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
	limitPool(pool, cfg.Conns)
	s := &Store{
		db:            db,
		pool:          pool,
		dialect:       dialects[db.Name()],
		endpoint:      &endpoint{},
		readSlots:     newReadSlots(cfg.Conns - reserved - snapshots(cfg.Conns)),
		snapshotSlots: newReadSlots(snapshots(cfg.Conns)),
		rows:          newMemory[chat.Name, rowTimes](rememberedChats),
		groups:        newMemory[chat.Name, struct{}](rememberedChats),
	}
	if d, ok := dialector.(endpointDialector); ok {
		s.endpoint = d.endpoint
	}
	if err := s.prepare(ctx, cfg.Log); err != nil {
		_ = pool.Close()
		return nil, err
	}
	return s, nil
}

// snapshots returns how many of so many connections inboxes and syncs may use at once. So
// they leave most to pulls, and pulls leave them some.
func snapshots(conns int) int { return max(1, (conns-reserved)/3) }

// limitPool bounds pool to a number of connections.
func limitPool(pool *sql.DB, conns int) {
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	pool.SetConnMaxIdleTime(idleTimeout)
	pool.SetConnMaxLifetime(lifetime)
}

// prepare makes the database ready for use.
func (s *Store) prepare(ctx context.Context, log *slog.Logger) error {
	db := s.db.WithContext(ctx)
	if err := s.pool.PingContext(ctx); err != nil {
		return fmt.Errorf("connect to database: %w", classify(err))
	}
	if err := s.migrate(db); err != nil {
		return fmt.Errorf("migrate database: %w", classify(err))
	}
	if err := checkTables(db, true); err != nil {
		return classify(err)
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
	}{
		{&s.ascending, s.dialect.pageSQL(false)},
		{&s.descending, s.dialect.pageSQL(true)},
		{&s.lastSendTimes, s.dialect.lanesSQL()},
		{&s.seat, s.dialect.seatSQL()},
	} {
		var err error
		if *q.prepared, err = s.pool.PrepareContext(ctx, q.sql); err != nil {
			return err
		}
	}
	return nil
}

// DB returns the connection pool, for its statistics.
func (s *Store) DB() *sql.DB { return s.pool }

// failed returns the error of a read for its caller. If the server was read-only, the
// store leaves it.
func (s *Store) failed(doing string, err error) error {
	err = classify(err)
	s.leaveReadOnly(err)
	return fmt.Errorf("%s: %w", doing, err)
}

// Close closes the connections.
func (s *Store) Close() error { return s.pool.Close() }
