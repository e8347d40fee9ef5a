package observe

import (
	"golang.org/x/sys/unix"

	"vivero/server/proc"
)

// call is what a system call waits for, and which of its arguments is a descriptor.
type call struct {
	what proc.WaitKind
	fd   int // index of the argument, -1: none
}

var (
	reads  = call{proc.WaitRead, 0}
	writes = call{proc.WaitWrite, 0}
	child  = call{proc.WaitChild, -1}
	sleeps = call{proc.WaitSleep, -1}
	lock   = call{proc.WaitLock, -1}
	events = call{proc.WaitEvents, -1}
)

// calls are those that every architecture has; oldCalls those that only the older ones have. A process of another
// architecture than ours (32 bits) would be misread; nobody teaches with one.
var calls = map[int64]call{
	unix.SYS_READ: reads, unix.SYS_READV: reads, unix.SYS_PREADV2: reads,
	unix.SYS_RECVFROM: reads, unix.SYS_RECVMSG: reads, unix.SYS_RECVMMSG: reads, unix.SYS_MQ_TIMEDRECEIVE: reads,
	unix.SYS_WRITE: writes, unix.SYS_WRITEV: writes, unix.SYS_PWRITEV2: writes,
	unix.SYS_SENDTO: writes, unix.SYS_SENDMSG: writes, unix.SYS_SENDMMSG: writes, unix.SYS_MQ_TIMEDSEND: writes,
	unix.SYS_WAIT4: child, unix.SYS_WAITID: child,
	unix.SYS_NANOSLEEP: sleeps, unix.SYS_CLOCK_NANOSLEEP: sleeps,
	unix.SYS_FUTEX: lock, unix.SYS_FLOCK: lock, unix.SYS_FCNTL: lock,
	unix.SYS_PPOLL: events, unix.SYS_PSELECT6: events, unix.SYS_EPOLL_PWAIT: events,
}

func callOf(number int64) (call, bool) {
	c, ok := calls[number]
	if !ok {
		c, ok = oldCalls[number]
	}
	return c, ok
}

// parseCall reads /proc/PID/syscall: 'running', '-1 sp pc' outside any call, or the number and six arguments in hex.
func parseCall(b []byte) (nr int64, args [6]uint64, ok bool) {
	nr, b, ok = number(b)
	if !ok || nr < 0 {
		return -1, args, false
	}
	for i := range args {
		var v uint64
		if v, b, ok = hex(b); !ok {
			return -1, args, false
		}
		args[i] = v
	}
	return nr, args, true
}

// hex takes ' 0x1f' off the front of b.
func hex(b []byte) (v uint64, rest []byte, ok bool) {
	if len(b) < 4 || b[0] != ' ' || b[1] != '0' || b[2] != 'x' {
		return 0, b, false
	}
	i := 3
	for ; i < len(b) && i < 3+16; i++ {
		switch c := b[i]; {
		case c-'0' <= 9:
			v = v<<4 | uint64(c-'0')
		case c-'a' <= 5:
			v = v<<4 | uint64(c-'a'+10)
		default:
			return v, b[i:], i > 3
		}
	}
	return v, b[i:], i > 3
}
