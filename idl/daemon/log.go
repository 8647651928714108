package daemon

import (
	"io"

	"golang.org/x/time/rate"
)

// libraryLines is how many lines a second a library may log.
const libraryLines = 10

// limited passes on some lines a second and drops the others.
type limited struct {
	lines io.Writer
	limit *rate.Limiter
}

func limit(lines io.Writer) limited {
	return limited{lines, rate.NewLimiter(libraryLines, libraryLines)}
}

// Write passes on a line, or drops it.
func (l limited) Write(line []byte) (int, error) {
	if !l.limit.Allow() {
		return len(line), nil
	}
	return l.lines.Write(line)
}
