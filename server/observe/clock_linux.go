package observe

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// clock reads a CPU or monotonic clock without telling Go's scheduler: 0.36 µs, and it cannot block.
func clock(id int32) (time.Duration, bool) {
	var ts unix.Timespec
	_, _, e := unix.RawSyscall(unix.SYS_CLOCK_GETTIME, uintptr(uint32(id)), uintptr(unsafe.Pointer(&ts)), 0)
	return time.Duration(ts.Nano()), e == 0
}

// cpuClock is the CPU time of a whole process in nanoseconds, a zombie's too. It does not tell a reaped process from
// a reused pid: only a held stat file does. (~pid<<3)|2 is how clock_getcpuclockid(3) names it.
func cpuClock(pid int) (time.Duration, bool) { return clock(int32(^pid<<3 | 2)) }

// Monotonic is CLOCK_MONOTONIC: the clock of every observation, of the kernel's process events and of flight recorders.
func Monotonic() time.Duration {
	t, _ := clock(unix.CLOCK_MONOTONIC)
	return t
}

// Hasten puts the calling thread ahead of what it watches: 200 busy processes must not keep it from its core. The caller
// has locked its goroutine to the thread, and forks nothing on it. Without the permission it changes nothing.
func Hasten() { _ = unix.Setpriority(unix.PRIO_PROCESS, 0, -10) }
