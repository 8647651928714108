package bench

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"
)

// flags are those of the run. What is not set is as the scale has it.
var (
	scaleName    = flag.String("scale", "smoke", "smoke: does it work; quick: two minutes; full: twenty")
	scenarioList = flag.String("scenarios", "", "only these, separated by commas")
	trials       = flag.Int("trials", 0, "times that each load is put on each subject")
	seconds      = flag.Float64("seconds", 0, "length of a trial")
	deepChat     = flag.Int("depth", 0, "messages in the deep chat, of a table of ten times as many")
	memoryFor    = flag.Duration("memory", 0, "for how long memory is watched")
	outDir       = flag.String("out", "", "directory for the results")
)

// A scale says how large a run is.
type scale struct {
	trials       int
	length, warm time.Duration // of a trial, and of what goes before it
	conns        []int         // of the closed loops
	openConns    int           // of the open loops
	chats        int
	fill         int // messages in each chat before the run
	deepChat     int
	inboxEach    int // messages in each chat of the inboxes' table
	pollers      int // readers at a chat's end
	waits        int // messages waited for, by each reader
	waiting      int // readers that wait for nothing
	crowd        int // connections while memory is watched
	slow         int // connections that ask for the largest file, and do not read it
	memoryFor    time.Duration
	inbox        int       // chats of the member with the most
	group        int       // members of the group, at most 1,000
	loads        []float64 // of the plot of latency, as parts of the capacity
	checkFor     time.Duration
}

var scales = map[string]scale{
	"smoke": {
		trials: 3, length: 100 * time.Millisecond, warm: 20 * time.Millisecond,
		conns: []int{8}, openConns: 32, chats: 20, fill: 30, deepChat: 500, inboxEach: 1, inbox: 300, group: 30, pollers: 20, waits: 10, waiting: 50, crowd: 50, slow: 10,
		memoryFor: 500 * time.Millisecond, loads: []float64{0.2, 0.5}, checkFor: time.Second,
	},
	"quick": {
		trials: 3, length: 600 * time.Millisecond, warm: 150 * time.Millisecond,
		conns: []int{64, 256}, openConns: 512, chats: 1000, fill: 30, deepChat: 20_000, inboxEach: 20, inbox: 30_000, group: 1000, pollers: 1000, waits: 100, waiting: 2000, crowd: 5000, slow: 1000,
		memoryFor: 5 * time.Second, loads: []float64{0.25, 0.5, 0.75}, checkFor: 5 * time.Second,
	},
	"full": {
		trials: 3, length: 6 * time.Second, warm: time.Second,
		conns: []int{64, 256}, openConns: 1024, chats: 1000, fill: 30, deepChat: 200_000, inboxEach: 200, inbox: 300_000, group: 1000, pollers: 1000, waits: 500, waiting: 10_000, crowd: 5000, slow: 1000,
		memoryFor: 30 * time.Second, loads: []float64{0.1, 0.25, 0.5, 0.7, 0.8, 0.9}, checkFor: 20 * time.Second,
	},
}

// tableFactor is how many times as many messages as in the deep chat its table has.
const tableFactor = 10

// chosenScale returns the scale that the flags ask for.
func chosenScale() (scale, error) {
	s, ok := scales[*scaleName]
	if !ok {
		return scale{}, fmt.Errorf("-scale is %q; want smoke, quick or full", *scaleName)
	}
	if *trials < 0 || *seconds < 0 || *deepChat < 0 || *memoryFor < 0 {
		return scale{}, errors.New("-trials, -seconds, -depth and -memory must not be negative")
	}
	if *trials > 0 {
		s.trials = *trials
	}
	if *seconds > 0 {
		s.length = time.Duration(*seconds * float64(time.Second))
		s.warm = s.length / 5
	}
	if *deepChat > 0 {
		s.deepChat = *deepChat
	}
	if *memoryFor > 0 {
		s.memoryFor = *memoryFor
	}
	return s, nil
}

// chosenScenarios returns the scenarios that the flags ask for, in their order.
func chosenScenarios() ([]scenario, error) {
	all := scenarios()
	if *scenarioList == "" {
		return all, nil
	}
	names := strings.Split(*scenarioList, ",")
	for _, name := range names {
		if !slices.ContainsFunc(all, func(s scenario) bool { return s.name == name }) {
			var known []string
			for _, s := range all {
				known = append(known, s.name)
			}
			return nil, fmt.Errorf("-scenarios has %q; want some of %s", name, strings.Join(known, ","))
		}
	}
	return slices.DeleteFunc(all, func(s scenario) bool { return !slices.Contains(names, s.name) }), nil
}
