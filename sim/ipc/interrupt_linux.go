package ipc

import (
	"context"
	"fmt"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// wake is a signal that means nothing to anybody: Go's handler for it does nothing.
const wake = unix.Signal(44)

const restart = 0x10000000 // SA_RESTART

// action is the kernel's struct sigaction on 64-bit Linux.
type action struct {
	handler, flags, restorer, mask uint64
}

// Interrupt makes a blocked system call of the main thread return EINTR once ctx is cancelled, again and again until
// stop is called: a call that begins just after the signal came would miss a single one.
//
// Go installs all its handlers with SA_RESTART, so a blocked read or write of a pipe goes on by itself after any signal.
// Here that flag is taken from one signal that nobody uses, and this one goes to the main thread alone.
func Interrupt(ctx context.Context) (stop func(), err error) {
	var a action
	const setSize = 8
	if _, _, e := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(wake), 0, uintptr(unsafe.Pointer(&a)), setSize, 0, 0); e != 0 {
		return nil, fmt.Errorf("make system calls interruptible: read the handler: %w", e)
	}
	a.flags &^= restart
	if _, _, e := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(wake), uintptr(unsafe.Pointer(&a)), 0, setSize, 0, 0); e != 0 {
		return nil, fmt.Errorf("make system calls interruptible: set the handler: %w", e)
	}
	done := make(chan struct{})
	cancelled := context.AfterFunc(ctx, func() {
		pid := os.Getpid() // the main thread's number too
		for {
			_ = unix.Tgkill(pid, pid, wake) // it is there: this process lives
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	})
	return func() { cancelled(); close(done) }, nil
}
