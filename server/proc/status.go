package proc

import (
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Status is how a process ended.
type Status struct {
	Known  bool
	Code   int // exit status, when Signal is 0
	Signal int // the signal that killed it, or 0
}

// StatusOf is what wait(2) says of a process that has ended.
func StatusOf(w syscall.WaitStatus) Status {
	if w.Signaled() {
		return Status{Known: true, Signal: int(w.Signal())}
	}
	return Status{Known: true, Code: w.ExitStatus()}
}

// SignalName is the name of a signal without SIG: 9 is KILL. Real-time signals have only their number.
func SignalName(signal syscall.Signal) string {
	if name := unix.SignalName(signal); name != "" {
		return strings.TrimPrefix(name, "SIG")
	}
	return strconv.Itoa(int(signal))
}
