package ipc

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"vivero/sim/flight"
)

func makePipe() (read, write int, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return -1, -1, err
	}
	return p[0], p[1], nil
}

// queueAttributes is struct mq_attr.
type queueAttributes struct {
	flags, slots, size, depth int64
	_                         [4]int64
}

// queue makes a POSIX message queue, opens it once for each use and takes its name away: should this process be killed
// in between, those few microseconds are all in which a name could stay behind.
func (m *Made) queue() error {
	// The kernel takes the name without the '/' that the C library wants (and strips).
	name := fmt.Sprintf("vivero-%d-%s", os.Getpid(), rand.Text())
	a := queueAttributes{slots: int64(m.Slots), size: int64(HeaderSize + m.Size)}
	var err error
	m.Watch, err = openQueue(name, unix.O_RDONLY|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, &a)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) {
		return m.socketPair(err)
	}
	if err != nil {
		return fmt.Errorf("mq_open with %d slots of %d bytes: %w", m.Slots, a.size, err)
	}
	m.Read, err = openQueue(name, unix.O_RDONLY|unix.O_CLOEXEC, nil)
	if err == nil {
		m.Write, err = openQueue(name, unix.O_WRONLY|unix.O_CLOEXEC, nil)
	}
	if e := unlinkQueue(name); err == nil {
		err = e
	}
	if err == nil {
		m.Channel = flight.Queue
	}
	return err
}

func openQueue(name string, flags int, a *queueAttributes) (int, error) {
	p, err := unix.BytePtrFromString(name)
	if err != nil {
		return -1, err
	}
	fd, _, e := unix.Syscall6(unix.SYS_MQ_OPEN, uintptr(unsafe.Pointer(p)), uintptr(flags), 0o600, uintptr(unsafe.Pointer(a)), 0, 0)
	if e != 0 {
		return -1, e
	}
	return int(fd), nil
}

func unlinkQueue(name string) error {
	p, err := unix.BytePtrFromString(name)
	if err != nil {
		return err
	}
	if _, _, e := unix.Syscall(unix.SYS_MQ_UNLINK, uintptr(unsafe.Pointer(p)), 0, 0); e != 0 {
		return e
	}
	return nil
}

// State is what the kernel says of the queue of which fd is any descriptor. It costs 0.3 µs and takes nothing out of it.
func State(fd int) (QueueState, error) {
	var a queueAttributes
	if _, _, e := unix.RawSyscall(unix.SYS_MQ_GETSETATTR, uintptr(fd), 0, uintptr(unsafe.Pointer(&a))); e != 0 {
		return QueueState{}, fmt.Errorf("mq_getattr: %w", e)
	}
	return QueueState{Slots: int(a.slots), Size: int(a.size), Depth: int(a.depth)}, nil
}
