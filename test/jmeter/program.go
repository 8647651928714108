package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

const (
	debianProgram = "/usr/bin/jmeter"
	debianHome    = "/usr/share/jmeter"
)

// errNoJMeter says what to install.
var errNoJMeter = errors.New("no JMeter on the path: on Debian, apt-get install jmeter jmeter-http; " +
	"elsewhere, version 5 from https://jmeter.apache.org")

// findJMeter returns the command that starts JMeter, to be run in a directory
// that has debian.bsh. Its error is [errNoJMeter] if there is none.
func findJMeter() ([]string, error) {
	path, err := exec.LookPath("jmeter")
	if errors.Is(err, exec.ErrNotFound) {
		return nil, errNoJMeter
	}
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(debianHome); path != debianProgram || errors.Is(err, fs.ErrNotExist) {
		return []string{path}, nil
	}
	if _, err := os.Stat(filepath.Join(debianHome, "lib/ext/ApacheJMeter_http.jar")); err != nil {
		return nil, fmt.Errorf("JMeter without HTTP: apt-get install jmeter-http: %w", err)
	}
	// The jars name those of other packages that they need.
	return []string{
		"java", "-Djava.awt.headless=true", "-Djmeter.home=" + debianHome,
		"-cp", debianHome + "/bin/*:" + debianHome + "/lib/ext/*", "bsh.Interpreter", "debian.bsh",
	}, nil
}
