//go:build unix

package control

import (
	"errors"
	"fmt"
	"io"

	"golang.org/x/sys/unix"
)

// Now is the clock of deadlines in nanoseconds: CLOCK_MONOTONIC, the same in every process of the machine.
func Now() int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		return 0 // cannot happen: the clock always exists
	}
	return t.Nano()
}

// Attached is true when FD is a control socket; it is then closed on exec.
func Attached() bool {
	kind, err := unix.GetsockoptInt(FD, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil || kind != socketType {
		return false
	}
	name, err := unix.Getsockname(FD)
	if _, local := name.(*unix.SockaddrUnix); err != nil || !local {
		return false
	}
	unix.CloseOnExec(FD)
	return true
}

// Send writes m to the blocking socket fd and waits while it is full.
func Send(fd int, m Message) error { return send(fd, m, noSignal) }

// TrySend is Send that never waits: a full socket is the error EAGAIN.
func TrySend(fd int, m Message) error { return send(fd, m, unix.MSG_DONTWAIT|noSignal) }

func send(fd int, m Message, flags int) error {
	b, err := Encode(m)
	if err != nil {
		return err
	}
	for {
		err = unix.Sendto(fd, b, flags, nil)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// Receive waits in recvmsg for the next message on the blocking socket fd, with the descriptors it carries (close-on-exec;
// the caller owns them, also when err is not nil). io.EOF: the other side is gone. buf holds at least MaxMessage bytes.
func Receive(fd int, buf []byte) (m Message, files []int, err error) {
	oob := make([]byte, unix.CmsgSpace(Files*4))
	var n, oobn, flags int
	for {
		n, oobn, flags, _, err = unix.Recvmsg(fd, buf, oob, receiveFlags)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		if errors.Is(err, unix.ECONNRESET) {
			err = io.EOF
		}
		return m, nil, err
	}
	files, err = rights(oob[:oobn])
	if err != nil {
		return m, files, err
	}
	if n == 0 {
		return m, files, io.EOF
	}
	if flags&(unix.MSG_TRUNC|unix.MSG_CTRUNC) != 0 {
		return m, files, malformed("cut off, at most %d bytes are allowed", MaxMessage)
	}
	m, err = Decode(buf[:n])
	return m, files, err
}

func rights(oob []byte) (files []int, err error) {
	if len(oob) == 0 {
		return nil, nil
	}
	all, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return nil, fmt.Errorf("read the descriptors of a control message: %w", err)
	}
	for i := range all {
		if got, err := unix.ParseUnixRights(&all[i]); err == nil {
			files = append(files, got...)
		}
	}
	for _, f := range files {
		unix.CloseOnExec(f)
	}
	return files, nil
}
