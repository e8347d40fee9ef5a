package tree

import (
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// SignalName is the name of a signal without SIG: 9 is KILL.
func SignalName(signal int) string {
	if name := unix.SignalName(syscall.Signal(signal)); name != "" {
		return strings.TrimPrefix(name, "SIG")
	}
	return strconv.Itoa(signal) // real-time signals have no name
}
