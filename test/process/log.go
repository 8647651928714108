package process

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
)

// shownLines is how much of a log a failed test shows.
const shownLines = 60

// Log is what a process has written, to standard output and error, since it was
// first started.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write appends p.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String returns all of it.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Contains reports whether text was written.
func (l *Log) Contains(text string) bool { return strings.Contains(l.String(), text) }

// Lines returns the lines, without empty ones.
func (l *Log) Lines() []string {
	return strings.FieldsFunc(l.String(), func(r rune) bool { return r == '\n' })
}

// Records returns the lines that are JSON objects, such as slog's.
func (l *Log) Records() []map[string]any {
	var records []map[string]any
	for _, line := range l.Lines() {
		var record map[string]any
		if json.Unmarshal([]byte(line), &record) == nil {
			records = append(records, record)
		}
	}
	return records
}

// tail returns the last lines.
func (l *Log) tail() string {
	lines := l.Lines()
	return strings.Join(lines[max(0, len(lines)-shownLines):], "\n")
}
