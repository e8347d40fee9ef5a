//go:build unix

package keeper

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"golang.org/x/sys/unix"
)

// folder is a run's own directory. A lock on it, held through an open descriptor by whoever lives, says that it is in
// use. A pid would not: it is reused, and means nothing in another container that shares /dev/shm.
type folder struct {
	path string
	lock *os.File
}

const prefix = "vivero-"

// runName is how a run's folder is called, and nothing else is swept: other folders that begin so are somebody's own.
var runName = regexp.MustCompile("^" + prefix + "[0-9]+-[0-9a-f]{12}$")

// places are where a run's folder may stand, the best first. Memory, because a store to a mapped file on disk can stall
// for over a second.
func places() []string { return []string{"/dev/shm", os.TempDir()} }

// makeFolder makes and locks 'vivero-PID-RANDOM' in the first place that allows it.
func makeFolder(places []string) (*folder, error) {
	var failure error
	for _, place := range places {
		for range 10 { // a run that starts at the same moment may sweep ours before it is locked
			random := make([]byte, 6)
			rand.Read(random)
			path := filepath.Join(place, fmt.Sprintf("%s%d-%s", prefix, os.Getpid(), hex.EncodeToString(random)))
			if failure = os.Mkdir(path, 0o700); failure != nil {
				break
			}
			f, err := lockFolder(path)
			if err == nil {
				return f, nil
			}
			failure = err
		}
	}
	return nil, fmt.Errorf("cannot make a folder for this run: %w", failure)
}

// lockFolder fails when somebody else holds the lock, or when path is no longer what was locked.
func lockFolder(path string) (*folder, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	lock := os.NewFile(uintptr(fd), path)
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		lock.Close()
		return nil, err
	}
	var locked, there unix.Stat_t
	if err := unix.Fstat(fd, &locked); err != nil {
		lock.Close()
		return nil, err
	}
	if err := unix.Lstat(path, &there); err != nil || locked.Ino != there.Ino || locked.Dev != there.Dev {
		lock.Close()
		return nil, fmt.Errorf("%s was replaced", path)
	}
	return &folder{path, lock}, nil
}

// remove deletes the folder and what is in it, then frees the lock.
func (f *folder) remove() error {
	err := os.RemoveAll(f.path)
	f.lock.Close()
	return err
}

// sweepFolders removes what earlier runs left: folders with our name, of our user, that nobody holds locked.
func sweepFolders(places []string) {
	for _, place := range places {
		entries, err := os.ReadDir(place)
		if err != nil {
			continue
		}
		for _, entry := range entries {
			path := filepath.Join(place, entry.Name())
			var there unix.Stat_t
			if !runName.MatchString(entry.Name()) || !entry.IsDir() ||
				unix.Lstat(path, &there) != nil || int(there.Uid) != os.Geteuid() || there.Mode&0o777 != 0o700 {
				continue
			}
			if stale, err := lockFolder(path); err == nil {
				stale.remove()
			}
		}
	}
}
