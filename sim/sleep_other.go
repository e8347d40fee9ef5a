//go:build !linux

package sim

import "time"

// sleep blocks for d. Only on Linux does anyone read the kernel's name for the wait.
func sleep(d time.Duration) { time.Sleep(d) }
