package daemon

import (
	"fmt"
	"runtime"
	buildinfo "runtime/debug" // not the listener of this package

	"github.com/alecthomas/kong"
)

// Version gives a program with this name the flag --version. It prints one line and exits
// with status 0. The line has what Go knows of the build: the version is that of the
// commit, or (devel) if the program was built outside of a repository.
func Version(name string) kong.Option {
	return kong.OptionFunc(func(k *kong.Kong) error {
		if err := (kong.Vars{"version": version(name)}).Apply(k); err != nil {
			return err
		}
		return kong.Embed(&struct {
			Version kong.VersionFlag `help:"Print the version and exit."`
		}{}).Apply(k)
	})
}

// version returns the line that --version prints.
func version(name string) string {
	built := "(devel)"
	if info, ok := buildinfo.ReadBuildInfo(); ok && info.Main.Version != "" {
		built = info.Main.Version
	}
	return fmt.Sprintf("%s %s %s %s/%s", name, built, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
