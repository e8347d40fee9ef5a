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
