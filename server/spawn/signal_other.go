//go:build unix && !linux

package spawn

import (
	"syscall"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
	"vivero/sim/control"
)

// send checks the start time, then signals by pid: this system has no pidfd, so that a reused pid in between is possible,
// though the pids would have to come round within microseconds.
func send(key proc.Key, sig syscall.Signal) error {
	_, start, err := control.Identity(key.PID)
	if err != nil {
		return err
	}
	if start != key.Start {
		return unix.ESRCH
	}
	return unix.Kill(key.PID, sig)
}
