package flight

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// clock maps Go's monotonic clock, which costs 25 to 60 ns, to CLOCK_MONOTONIC, which every process shares but which is a
// system call of about 1 µs in Go.
var clock = sync.OnceValue(func() (c struct {
	start time.Time
	zero  int64
}) {
	c.start = time.Now()
	best := time.Duration(1 << 62)
	for range 50 { // the best of 50 pairs is within −30 to +15 ns
		before := time.Since(c.start)
		var ts unix.Timespec
		if unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) != nil {
			continue
		}
		after := time.Since(c.start)
		if after-before < best {
			best = after - before
			c.zero = ts.Nano() - int64(before+after)/2
		}
	}
	return c
})

// Now is CLOCK_MONOTONIC in nanoseconds, without a system call.
func Now() int64 {
	c := clock()
	return c.zero + int64(time.Since(c.start))
}
