package storetest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// ErrNotHere says that a server is not on this machine. A test that needs it skips.
var ErrNotHere = errors.New("not on this machine")

// Unpacked returns the folder of a server, or of a part of one, that make deps has put
// beside the system's own. If there is none, the error is ErrNotHere with the reason.
func Unpacked(name string) (dir string, err error) {
	servers := os.Getenv("IM_SERVERS")
	if servers == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("%s: %w: %w", name, ErrNotHere, err)
		}
		servers = filepath.Join(cache, "im-servers")
	}
	dir = filepath.Join(servers, name)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	reason, err := os.ReadFile(dir + ".missing")
	if err != nil {
		reason = []byte("make deps unpacks it in " + servers)
	}
	return "", fmt.Errorf("%s: %w: %s", name, ErrNotHere, strings.TrimSpace(string(reason)))
}
