package daemon

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// libraryLines is how many lines a second a library may log, and libraryBurst how many
	// at once: enough to see what happens, while a peer that makes a library log a line for
	// each connection fills no disk.
	libraryLines = 2
	libraryBurst = 10
	// toldAfter is how long after a line was left out the number of such lines is told.
	toldAfter = time.Second
)

// LibraryLog returns where a library writes its log. Lines become records of this level.
// A few a second pass, because anybody can make a library log. A record tells once a
// second how many were left out.
func LibraryLog(log *slog.Logger, level slog.Level) io.Writer {
	ctx := context.Background() // a line is no call's
	return &limited{
		lines: slog.NewLogLogger(log.Handler(), level).Writer(),
		limit: rate.NewLimiter(libraryLines, libraryBurst),
		told: func(lines int) {
			log.Log(ctx, level, "a library logged more than is kept", "lines_left_out", lines)
		},
	}
}

// limited passes on some lines a second, and counts the others.
type limited struct {
	lines io.Writer
	limit *rate.Limiter
	told  func(lines int)

	mu      sync.Mutex
	leftOut int // since told was last called
}

// Write passes on a line, or leaves it out.
func (l *limited) Write(line []byte) (int, error) {
	if l.limit.Allow() {
		return l.lines.Write(line)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.leftOut++; l.leftOut == 1 {
		time.AfterFunc(toldAfter, l.tell)
	}
	return len(line), nil
}

// tell says how many lines were left out.
func (l *limited) tell() {
	l.mu.Lock()
	leftOut := l.leftOut
	l.leftOut = 0
	l.mu.Unlock()
	l.told(leftOut)
}
