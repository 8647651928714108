package report

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Machine is what the run had at its disposal.
type Machine struct {
	CPU    string
	Cores  int
	Memory string
	Kernel string
	Go     string
	// Fsyncs is how many writes of 8 KiB, each with an fsync, the database's disk
	// takes a second, one after the other.
	Fsyncs float64
}

// Look describes this machine, with the disk that dir is on.
func Look(dir string) (Machine, error) {
	fsyncs, err := measureFsyncs(dir, time.Second)
	if err != nil {
		return Machine{}, fmt.Errorf("measure fsyncs: %w", err)
	}
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return Machine{
		CPU:    field("/proc/cpuinfo", "model name"),
		Cores:  runtime.NumCPU(),
		Memory: field("/proc/meminfo", "MemTotal"),
		Kernel: strings.TrimSpace(string(kernel)),
		Go:     runtime.Version(),
		Fsyncs: fsyncs,
	}, nil
}

// field returns the value of the first line "name: value" of a file, or "unknown".
func field(path, name string) string {
	file, err := os.Open(path)
	if err != nil {
		return "unknown"
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// measureFsyncs writes and syncs a file in dir for d, as a log does, and returns
// how often a second that went.
func measureFsyncs(dir string, d time.Duration) (float64, error) {
	file, err := os.Create(filepath.Join(dir, "fsyncs"))
	if err != nil {
		return 0, err
	}
	defer func() {
		_ = file.Close()
		_ = os.Remove(file.Name())
	}()
	block := make([]byte, 8<<10)
	begin, n := time.Now(), 0
	for ; time.Since(begin) < d; n++ {
		if _, err := file.Write(block); err != nil {
			return 0, err
		}
		if err := file.Sync(); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(begin).Seconds(), nil
}

// Commit returns the commit of the repository that the working directory is in,
// with a "+" if files have been changed since, or "unknown".
func Commit() string {
	head, err := exec.Command("git", "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	commit := strings.TrimSpace(string(head))
	if changes, err := exec.Command("git", "status", "--porcelain", "--untracked-files=no").Output(); err != nil || len(changes) > 0 {
		commit += "+"
	}
	return commit
}
