// Command im is the whole message service in one process, on an embedded
// database: a trial that needs no installation.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/alecthomas/kong"
	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"
	"github.com/cloudwego/netpoll"
	"go.etcd.io/etcd/client/pkg/v3/fileutil"
	"gorm.io/gorm"

	"example.com/im/idl/daemon"
	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/stack"
)

func main() {
	daemon.Main("im", "The whole message service in one process, on an embedded database.",
		&config{}, kong.Vars{"etcd_endpoints": ""})
}

// Run serves until ctx is done, and says on stdout where.
func (c *config) Run(ctx context.Context) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: c.LogLevel}))
	setLibraryLogs(log)
	unlock, err := lock(c.DataDir)
	if err != nil {
		return err
	}
	defer unlock()
	dialector, database, err := c.database()
	if err != nil {
		return err
	}
	s, err := stack.Listen(ctx, stack.Config{
		HTTPAddr:  c.HTTPAddr,
		Dialector: dialector,
		Etcd:      c.Etcd,
		Hosts:     c.Hosts,
		Identity:  c.Identity,
		Log:       log,
	})
	switch {
	case err != nil && ctx.Err() != nil:
		return nil // stopped before it could serve
	case err != nil && c.MySQL.DSN == "":
		return withSpace(err, c.DataDir)
	case err != nil:
		return err
	}
	go func() {
		if s.AwaitReady(ctx) == nil {
			fmt.Printf("serving on %s with messages in %s; Ctrl-C stops\n", url(s.Addr()), database)
		}
	}()
	return s.Run(ctx)
}

// database returns the database that is set, and its name for people.
func (c *config) database() (gorm.Dialector, string, error) {
	if c.MySQL.DSN == "" {
		file := filepath.Join(c.DataDir, "im.db")
		return storetest.SQLiteFile(file), file, nil
	}
	dialector, err := c.MySQL.Dialector(false)
	return dialector, "the database of MYSQL_DSN", err
}

// lock makes the data directory and keeps other processes out of it: two trials that
// write to one embedded database would wait for each other's locks.
func lock(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("DATA_DIR: %w", err)
	}
	file, err := fileutil.TryLockFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_WRONLY, 0o600)
	if errors.Is(err, fileutil.ErrLocked) {
		return nil, fmt.Errorf("DATA_DIR: another process uses %s", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("DATA_DIR: %w", err)
	}
	return func() { _ = file.Close() }, nil
}

// setLibraryLogs sends the logs of Hertz, Kitex and netpoll to log, as both services do.
func setLibraryLogs(log *slog.Logger) {
	warnings, errs := daemon.LibraryLog(log, slog.LevelWarn), daemon.LibraryLog(log, slog.LevelError)
	hlog.SetOutput(warnings)
	hlog.SetLevel(hlog.LevelWarn)
	klog.SetOutput(errs)
	klog.SetLevel(klog.LevelError)
	netpoll.SetLoggerOutput(warnings)
}
