// Package usage tells how much CPU processes have used.
package usage

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// tick is the unit of the times in /proc. Linux shows programs 100 a second, whatever
// the kernel's own clock.
const tick = 10 * time.Millisecond

// CPU returns how much CPU the processes of each kind have used. It leaves out
// processes that have ended.
func CPU(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The second field is the program's name, which may hold anything.
	_, rest, _ := strings.Cut(string(stat[strings.LastIndexByte(string(stat), ')')+1:]), " ")
	fields := strings.Fields(rest)
	const user, system = 11, 12 // fields 14 and 15 of the line
	if len(fields) <= system {
		return 0, fmt.Errorf("unknown form of /proc/%d/stat: %q", pid, stat)
	}
	var ticks [2]int64
	if _, err := fmt.Sscan(fields[user]+" "+fields[system], &ticks[0], &ticks[1]); err != nil {
		return 0, fmt.Errorf("/proc/%d/stat: %w", pid, err)
	}
	return time.Duration(ticks[0]+ticks[1]) * tick, nil
}

// Processes are the processes of a system, by what they are; there may be several
// of a kind.
type Processes map[string][]int

// CPU returns how much CPU the processes of each kind have used. What a process
// had used that has ended is left out.
func (p Processes) CPU() map[string]time.Duration {
	used := make(map[string]time.Duration, len(p))
	for name, pids := range p {
		for _, pid := range pids {
			if cpu, err := CPU(pid); err == nil {
				used[name] += cpu
			}
		}
	}
	return used
}
