package http1

import (
	"bytes"
	"sync"
	"testing"

	"github.com/cloudwego/hertz/pkg/network"
)

// written is a connection that keeps what is written.
type written struct {
	network.Conn
	bytes []byte
}

func (w *written) Write(p []byte) (int, error) {
	w.bytes = append(w.bytes, p...)
	return len(p), nil
}

// Pieces of an answer leave in their order, whichever of them are copied.
func TestPieces(t *testing.T) {
	t.Parallel()
	short, long := []byte("short"), bytes.Repeat([]byte("long"), MaxCopied)
	for name, pieces := range map[string][][]byte{
		"short":          {short, short},
		"head and body":  {short, long},
		"more than that": {short, long, short, long, long, short},
	} {
		conn := &written{}
		e := &Exchange{Conn: conn, server: &server{outputs: sync.Pool{New: func() any { return new([]byte) }}}, handled: true}
		sent := 0
		e.OnSent(func() { sent++ })
		for _, piece := range pieces {
			if n, err := e.WriteBinary(piece); n != len(piece) || err != nil {
				t.Errorf("%s: WriteBinary = %d, %v", name, n, err)
			}
		}
		if len(pieces) == 2 && len(pieces[1]) > MaxCopied && &e.tail[0] != &pieces[1][0] {
			t.Errorf("%s: the body is copied", name)
		}
		if sent != 0 {
			t.Errorf("%s: sent before the flush", name)
		}
		if err := e.Flush(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want := bytes.Join(pieces, nil)
		if got := conn.bytes; !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes; want %d", name, len(got), len(want))
		}
		e.isSent()
		if sent != 1 {
			t.Errorf("%s: OnSent is called %d times", name, sent)
		}
	}
}
