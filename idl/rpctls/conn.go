package rpctls

import (
	"crypto/tls"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/cloudwego/gopkg/bufiox"
)

// writeTimeout is how long a peer may take no bytes. Kitex itself sets no limit.
const writeTimeout = 10 * time.Second

// conn is a connection in the form that Kitex's gonet extension wants.
type conn struct {
	*tls.Conn
	reader *bufiox.DefaultReader
	writer *bufiox.DefaultWriter
	close  sync.Once
}

func newConn(secure *tls.Conn) *conn {
	c := &conn{Conn: secure}
	c.reader, c.writer = bufiox.NewDefaultReader(secure), bufiox.NewDefaultWriter(bounded{secure})
	return c
}

// Reader returns the buffer of what has come.
func (c *conn) Reader() *bufiox.DefaultReader { return c.reader }

// Writer returns the buffer of what is to be sent.
func (c *conn) Writer() *bufiox.DefaultWriter { return c.writer }

// Read reads what has come.
func (c *conn) Read(p []byte) (int, error) { return c.reader.Read(p) }

// Close closes the connection, and returns the buffers of its reader.
func (c *conn) Close() (err error) {
	err = net.ErrClosed
	c.close.Do(func() {
		_ = c.reader.Release(nil)
		err = c.Conn.Close()
	})
	return err
}

// IsActive implements Kitex's remote.IsActive: its pool asks whether an idle connection
// can be used. It can if the peer has neither closed it nor sent anything: what a server
// sends without being asked is that it hangs up.
func (c *conn) IsActive() bool {
	raw, err := c.NetConn().(syscall.Conn).SyscallConn()
	if err != nil {
		return false
	}
	silent := false
	err = raw.Read(func(fd uintptr) bool {
		_, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		silent = err == syscall.EAGAIN
		return true
	})
	return err == nil && silent
}

// bounded bounds each write.
type bounded struct{ net.Conn }

// Write writes p within writeTimeout.
func (b bounded) Write(p []byte) (int, error) {
	if err := b.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err
	}
	return b.Conn.Write(p)
}
