package flight

import (
	"math"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Shared futexes, not FUTEX_PRIVATE: the bell is rung by another process.
const (
	futexWait = 0
	futexWake = 1
)

// waitBell sleeps until the bell no longer reads seen, or wait is over. The kernel sees a sleeper (state S).
func waitBell(bell *uint64, seen uint32, wait time.Duration) {
	ts := unix.NsecToTimespec(int64(wait))
	_, _, _ = unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(bell)), futexWait, uintptr(seen), uintptr(unsafe.Pointer(&ts)), 0, 0)
}

// ringBell wakes all that wait for the bell.
func ringBell(bell *uint64) {
	_, _, _ = unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(bell)), futexWake, math.MaxInt32, 0, 0, 0)
}

// reserve gives the file its size and its memory.
func reserve(file *os.File) error { return unix.Fallocate(int(file.Fd()), 0, 0, Size) }
