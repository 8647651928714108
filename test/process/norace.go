//go:build !race

package process

// buildFlags are those with which the tests themselves are built: none.
var buildFlags []string
