package control

import "golang.org/x/sys/unix"

const (
	socketType   = unix.SOCK_SEQPACKET
	noSignal     = unix.MSG_NOSIGNAL
	receiveFlags = unix.MSG_CMSG_CLOEXEC
)

// Pair makes the two ends, both blocking and close-on-exec.
func Pair() (server, worker int, err error) {
	p, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	return p[0], p[1], err
}
