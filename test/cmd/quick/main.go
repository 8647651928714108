// Quick runs the tests that need nothing but Go: "go test -short" with further
// arguments, such as packages. It shows what failed, as go test does, and how many tests
// were skipped for what they need.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run runs the tests. Its error says that one failed, or that they could not be run.
func run(args []string) error {
	// Tests mostly wait, so more run at a time than there are cores.
	packages, tests := fmt.Sprint("-p=", 2*runtime.NumCPU()), fmt.Sprint("-parallel=", 4*runtime.NumCPU())
	cmd := exec.Command("go", append([]string{"test", "-short", "-json", packages, tests}, args...)...)
	cmd.Stderr = os.Stderr
	events, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	skipped, err := show(os.Stdout, events)
	if err != nil {
		return err
	}
	fmt.Println(skipped)
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("go test -short: %w", err)
	}
	return nil
}
