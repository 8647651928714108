package usage

import (
	"os"
	"syscall"
	"testing"
	"time"
)

// rusage returns how much CPU this process has used, as the kernel tells itself.
func rusage(t *testing.T) time.Duration {
	t.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		t.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// What a process has computed is told, in steps of 10 ms.
func TestCPU(t *testing.T) {
	processes := Processes{"self": {os.Getpid()}, "twice": {os.Getpid(), os.Getpid()}}
	const busy = 200 * time.Millisecond
	before, begin := processes.CPU(), rusage(t)
	for rusage(t)-begin < busy { //nolint:revive // empty on purpose: it computes
	}
	after := processes.CPU()
	for name, times := range map[string]time.Duration{"self": 1, "twice": 2} {
		if used := after[name] - before[name]; used < times*busy*3/4 || used > times*busy*2 {
			t.Errorf("%s: %v of CPU; want about %v", name, used, times*busy)
		}
	}
}

func TestCPUOfNobody(t *testing.T) {
	if _, err := CPU(-1); err == nil {
		t.Error("a process that is none has used CPU")
	}
	if cpu := (Processes{"none": {-1}}).CPU()["none"]; cpu != 0 {
		t.Errorf("it is %v", cpu)
	}
}
