//go:build unix && !linux

package ipc

import (
	"errors"
	"runtime"

	"golang.org/x/sys/unix"
)

func makePipe() (read, write int, err error) {
	var p [2]int
	if err := unix.Pipe(p[:]); err != nil {
		return -1, -1, err
	}
	unix.CloseOnExec(p[0])
	unix.CloseOnExec(p[1])
	return p[0], p[1], nil
}

func (m *Made) queue() error { return m.socketPair(unix.ENOSYS) }

// State cannot be seen here.
func State(int) (QueueState, error) {
	return QueueState{}, errors.New("what is in a queue cannot be seen on " + runtime.GOOS)
}
