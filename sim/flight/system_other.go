//go:build unix && !linux

package flight

import (
	"os"
	"time"
)

// Without futexes a held process looks again every few milliseconds.
func waitBell(_ *uint64, _ uint32, wait time.Duration) { time.Sleep(min(wait, 5*time.Millisecond)) }

func ringBell(*uint64) {}

func reserve(file *os.File) error { return file.Truncate(Size) }
