// Package process runs the system's programs for tests. A test can stop, kill and freeze
// them, and start them again.
package process

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
)

// stopTimeout is for how long a program may take to stop: it exceeds the services'
// default drain.
const stopTimeout = 20 * time.Second

// Process is a program that runs, or did. Its methods are for one goroutine.
type Process struct {
	name    string
	command []string
	env     []string
	log     *Log

	cmd  *exec.Cmd
	done chan struct{} // closed when cmd has ended
}

// Start starts a program with an environment of nothing but env and the path.
// At the end of the test it is stopped, which must go as [Process.Stop] expects.
func Start(t testing.TB, name string, command, env []string) *Process {
	t.Helper()
	p := &Process{name: name, command: command, env: append(env, "PATH=/usr/sbin:/usr/bin:/sbin:/bin"), log: &Log{}}
	p.Restart(t)
	t.Cleanup(func() {
		p.Thaw()
		if !p.ended() {
			p.Stop(t)
		}
		if p.log.Contains("WARNING: DATA RACE") {
			t.Errorf("%s has a data race", p.name)
		}
		if t.Failed() {
			t.Logf("log of %s:\n%s", p.name, p.log.tail())
		}
	})
	return p
}

// Restart starts the program again after it has ended, with the same command and
// environment. Its log goes on.
func (p *Process) Restart(t testing.TB) {
	t.Helper()
	p.cmd = exec.Command(p.command[0], p.command[1:]...)
	p.cmd.Env = p.env
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	p.done = make(chan struct{})
	if err := storetest.StartTied(p.cmd, p.done); err != nil {
		t.Fatalf("start %s: %v", p.name, err)
	}
}

// Name returns what the program is called in failures.
func (p *Process) Name() string { return p.name }

// Log returns what the program has written.
func (p *Process) Log() *Log { return p.log }

// PID returns the id of the process, for what /proc tells of it.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Memory returns how many bytes of memory the program takes.
func (p *Process) Memory() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID()))
	if err != nil {
		return 0, err
	}
	var kib int64
	_, resident, _ := strings.Cut(string(status), "VmRSS:")
	if _, err := fmt.Sscanf(resident, "%d kB", &kib); err != nil {
		return 0, fmt.Errorf("memory of %s: %w", p.name, err)
	}
	return kib << 10, nil
}

// Stop asks the program to stop and waits until it has. Its exit status must be 0.
func (p *Process) Stop(t testing.TB) {
	t.Helper()
	p.Terminate()
	if status := p.Wait(t); status != 0 {
		t.Errorf("%s: exit status %d; want 0", p.name, status)
	}
}

// Terminate asks the program to stop.
func (p *Process) Terminate() { p.signal(syscall.SIGTERM) }

// Interrupt asks the program to stop as Ctrl-C does.
func (p *Process) Interrupt() { p.signal(syscall.SIGINT) }

// Wait waits until the program has ended and returns its exit status, or -1 if
// a signal has ended it. One that does not end is killed, and the test fails.
func (p *Process) Wait(t testing.TB) int {
	t.Helper()
	select {
	case <-p.done:
	case <-time.After(stopTimeout):
		p.signal(syscall.SIGQUIT) // makes the Go runtime write the stacks of all goroutines
		select {
		case <-p.done:
		case <-time.After(time.Second):
			p.Kill()
		}
		t.Errorf("%s does not end", p.name)
	}
	return p.cmd.ProcessState.ExitCode()
}

// Kill ends the program as a crash would.
func (p *Process) Kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

// Freeze makes the program stand still, with its connections open.
func (p *Process) Freeze() { p.signal(syscall.SIGSTOP) }

// Thaw makes a frozen program go on.
func (p *Process) Thaw() { p.signal(syscall.SIGCONT) }

func (p *Process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

func (p *Process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Await polls until the condition holds. A condition that does not hold within
// timeout fails the test; what names it.
func Await(t testing.TB, timeout time.Duration, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(timeout); !condition(); {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", timeout, what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
