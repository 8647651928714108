// Package readme does what the README says, as a newcomer would: it runs the commands, and
// compares what they print with what is shown.
package readme

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// patience is for how long a command may take, which may be to compile everything, on a
// machine that is busy with other tests.
const patience = 10 * time.Minute

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// block is a piece of code of the README, with the first word after the fence.
type block struct{ language, text string }

var fence = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// blocks returns the pieces of code between two headings.
func blocks(t *testing.T, readme, from, to string) (found []block) {
	t.Helper()
	_, rest, _ := strings.Cut(readme, "\n## "+from+"\n")
	section, _, ok := strings.Cut(rest, "\n## "+to+"\n")
	if !ok {
		t.Fatalf("the README has no sections %q and %q", from, to)
	}
	for _, match := range fence.FindAllStringSubmatch(section, -1) {
		found = append(found, block{match[1], match[2]})
	}
	return found
}

// command is one that runs, and what it has printed.
type command struct {
	cmd    *exec.Cmd
	ended  chan struct{}
	mu     sync.Mutex
	output bytes.Buffer
}

// Write implements io.Writer.
func (c *command) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.output.Write(p)
}

// printed returns what the command has printed.
func (c *command) printed() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.output.String()
}

// start starts a script in the background, by bash at the top of the repository.
func start(t *testing.T, script string, env ...string) *command {
	t.Helper()
	c := &command{ended: make(chan struct{})}
	c.cmd = exec.Command("bash", "-c", script)
	c.cmd.Dir, c.cmd.Env = process.Root(t), append(os.Environ(), env...)
	c.cmd.Stdout, c.cmd.Stderr = c, c
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = c.cmd.Wait(); close(c.ended) }()
	t.Cleanup(c.stop)
	return c
}

// stop ends the script, and all that it has started, as Ctrl-C does.
func (c *command) stop() {
	_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGINT)
	select {
	case <-c.ended:
	case <-time.After(time.Minute):
		_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL)
		<-c.ended
	}
}

// startSystem runs the first command of the README, with the data in dir.
func startSystem(t *testing.T, run, addr, dir string) *command {
	t.Helper()
	c := start(t, run, "HTTP_ADDR="+addr, "DATA_DIR="+dir)
	process.Await(t, patience, run+" serves", func() bool {
		select {
		case <-c.ended:
			t.Fatalf("%s has ended: %s", run, c.printed())
		default:
		}
		return process.Status("http://"+addr+"/readyz") == http.StatusOK
	})
	return c
}

// run runs a script to its end, and returns what it prints.
func run(t *testing.T, script string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", script)
	cmd.Dir = process.Root(t)
	var failed bytes.Buffer
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", script, err, out, failed.String())
	}
	return string(out)
}

// times finds microseconds since 1970.
var times = regexp.MustCompile(`\b1[0-9]{15}\b`)

// shape returns text with each time as the number of its first appearance. So two answers
// are compared that were given at different times.
func shape(text string) string {
	var seen []string
	return times.ReplaceAllStringFunc(text, func(at string) string {
		i := slices.Index(seen, at)
		if i < 0 {
			i, seen = len(seen), append(seen, at)
		}
		return fmt.Sprint("time ", i)
	})
}

// lastLines returns as many lines from the end of printed as shown has. Answers have no
// line ends, so one is put between them.
func lastLines(printed, shown string) string {
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(printed, "}{", "}\n{")), "\n")
	n := strings.Count(strings.TrimSpace(shown), "\n") + 1
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// Whoever does what the README says sees what it shows. Its loop that follows a chat goes
// on over a restart of the server, and prints each message once.
func TestREADME(t *testing.T) {
	t.Parallel()
	storetest.Needs(t, "make, curl and jq")
	content, err := os.ReadFile(filepath.Join(process.Root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	all := append(blocks(t, string(content), "Try it", "API"), blocks(t, string(content), "API", "Run it for real")...)
	if len(all) < 8 || all[0].language != "sh" {
		t.Fatalf("the README has only %q", all)
	}
	addr, dir := storetest.Reserve(t), t.TempDir()
	system := startSystem(t, strings.TrimSpace(all[0].text), addr, dir)
	var printed, loop string
	for _, b := range all[1:] {
		script := strings.ReplaceAll(b.text, "localhost:8080", addr)
		switch {
		case b.language == "json":
			if got, want := shape(lastLines(printed, b.text)), shape(strings.TrimSpace(b.text)); got != want {
				t.Errorf("the commands print\n%s\nand the README shows\n%s", got, want)
			}
		case b.language != "sh":
		case strings.Contains(script, "while true"):
			loop = script
		default:
			printed = run(t, script)
			if strings.Contains(printed, `"error"`) {
				t.Errorf("%s prints %s", b.text, printed)
			}
		}
	}
	if loop == "" {
		t.Fatal("the README has no loop that follows a chat")
	}

	follower := start(t, loop)
	process.Await(t, time.Minute, "the loop shows what is there", func() bool { return strings.Contains(follower.printed(), "Once") })
	for n := range 3 {
		system.stop()
		system = startSystem(t, strings.TrimSpace(all[0].text), addr, dir)
		text := fmt.Sprint("after restart ", n)
		run(t, `curl -sS --fail `+addr+`/api/send -d '{"chat": "john:doe", "sender": "Doe", "text": "`+text+`"}'`)
		process.Await(t, time.Minute, "the loop goes on", func() bool { return strings.Contains(follower.printed(), "Doe: "+text) })
	}
	for _, line := range []string{"john: Once", "john: Hello, Doe", "Doe: after restart 0", "Doe: after restart 2"} {
		if n := strings.Count(follower.printed(), line+"\n"); n != 1 {
			t.Errorf("the loop shows %q %d times; want once:\n%s", line, n, follower.printed())
		}
	}
}
