// Package sweep ends every descendant of this process. It imports nothing of ours, so that the keeper stays thin.
//
// It stops all before it kills any, again and again until no child is left: killing alone loses against a program that
// forks faster than it is killed (a fork bomb of 900 processes was still there after 0.9 s, and gone after 0.2 s with this).
// The process must be a child subreaper, or orphans escape to init.
//
// All of it is raw system calls on the calling thread, with memory that exists already: at the pid limit Go aborts when it
// needs one more thread ('failed to create new OS thread'), and that limit is where a fork bomb ends.
package sweep

import (
	"os"
	"runtime"
	"strconv"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// most is how many descendants one pass can hold; the next pass gets the rest.
const most = 1 << 16

// spared are children that All leaves alone, 0 where there is none (any more).
var spared [64]int32

// Spare makes All leave alone the children that this process has now: a shell that became us by exec ('exec vivero >
// >(tee log)') may have some, and they are not ours to end. At most 64. Whoever reaps one by other means says Reaped.
func Spare() {
	mu.Lock()
	defer mu.Unlock()
	n := childrenOf(int32(os.Getpid()), 0)
	copy(spared[:], found[:n])
}

// Reaped tells that a child is gone, so that its number may come to mean another.
func Reaped(pid int) {
	for i := range spared {
		if spared[i] == int32(pid) {
			spared[i] = 0
		}
	}
}

func isSpared(pid int32) bool {
	for _, s := range spared {
		if s == pid {
			return true
		}
	}
	return false
}

var (
	mu       sync.Mutex
	found    [most]int32
	entries  [1 << 15]byte // of getdents64
	children [1 << 16]byte // of a 'children' file
)

// All ends every descendant of this process with SIGKILL, reaps each and returns when no child is left. A process that
// the kernel cannot end (state D) is waited for. Nobody else may fork or reap in this process meanwhile.
func All() {
	mu.Lock()
	defer mu.Unlock()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer Hasten()()
	self := int32(os.Getpid())
	empty := 0 // lists in a row with nobody to end
	for {
		n := 0
		for _, child := range found[:childrenOf(self, 0)] {
			if !isSpared(child) {
				found[n] = child
				n++
			}
		}
		empty++
		if n > 0 {
			empty = 0
		}
		for i := 0; i < n; i++ { // found grows as we go: breadth first, parents before their children
			kill(found[i], unix.SIGSTOP)
			n = childrenOf(found[i], n)
		}
		for i := 0; i < n; i++ {
			kill(found[i], unix.SIGKILL)
		}
		// With spared children there is always one to wait for, and the list decides: twice, for a child that is handed
		// on from one thread to another while the list is read could be missed once.
		if reap() || empty == 2 {
			return
		}
		pause := unix.Timespec{Nsec: 200_000} // long enough for a few to die, short beside the 50 ms that all takes
		unix.RawSyscall(unix.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&pause)), 0, 0)
	}
}

// Hasten lets the calling thread run before the hundreds of busy ones that it is to end, and gives the way back; what it
// forks does not inherit that. All does it by itself; a thread that waits to call All does it before. One pass over a fork
// bomb at its limit of 300 takes some milliseconds of CPU time; at equal rights it took up to 13 s to get them on two busy
// cores, and 0.05 to 0.2 s with this. Root may have real-time priority; anybody else, from Linux 6.12 on, a shorter
// slice, which makes its turn come sooner (15 of 16 times within 1.1 s).
func Hasten() (back func()) {
	before, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		return func() {}
	}
	first := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 1, Flags: unix.SCHED_FLAG_RESET_ON_FORK}
	if unix.SchedSetAttr(0, &first, 0) != nil {
		short := unix.SchedAttr{Size: unix.SizeofSchedAttr, Nice: before.Nice, Runtime: 100_000, Flags: unix.SCHED_FLAG_RESET_ON_FORK}
		_ = unix.SchedSetAttr(0, &short, 0)
	}
	return func() { _ = unix.SchedSetAttr(0, before, 0) }
}

// reap takes every child that has ended; true when this process has no child left.
func reap() bool {
	for {
		pid, _, e := unix.RawSyscall6(unix.SYS_WAIT4, ^uintptr(0), 0, unix.WNOHANG|unix.WALL, 0, 0, 0)
		switch {
		case e == unix.EINTR:
		case e != 0: // ECHILD
			return true
		case pid == 0:
			return false
		default:
			Reaped(int(pid))
		}
	}
}

// kill needs no pidfd: a pid that was just listed as our descendant is freed only when its parent reaps it, and in the
// worst case (its parent was not stopped yet) the window is this loop, far shorter than the pids take to come round.
func kill(pid int32, signal unix.Signal) {
	unix.RawSyscall(unix.SYS_KILL, uintptr(pid), uintptr(signal), 0)
}

// childrenOf appends the children of all threads of pid to found[:n] and returns the new length.
func childrenOf(pid int32, n int) int {
	var space [64]byte
	task := append(space[:0], "/proc/"...)
	task = strconv.AppendInt(task, int64(pid), 10)
	task = append(task, "/task\x00"...)
	dir := open(task)
	if dir < 0 {
		return n
	}
	for {
		size, _, e := unix.RawSyscall(unix.SYS_GETDENTS64, uintptr(dir), uintptr(unsafe.Pointer(&entries[0])), uintptr(len(entries)))
		if e != 0 || size == 0 {
			break
		}
		// struct linux_dirent64: ino 8, off 8, reclen 2, type 1, then the name with a NUL.
		for at := 0; at < int(size); {
			length := int(entries[at+16]) | int(entries[at+17])<<8
			name := entries[at+19 : at+length]
			at += length
			if name[0] < '0' || name[0] > '9' {
				continue
			}
			file := append(task[:len(task)-1], '/')
			for _, c := range name {
				if c == 0 {
					break
				}
				file = append(file, c)
			}
			file = append(file, "/children\x00"...)
			n = readChildren(file, n)
		}
	}
	closeFile(dir)
	return n
}

// readChildren appends the pids, each followed by a space, of one 'children' file.
func readChildren(path []byte, n int) int {
	file := open(path)
	if file < 0 {
		return n
	}
	pid := int32(0)
	for {
		size, _, e := unix.RawSyscall(unix.SYS_READ, uintptr(file), uintptr(unsafe.Pointer(&children[0])), uintptr(len(children)))
		if e != 0 || size == 0 {
			break
		}
		for _, c := range children[:size] {
			if c >= '0' && c <= '9' {
				pid = pid*10 + int32(c-'0')
			} else if pid > 0 {
				if n < most {
					found[n] = pid
					n++
				}
				pid = 0
			}
		}
	}
	closeFile(file)
	return n
}

// open takes a path that ends with NUL; −1 if it cannot be opened.
func open(path []byte) int {
	at := unix.AT_FDCWD
	fd, _, e := unix.RawSyscall6(unix.SYS_OPENAT, uintptr(at), uintptr(unsafe.Pointer(&path[0])), unix.O_RDONLY|unix.O_CLOEXEC, 0, 0, 0)
	if e != 0 {
		return -1
	}
	return int(fd)
}

func closeFile(fd int) { unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0) }
