//go:build linux

package keeper

import (
	"sync"

	"golang.org/x/sys/unix"
)

// warm leaves n idle threads in the Go runtime. Go aborts when it needs a thread and the kernel refuses one ('failed to
// create new OS thread'), and the pid limit, where a fork bomb ends, is just when the sweep must work.
func warm(n int) {
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			pause := unix.Timespec{Nsec: 20_000_000} // long enough for all to block at once
			unix.Nanosleep(&pause, nil)
		})
	}
	all.Wait()
}
