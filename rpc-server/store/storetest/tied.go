package storetest

import (
	"os/exec"
	"runtime"
	"syscall"
)

// StartTied starts cmd so that it ends with this process, and closes done when it has
// ended. Linux ties a child to the thread that has started it, so the thread must live
// as long as the child.
func StartTied(cmd *exec.Cmd, done chan<- struct{}) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
		close(done)
	}()
	return <-started
}
