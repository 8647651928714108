package cluster

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
)

const (
	// size is the number of members: the least of which a majority survives the loss
	// of one.
	size = 3

	// patience is for how long members may take to form a cluster, on a machine that
	// is busy with other tests.
	patience = 2 * time.Minute

	// lookTimeout is after how long a member that does not answer counts as one that
	// does not serve.
	lookTimeout = time.Second
)

// A Member is a server of a cluster.
type Member struct {
	*storetest.Server
	dir   string // of its files
	pool  *sql.DB
	serve string // a query: whether it serves
}

// open prepares the member's connections, for the length of the test. At its end the
// server is killed: its files are of no more use.
func (m *Member) open(t testing.TB) error {
	t.Helper()
	var err error
	if m.pool, err = storetest.Connect(m.DSN("")); err != nil {
		return err
	}
	m.pool.SetMaxIdleConns(size)
	t.Cleanup(func() {
		_ = m.pool.Close()
		if m.Done() != nil {
			m.Kill()
		}
	})
	return nil
}

// Serves reports whether the member takes writes, by its own account.
func (m *Member) Serves(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	var serves bool
	return m.pool.QueryRowContext(ctx, m.serve).Scan(&serves) == nil && serves
}

// exec runs statements on one connection of the member.
func (m *Member) exec(statements ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := m.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	for _, s := range statements {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s at %s: %w", s, m.Addr(), err)
		}
	}
	return nil
}

// text returns the one value that a query has for its result.
func (m *Member) text(query string, args ...any) (value string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), lookTimeout)
	defer cancel()
	err = m.pool.QueryRowContext(ctx, query, args...).Scan(&value)
	return value, err
}

// network makes the network of members that have not started yet, where that is
// possible, and makes their processes those of its peers.
func network(t testing.TB, members []*Member, peers []Peer) (*Network, error) {
	t.Helper()
	n, err := NewNetwork(t, peers)
	if errors.Is(err, ErrNoFilter) {
		return nil, nil
	}
	for i, m := range members {
		m.SetGroup(peers[i].Group)
	}
	return n, err
}

// group is the group of users of a member: the port of its address is no one else's.
func group(addr string) int {
	number, _ := strconv.Atoi(port(addr))
	return number
}

// port returns the port of an address.
func port(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}

// each calls do for all members at a time, and returns the first error.
func each(members []*Member, do func(i int, m *Member) error) error {
	var all sync.WaitGroup
	errs := make(chan error, len(members))
	for i, m := range members {
		all.Go(func() { errs <- do(i, m) })
	}
	all.Wait()
	for range members {
		if err := <-errs; err != nil {
			return err
		}
	}
	return nil
}

// all reports whether every member counts them all, by a query.
func all(members []*Member, count string) bool {
	for _, m := range members {
		if n, err := m.text(count); err != nil || n != strconv.Itoa(size) {
			return false
		}
	}
	return true
}

// await polls until the condition holds.
func await(what string, condition func() bool) error {
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("not within %v: %s", patience, what)
		}
	}
	return nil
}
