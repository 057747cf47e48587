package blob

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// errBusy reports that another upload to the key is running.
var errBusy = errors.New("blob: another upload to this key is running")

const lockSuffix = ".lock"

// lock makes the caller the only one, of all processes, that uploads to the
// key, or returns errBusy. The lock ends with its process.
func (d *Disk) lock(key string) (unlock func(), err error) {
	return lockFile(filepath.Join(d.dir, "tmp", filepath.Base(d.place(key))+lockSuffix))
}

func lockFile(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errBusy
		}
		return nil, &fs.PathError{Op: "flock", Path: path, Err: err}
	}
	// Whoever held the lock may have removed the file after it was opened here:
	// then the next one will lock another.
	mine, err := file.Stat()
	if err == nil {
		var there os.FileInfo
		if there, err = os.Stat(path); err == nil && os.SameFile(mine, there) {
			return func() { _ = os.Remove(path); _ = file.Close() }, nil
		}
	}
	_ = file.Close()
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil, errBusy
	}
	return nil, err
}

// sweepLock removes a lock file that a crash left.
func sweepLock(path string) error {
	unlock, err := lockFile(path)
	if errors.Is(err, errBusy) {
		return nil
	}
	if err != nil {
		return err
	}
	unlock()
	return nil
}

func isLock(name string) bool { return strings.HasSuffix(name, lockSuffix) }
