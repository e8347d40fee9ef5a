//go:build unix && !linux

package spawn

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// pipe makes a pipe, close-on-exec; no fork of ours comes between the two steps.
func pipe() (read, write int, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	var p [2]int
	if err = unix.Pipe(p[:]); err != nil {
		return -1, -1, err
	}
	unix.CloseOnExec(p[0])
	unix.CloseOnExec(p[1])
	return p[0], p[1], nil
}
