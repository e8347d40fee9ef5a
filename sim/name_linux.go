package sim

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// setName gives the calling thread, the main one, its name for the kernel: that is the process's name. At most 15 bytes count.
func setName(name string) {
	b := append([]byte(name), 0)
	_ = unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(&b[0])), 0, 0, 0) // cannot fail for a valid pointer
}

// setNice lets this thread, and those that it makes from here on, step back behind the observer, the browser and
// whatever else the machine is for: with 200 workers that compute on two cores the page must stay live. A machine that
// has nothing else to do gives a worker whole cores all the same.
func setNice() { _ = unix.Setpriority(unix.PRIO_PROCESS, 0, 19) }
