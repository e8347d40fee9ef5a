package observe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The proc connector: one netlink datagram for each fork, exec and exit of the machine.
//
//	struct nlmsghdr 16 | struct cn_msg 20 | what u32, cpu u32, timestamp u64 | event data
//
// All in the host's byte order. Offsets from the beginning of the datagram:
const (
	atWhat = 36
	atTime = 44
	atData = 52

	cnIdxProc = 1
	cnValProc = 1

	whatFork = 0x00000001
	whatExec = 0x00000002
	whatExit = 0x80000000
)

// connectorEvent is one message, taken apart.
type connectorEvent struct {
	what   uint32
	at     time.Duration // CLOCK_MONOTONIC
	pid    int           // of fork: the child
	tgid   int
	parent int    // of fork: the process that forked. Of exit: the parent; 0: not told (before Linux 4.18)
	status uint32 // of exit: as wait(2) tells it
}

// parseConnector takes one datagram apart, in place. False: none of the three kinds, or cut.
func parseConnector(b []byte, e *connectorEvent) bool {
	if len(b) < atData+8 {
		return false
	}
	order := binary.NativeEndian
	if order.Uint32(b[16:]) != cnIdxProc || order.Uint32(b[20:]) != cnValProc {
		return false
	}
	field := func(i int) int { return int(int32(order.Uint32(b[atData+4*i:]))) }
	*e = connectorEvent{what: order.Uint32(b[atWhat:]), at: time.Duration(order.Uint64(b[atTime:]))}
	switch e.what {
	case whatFork: // parent_pid, parent_tgid, child_pid, child_tgid
		if len(b) < atData+16 {
			return false
		}
		e.parent, e.pid, e.tgid = field(1), field(2), field(3)
	case whatExec: // process_pid, process_tgid
		e.pid, e.tgid = field(0), field(1)
	case whatExit: // process_pid, process_tgid, exit_code, exit_signal, parent_pid, parent_tgid
		if len(b) < atData+16 {
			return false
		}
		e.pid, e.tgid, e.status = field(0), field(1), uint32(field(2))
		if len(b) >= atData+24 {
			e.parent = field(5)
		}
	default:
		return false
	}
	return e.pid > 0 && e.tgid > 0
}

// openConnector subscribes to the kernel's process events. The error is a sentence that says why not.
func openConnector() (int, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_CONNECTOR)
	if err != nil {
		return -1, refusedEvents("this kernel has no connector (CONFIG_PROC_EVENTS)", err)
	}
	fail := func(why string, err error) (int, error) {
		unix.Close(fd)
		return -1, refusedEvents(why, err)
	}
	largeBuffer(fd)
	if err := unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, connectorFilter()); err != nil {
		return fail("their filter was refused", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: cnIdxProc}); err != nil {
		if errors.Is(err, unix.EPERM) {
			return fail("no permission (this kernel asks for CAP_NET_ADMIN)", err)
		}
		return fail("binding was refused", err)
	}
	b := make([]byte, 40)
	order := binary.NativeEndian
	order.PutUint32(b, uint32(len(b)))
	order.PutUint16(b[4:], unix.NLMSG_DONE)
	order.PutUint32(b[16:], cnIdxProc)
	order.PutUint32(b[20:], cnValProc)
	order.PutUint16(b[32:], 4)
	order.PutUint32(b[36:], 1) // PROC_CN_MCAST_LISTEN
	if err := unix.Sendto(fd, b, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		if errors.Is(err, unix.ECONNREFUSED) {
			return fail("not in this network namespace (a container has its own)", err)
		}
		return fail("subscribing was refused", err)
	}
	return fd, nil
}

func refusedEvents(why string, err error) error {
	return fmt.Errorf("the kernel's process events cannot be had, so short-lived processes may be missed: %s: %w", why, err)
}

// largeBuffer holds some 10,000 events while we are not scheduled. FORCE needs a privilege, the plain one is capped.
func largeBuffer(fd int) {
	const bytes = 16 << 20
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, bytes) != nil {
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, bytes)
	}
}

// connectorFilter runs in the kernel and drops what we never need: all but forks of processes (not of threads), execs
// and exits. Exits of threads stay, for a process ends with its last one.
func connectorFilter() *unix.SockFprog {
	load := func(at uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at}
	}
	// BPF loads big-endian.
	swapped := func(v uint32) uint32 {
		var b [4]byte
		binary.NativeEndian.PutUint32(b[:], v)
		return binary.BigEndian.Uint32(b[:])
	}
	equal := func(v uint32, yes, no uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: yes, Jf: no, K: v}
	}
	program := []unix.SockFilter{
		load(atWhat),
		equal(swapped(whatExit), 6, 0),
		equal(swapped(whatExec), 5, 0),
		equal(swapped(whatFork), 0, 5),
		load(atData + 8), // child_pid
		{Code: unix.BPF_MISC | unix.BPF_TAX},
		load(atData + 12), // child_tgid
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_X, Jt: 0, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0xffff},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},
	}
	return &unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
}

// receive takes one datagram without waiting. Those that do not come from the kernel are empty.
func receive(fd int, b []byte) (int, error) {
	var from unix.RawSockaddrNetlink
	size := uint32(unsafe.Sizeof(from))
	for {
		n, _, e := unix.Syscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)),
			unix.MSG_DONTWAIT, uintptr(unsafe.Pointer(&from)), uintptr(unsafe.Pointer(&size)))
		switch {
		case e == unix.EINTR:
		case e != 0:
			return 0, e
		case from.Pid != 0:
			return 0, nil
		default:
			return int(n), nil
		}
	}
}
