package ipc

import (
	"context"
	"errors"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// errWouldBlock says that a call, done now, would block.
var errWouldBlock = errors.New("it would block")

// pollTime of Wait in ms: for good, for a signal interrupts it.
const pollTime = -1

// caller does the system calls of one end. The tries are raw: they never block, so Go's scheduler need not hear of
// them. One try is one system call, and when it succeeds it is the only one:
//
//   - a pipe is opened a second time, O_NONBLOCK, as a description of this process's own: the flag of the one that it was
//     given would hold for all that share it. (preadv2 and pwritev2 with RWF_NOWAIT need no second descriptor, but took
//     160 ns a message more than read and write, a seventh of the whole.) Where that fails, poll asks before each call.
//   - a queue by a timeout that has passed long ago: the kernel does not go to sleep for it.
//   - a socket by MSG_DONTWAIT.
type caller struct {
	fd     int
	quick  int // of a pipe: its second descriptor, −1 if there is none
	kind   string
	socket bool
}

func newCaller(e End) caller {
	c := caller{fd: e.FD, quick: -1, kind: e.Kind, socket: e.Socket}
	if e.Kind == Pipe {
		mode := unix.O_RDONLY
		if e.End == ForWrite {
			mode = unix.O_WRONLY
		}
		// ENXIO: the readers have gone already; the first write will say so.
		if fd, err := unix.Open("/proc/self/fd/"+strconv.Itoa(e.FD), mode|unix.O_NONBLOCK|unix.O_CLOEXEC, 0); err == nil {
			c.quick = fd
		}
	}
	return c
}

// past is the timeout of a try.
var past unix.Timespec

// try writes frame if that does not block.
func (c *caller) try(frame []byte) error {
	for {
		_, e := c.tryWrite(frame)
		switch e {
		case 0:
			return nil
		case unix.EAGAIN, unix.ETIMEDOUT:
			return errWouldBlock
		case unix.EINTR:
			continue
		}
		return e
	}
}

func (c *caller) tryWrite(frame []byte) (int, unix.Errno) {
	var n uintptr
	var e unix.Errno
	switch {
	case c.socket:
		n, _, e = unix.RawSyscall6(unix.SYS_SENDTO, uintptr(c.fd), uintptr(unsafe.Pointer(&frame[0])), uintptr(len(frame)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
	case c.kind == Queue:
		n, _, e = unix.RawSyscall6(unix.SYS_MQ_TIMEDSEND, uintptr(c.fd), uintptr(unsafe.Pointer(&frame[0])), uintptr(len(frame)), 0, uintptr(unsafe.Pointer(&past)), 0)
	case c.quick < 0:
		return c.polled(unix.SYS_WRITE, unix.POLLOUT, frame)
	default:
		n, _, e = unix.RawSyscall(unix.SYS_WRITE, uintptr(c.quick), uintptr(unsafe.Pointer(&frame[0])), uintptr(len(frame)))
	}
	return int(n), e
}

// tryRead reads one frame if that does not block. 0 bytes are the end of file.
func (c *caller) tryRead(frame []byte) (int, error) {
	for {
		var n uintptr
		var e unix.Errno
		switch {
		case c.socket:
			n, _, e = unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(c.fd), uintptr(unsafe.Pointer(&frame[0])), uintptr(len(frame)), unix.MSG_DONTWAIT, 0, 0)
		case c.kind == Queue:
			n, _, e = unix.RawSyscall6(unix.SYS_MQ_TIMEDRECEIVE, uintptr(c.fd), uintptr(unsafe.Pointer(&frame[0])), uintptr(len(frame)), 0, uintptr(unsafe.Pointer(&past)), 0)
		case c.quick < 0:
			var got int
			got, e = c.polled(unix.SYS_READ, unix.POLLIN, frame)
			n = uintptr(got)
		default:
			n, _, e = unix.RawSyscall(unix.SYS_READ, uintptr(c.quick), uintptr(unsafe.Pointer(&frame[0])), uintptr(len(frame)))
		}
		switch e {
		case 0:
			return int(n), nil
		case unix.EAGAIN, unix.ETIMEDOUT:
			return 0, errWouldBlock
		case unix.EINTR:
			continue
		}
		return 0, e
	}
}

// polled does the call if poll says that it will not block. Should another process be quicker, it blocks after all: that
// is not recorded then, but the kernel shows it.
func (c *caller) polled(call uintptr, event int16, frame []byte) (int, unix.Errno) {
	fds := [1]unix.PollFd{{Fd: int32(c.fd), Events: event}}
	n, err := unix.Poll(fds[:], 0)
	if err != nil {
		return 0, err.(unix.Errno)
	}
	if n == 0 {
		return 0, unix.EAGAIN
	}
	got, _, e := unix.Syscall(call, uintptr(c.fd), uintptr(unsafe.Pointer(&frame[0])), uintptr(len(frame)))
	return int(got), e
}

// block writes frame, however long that takes. EINTR: a signal came; the caller looks whether it is to stop.
func (c *caller) block(_ context.Context, frame []byte) error {
	var e unix.Errno
	if c.kind == Queue && !c.socket {
		_, _, e = unix.Syscall6(unix.SYS_MQ_TIMEDSEND, uintptr(c.fd), uintptr(unsafe.Pointer(&frame[0])), uintptr(len(frame)), 0, 0, 0)
	} else {
		_, _, e = unix.Syscall(unix.SYS_WRITE, uintptr(c.fd), uintptr(unsafe.Pointer(&frame[0])), uintptr(len(frame)))
	}
	if e != 0 {
		return e
	}
	return nil
}

// blockRead is block for one frame to read.
func (c *caller) blockRead(_ context.Context, frame []byte) (int, error) {
	var n uintptr
	var e unix.Errno
	if c.kind == Queue && !c.socket {
		n, _, e = unix.Syscall6(unix.SYS_MQ_TIMEDRECEIVE, uintptr(c.fd), uintptr(unsafe.Pointer(&frame[0])), uintptr(len(frame)), 0, 0, 0)
	} else {
		n, _, e = unix.Syscall(unix.SYS_READ, uintptr(c.fd), uintptr(unsafe.Pointer(&frame[0])), uintptr(len(frame)))
	}
	if e != 0 {
		return 0, e
	}
	return int(n), nil
}

func closeOnExec(fd int) { unix.CloseOnExec(fd) }

// close closes what newCaller opened.
func (c *caller) close() {
	if c.quick >= 0 {
		unix.Close(c.quick)
		c.quick = -1
	}
}
