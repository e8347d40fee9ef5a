//go:build unix && !linux

package keeper

import (
	"errors"

	"golang.org/x/sys/unix"
)

// Run needs Linux.
func Run(Options) (int, error) {
	return 1, errors.New("a keeper needs Linux: run the server alone")
}

// Join finds no keeper on this system.
func Join() (*Link, error) { return nil, nil }

// Watch has nothing to watch: there is no keeper.
func (l *Link) Watch() {}

// CommandEnded has nobody to tell: there is no keeper.
func (l *Link) CommandEnded() {}

// Leave removes the run's folder.
func (l *Link) Leave() { l.folder.remove() }

// Release puts /dev/null in place of standard input and output. Keeper and server do that once a command has them: who
// writes to that input, or reads that output, must see the command's end, not ours.
func Release() {
	null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	unix.Dup2(null, 0)
	unix.Dup2(null, 1)
	unix.Close(null)
}
