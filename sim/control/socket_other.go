//go:build unix && !linux

package control

import (
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	socketType   = unix.SOCK_DGRAM
	noSignal     = 0 // Go ignores SIGPIPE on sockets
	receiveFlags = 0
)

// Pair makes the two ends, both blocking and close-on-exec. Other systems have no SOCK_SEQPACKET here; datagrams keep
// the borders as well, and the end of the peer is ECONNRESET.
func Pair() (server, worker int, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	p, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err == nil {
		unix.CloseOnExec(p[0])
		unix.CloseOnExec(p[1])
	}
	return p[0], p[1], err
}
