package deploy

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/sys/unix"
)

// Variables that make the test's program another one, under the bounds of a unit.
const (
	confinedProgram  = "DEPLOY_TEST_PROGRAM"
	confinedCalls    = "DEPLOY_TEST_CALLS"    // system calls that pass, with commas
	confinedFamilies = "DEPLOY_TEST_FAMILIES" // of addresses
	confinedMemory   = "DEPLOY_TEST_MEMORY"   // yes: no memory becomes code
)

// families are the numbers of those that units name.
var families = map[string]uint64{"AF_UNIX": unix.AF_UNIX, "AF_INET": unix.AF_INET, "AF_INET6": unix.AF_INET6, "AF_NETLINK": unix.AF_NETLINK}

// becomeConfined replaces the process by the program that confinedProgram names, under the
// filters that systemd makes of SystemCallFilter, MemoryDenyWriteExecute and
// RestrictAddressFamilies (systemd.exec(5)). It returns only if it cannot.
func becomeConfined() error {
	allowed := strings.Split(os.Getenv(confinedCalls), ",")
	var deny []seccomp.NameWithConditions
	if os.Getenv(confinedMemory) == "yes" {
		deny = []seccomp.NameWithConditions{
			{Name: "mmap", Conditions: seccomp.ArgumentConditions{protection(unix.PROT_EXEC), protection(unix.PROT_WRITE)}},
			{Name: "mprotect", Conditions: seccomp.ArgumentConditions{protection(unix.PROT_EXEC)}},
			{Name: "pkey_mprotect", Conditions: seccomp.ArgumentConditions{protection(unix.PROT_EXEC)}},
		}
	}
	var others seccomp.ArgumentConditions
	for family := range strings.FieldsSeq(os.Getenv(confinedFamilies)) {
		others = append(others, seccomp.Condition{Argument: 0, Operation: seccomp.NotEqual, Value: families[family]})
	}
	deny = append(deny, seccomp.NameWithConditions{Name: "socket", Conditions: others})
	refuse := seccomp.ActionErrno // EPERM, as SystemCallErrorNumber says
	for _, policy := range []seccomp.Policy{
		{DefaultAction: seccomp.ActionAllow, Syscalls: []seccomp.SyscallGroup{{NamesWithCondtions: deny, Action: refuse}}},
		{DefaultAction: refuse, Syscalls: []seccomp.SyscallGroup{{Names: allowed, Action: seccomp.ActionAllow}}},
	} {
		if err := seccomp.LoadFilter(seccomp.Filter{NoNewPrivs: true, Flag: seccomp.FilterFlagTSync, Policy: policy}); err != nil {
			return err
		}
	}
	program := os.Getenv(confinedProgram)
	return syscall.Exec(program, append([]string{program}, os.Args[1:]...), os.Environ())
}

// protection is the condition that memory gets a kind of access.
func protection(bit uint64) seccomp.Condition {
	return seccomp.Condition{Argument: 2, Operation: seccomp.BitsSet, Value: bit}
}

// confined returns the variables with which the test's program becomes another one under
// the bounds of a unit.
func confined(t *testing.T, program, text string) []string {
	t.Helper()
	allowed := map[string]bool{}
	sets := callSets(t)
	for _, filter := range directives(text, "SystemCallFilter") {
		names, remove := strings.CutPrefix(filter, "~")
		for name := range strings.FieldsSeq(names) {
			for call := range sets.expand(name) {
				allowed[call] = !remove
			}
		}
	}
	maps.DeleteFunc(allowed, func(_ string, allow bool) bool { return !allow })
	info, err := arch.GetInfo("")
	if err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(allowed, func(call string, _ bool) bool { _, here := info.SyscallNames[call]; return !here })
	if len(allowed) < 100 {
		t.Fatalf("only %d system calls pass", len(allowed))
	}
	return []string{
		confinedProgram + "=" + program,
		confinedCalls + "=" + strings.Join(slices.Sorted(maps.Keys(allowed)), ","),
		confinedFamilies + "=" + strings.Join(directives(text, "RestrictAddressFamilies"), " "),
		confinedMemory + "=" + strings.Join(directives(text, "MemoryDenyWriteExecute"), " "),
	}
}

// sets are systemd's sets of system calls, each with what it lists.
type sets map[string][]string

// callSets asks systemd for its sets.
func callSets(t *testing.T) sets {
	t.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed (Debian: apt-get install systemd)")
	}
	out, err := exec.Command("systemd-analyze", "syscall-filter", "--no-pager").Output()
	if err != nil {
		t.Fatal(err)
	}
	found, name := sets{}, ""
	for line := range strings.Lines(string(out)) {
		word := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "@"):
			name = word
		case word != "" && !strings.HasPrefix(word, "#"):
			found[name] = append(found[name], word)
		}
	}
	return found
}

// expand returns the system calls of a set, and of those within it.
func (s sets) expand(name string) map[string]bool {
	calls := map[string]bool{}
	for _, member := range s[name] {
		if !strings.HasPrefix(member, "@") {
			calls[member] = true
			continue
		}
		maps.Copy(calls, s.expand(member))
	}
	return calls
}

// runConfined is what TestMain does instead of the tests where confinedProgram is set.
func runConfined() {
	fmt.Fprintln(os.Stderr, becomeConfined())
	os.Exit(1)
}
