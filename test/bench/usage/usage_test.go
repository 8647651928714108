package usage

import (
	"os"
	"testing"
	"time"
)

// A process that computes uses CPU, about as much as time passes.
func TestCPU(t *testing.T) {
	processes := Processes{"self": {os.Getpid()}}
	before := processes.CPU()["self"]
	const busy = 300 * time.Millisecond
	for begin := time.Now(); time.Since(begin) < busy; { //nolint:revive // empty on purpose: it computes
	}
	used := processes.CPU()["self"] - before
	if used < busy/10 || used > 100*busy {
		t.Errorf("%v of CPU were used in %v", used, busy)
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
