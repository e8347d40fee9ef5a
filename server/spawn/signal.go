//go:build unix

package spawn

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
	"vivero/server/refusal"
)

// Signal sends sig to the process that key names, never to another that has its pid now, never to ourselves, to init or
// to a group. The caller passes keys of our descendants only. Its errors are sentences.
func (s *Spawner) Signal(key proc.Key, sig syscall.Signal) error {
	switch {
	case key.PID <= 1 || key.PID == os.Getpid():
		return refusal.Forbidden("signal %s to pid %d: Vivero never signals that process", proc.SignalName(sig), key.PID)
	case sig <= 0 || sig > 64:
		return refusal.Invalid("signal %d: there is no such signal", int(sig))
	case key.Start == 0:
		return refusal.NotFound("signal %s to pid %d: it had ended before it could be seen", proc.SignalName(sig), key.PID)
	}
	err := send(key, sig)
	switch {
	case errors.Is(err, unix.ESRCH), errors.Is(err, os.ErrNotExist), errors.Is(err, unix.EINVAL):
		return refusal.NotFound("signal %s to pid %d: the process has ended", proc.SignalName(sig), key.PID)
	case errors.Is(err, unix.EPERM):
		return refusal.Forbidden("signal %s to pid %d: the system does not allow it; the process belongs to another user", proc.SignalName(sig), key.PID)
	}
	return err
}
