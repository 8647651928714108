package main

import (
	"io"
	"log/slog"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"
	"golang.org/x/time/rate"
)

// libraryLines is how many lines a second Hertz and Kitex may log.
const libraryLines = 10

// setLibraryLogs sends the logs of Hertz and Kitex to handler. Kitex's warnings
// are left out: they are a line for each connection that fails, of which the
// gateway has its own, once for each instance.
func setLibraryLogs(handler slog.Handler) {
	hlog.SetOutput(few(slog.NewLogLogger(handler, slog.LevelWarn).Writer()))
	hlog.SetLevel(hlog.LevelWarn)
	klog.SetOutput(few(slog.NewLogLogger(handler, slog.LevelError).Writer()))
	klog.SetLevel(klog.LevelError)
}

// fewLines passes on some lines a second and drops the others: Hertz logs each
// malformed request, of which anybody can make many.
type fewLines struct {
	lines io.Writer
	limit *rate.Limiter
}

func few(lines io.Writer) fewLines {
	return fewLines{lines, rate.NewLimiter(libraryLines, libraryLines)}
}

// Write passes on a line, or drops it.
func (f fewLines) Write(line []byte) (int, error) {
	if !f.limit.Allow() {
		return len(line), nil
	}
	return f.lines.Write(line)
}
