//go:build race

package process

// buildFlags are those with which the tests themselves are built: with the race
// detector.
var buildFlags = []string{"-race"}
