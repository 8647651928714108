package main

import (
	"fmt"
	"syscall"

	"example.com/im/rpc-server/store"
)

// littleSpace is how many free bytes are so few that a database which does not open most
// probably lacks space. A new one takes about 100 KiB.
const littleSpace = 1 << 20

// withSpace adds to err how much space is free in dir, if err is of the database in dir
// and there is little. SQLite calls some failures for want of space an I/O error.
func withSpace(err error, dir string) error {
	var fs syscall.Statfs_t
	if !store.Unavailable(err) || syscall.Statfs(dir, &fs) != nil {
		return err
	}
	free := int64(fs.Bavail) * fs.Bsize
	if free >= littleSpace {
		return err
	}
	return fmt.Errorf("only %d KiB are free in %s: %w", free>>10, dir, err)
}
