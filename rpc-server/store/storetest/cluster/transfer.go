package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"example.com/im/rpc-server/store/storetest"
)

// transfer is how a node copies the data of another that it cannot catch up with: by
// MariaDB's own script for rsync, with a path of its own.
const transfer = "im_tests"

// writeTransfer writes that into dir, which has to be in the nodes' path. scripts is
// where MariaDB's are.
//
// As root, rsync's daemon changes to a user who may not write the data, unless told
// otherwise; the script does not tell it, and mariadbd puts its own folder, in which
// Debian has rsync, before the path that it was given.
func writeTransfer(dir, scripts string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	rsync, err := exec.LookPath("rsync")
	if err != nil {
		return fmt.Errorf("galera: %w: apt-get install rsync", storetest.ErrNotHere)
	}
	for name, script := range map[string]string{
		"wsrep_sst_" + transfer: fmt.Sprintf("PATH=%s:$PATH exec %s/wsrep_sst_rsync \"$@\"\n", dir, scripts),
		"rsync": "case \" $* \" in *\" --daemon \"*) [ \"$(id -u)\" != 0 ] || set -- \"$@\" --dparam=uid=0 --dparam=gid=0 ;; esac\n" +
			"exec " + rsync + " \"$@\"\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
			return err
		}
	}
	return nil
}
