package storetest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Disk is a small file system of its own, in memory, that can be full.
type Disk struct {
	Dir     string
	ballast string
}

// SmallDisk makes a Disk of so many MiB for the length of the test. Its users have to
// end before the test does. Only root may mount one: without that right the test is
// skipped.
func SmallDisk(t testing.TB, mib int) *Disk {
	t.Helper()
	dir := t.TempDir()
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", mib))
	if errors.Is(err, syscall.EPERM) {
		t.Skip("NOT TESTED: what happens on a full disk. To mount a small one, run the tests as root, with the right to mount")
	}
	if err != nil {
		t.Fatalf("mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
			_ = syscall.Unmount(dir, syscall.MNT_DETACH)
		}
	})
	return &Disk{Dir: dir, ballast: filepath.Join(dir, "ballast")}
}

// Path returns where name is on the disk.
func (d *Disk) Path(name string) string { return filepath.Join(d.Dir, name) }

// Fill writes a file until only spare bytes, if so many, are free.
func (d *Disk) Fill(t testing.TB, spare int64) {
	t.Helper()
	free := d.Free(t)
	file, err := os.Create(d.ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if size := free - spare; size > 0 {
		if err := syscall.Fallocate(int(file.Fd()), 0, 0, size); err != nil {
			t.Fatalf("fill the disk: %v", err)
		}
	}
}

// Free returns how many bytes are free.
func (d *Disk) Free(t testing.TB) int64 {
	t.Helper()
	var fs syscall.Statfs_t
	if err := syscall.Statfs(d.Dir, &fs); err != nil {
		t.Fatal(err)
	}
	return int64(fs.Bavail) * fs.Bsize
}

// Empty takes away what Fill has written.
func (d *Disk) Empty(t testing.TB) {
	t.Helper()
	if err := os.Remove(d.ballast); err != nil {
		t.Fatal(err)
	}
}
