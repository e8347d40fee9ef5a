//go:build unix && !linux

package ipc

import (
	"context"
	"errors"

	"golang.org/x/sys/unix"
)

// errWouldBlock says that a call, done now, would block.
var errWouldBlock = errors.New("it would block")

// pollTime is how long, in ms, a blocked call waits before it looks again whether it is to stop.
const pollTime = 50

// caller does the system calls of one end: poll before each, since nothing else neither blocks nor changes the
// descriptor for the other processes that hold it.
type caller struct{ fd int }

func newCaller(e End) caller { return caller{e.FD} }

func (c *caller) ready(event int16, timeout int) error {
	fds := []unix.PollFd{{Fd: int32(c.fd), Events: event}}
	n, err := unix.Poll(fds, timeout)
	if err == nil && n == 0 {
		err = errWouldBlock
	}
	return err
}

func (c *caller) try(frame []byte) error {
	if err := c.ready(unix.POLLOUT, 0); err != nil {
		return err
	}
	_, err := unix.Write(c.fd, frame)
	return err
}

func (c *caller) tryRead(frame []byte) (int, error) {
	if err := c.ready(unix.POLLIN, 0); err != nil {
		return 0, err
	}
	return c.whole(frame)
}

// whole reads one frame; here PIPE_BUF is 512, so a longer one may come in pieces.
func (c *caller) whole(frame []byte) (n int, err error) {
	for n < len(frame) {
		more, err := unix.Read(c.fd, frame[n:])
		if err == unix.EINTR {
			continue
		}
		if err != nil || more <= 0 {
			return n, err
		}
		n += more
		if kind, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_TYPE); err == nil && kind == unix.SOCK_DGRAM {
			return n, nil
		}
	}
	return n, nil
}

func (c *caller) block(_ context.Context, frame []byte) error {
	if err := c.ready(unix.POLLOUT, pollTime); err != nil {
		return again(err)
	}
	return c.try(frame)
}

func (c *caller) blockRead(_ context.Context, frame []byte) (int, error) {
	if err := c.ready(unix.POLLIN, pollTime); err != nil {
		return 0, again(err)
	}
	return c.whole(frame)
}

// again makes the end of one pollTime look like a signal: the caller looks whether it is to stop.
func again(err error) error {
	if err == errWouldBlock {
		return unix.EINTR
	}
	return err
}

func closeOnExec(fd int) { unix.CloseOnExec(fd) }

// Interrupt has nothing to do here: a blocked call looks every 50 ms by itself.
func Interrupt(context.Context) (stop func(), err error) { return func() {}, nil }

func (c *caller) close() {}
