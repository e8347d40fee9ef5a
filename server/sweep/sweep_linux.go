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
	"strconv"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// most is how many descendants one pass can hold; the next pass gets the rest.
const most = 1 << 16

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
	self := int32(os.Getpid())
	for {
		n := childrenOf(self, 0)
		for i := 0; i < n; i++ { // found grows as we go: breadth first, parents before their children
			kill(found[i], unix.SIGSTOP)
			n = childrenOf(found[i], n)
		}
		for i := 0; i < n; i++ {
			kill(found[i], unix.SIGKILL)
		}
		if reap() {
			return
		}
		pause := unix.Timespec{Nsec: 200_000} // long enough for a few to die, short beside the 50 ms that all takes
		unix.RawSyscall(unix.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&pause)), 0, 0)
	}
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
