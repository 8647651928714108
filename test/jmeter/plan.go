package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// files are the plans, and what starts Debian's JMeter.
//
//go:embed *.jmx debian.bsh
var files embed.FS

// saved makes JMeter write what [readSamples] reads, whatever its version and
// its settings are.
var saved = []string{
	"-Jjmeter.save.saveservice.output_format=csv",
	"-Jjmeter.save.saveservice.print_field_names=true",
	"-Jjmeter.save.saveservice.timestamp_format=ms",
	"-Jjmeter.save.saveservice.default_delimiter=,",
	"-Jjmeter.save.saveservice.assertion_results_failure_message=true",
}

// runPlan runs a plan with properties, each name=value, and returns its requests. A
// failed request is no error.
func runPlan(ctx context.Context, plan string, properties []string) ([]sample, error) {
	command, err := findJMeter()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "im-jmeter-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.CopyFS(dir, files); err != nil {
		return nil, err
	}
	command = append(command, "-n", "-t", plan+".jmx", "-l", "samples.jtl", "-j", "jmeter.log")
	command = append(command, saved...)
	for _, p := range properties {
		command = append(command, "-J"+p)
	}
	out, err := execute(ctx, dir, command)
	var samples []sample
	if err == nil { // JMeter 2.13 exits with 0 also when it has run nothing
		samples, err = readFile(filepath.Join(dir, "samples.jtl"))
	}
	if err != nil {
		return nil, fmt.Errorf("JMeter has not run %s: %w\n%s", plan, errors.Join(err, ctx.Err()), out)
	}
	return samples, nil
}

// execute runs command in dir until it ends or ctx is done, and returns what it
// has written.
func execute(ctx context.Context, dir string, command []string) (out []byte, err error) {
	var written bytes.Buffer
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = &written, &written
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	err = cmd.Run()
	return written.Bytes(), err
}

// readFile reads the results that JMeter has written.
func readFile(name string) ([]sample, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return readSamples(file)
}
