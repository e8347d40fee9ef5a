package spawn

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
	"vivero/sim/control"
)

// send goes through a pidfd, which cannot come to mean another process. The start time is read after it was opened: if it
// is key's, the pidfd is key's process, or one that ended before it, and that cannot be signalled any more.
func send(key proc.Key, sig syscall.Signal) error {
	fd, err := unix.PidfdOpen(key.PID, 0)
	if err != nil {
		return fmt.Errorf("signal pid %d: pidfd_open: %w", key.PID, err)
	}
	defer unix.Close(fd)
	_, start, err := control.Identity(key.PID)
	if err != nil {
		return err
	}
	if start != key.Start {
		return unix.ESRCH
	}
	return unix.PidfdSendSignal(fd, sig, nil, 0)
}
