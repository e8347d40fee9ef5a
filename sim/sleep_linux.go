package sim

import (
	"time"

	"golang.org/x/sys/unix"
)

// sleep blocks the calling thread in nanosleep(2) for d, or until a signal reaches it. time.Sleep would hand the
// waiting to Go's scheduler, and the kernel would say of the thread that it waits for a futex; so it can name the
// sleep for what it is. The caller checks whether it is to stop, and keeps d short: a signal may go to another thread.
func sleep(d time.Duration) {
	if d <= 0 {
		return
	}
	ts := unix.NsecToTimespec(d.Nanoseconds())
	_ = unix.Nanosleep(&ts, nil) // its one error is EINTR, which is as good as awake
}
