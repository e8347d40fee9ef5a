package observe

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"
)

// statOf reads one process's stat file, once. Its comm is its own.
func statOf(root string, pid int) (stat, error) {
	b, err := os.ReadFile(root + "/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return stat{}, err
	}
	var s stat
	if !parseStat(b, &s) {
		return s, fmt.Errorf("process %d: its stat file is not as expected: %q", pid, b)
	}
	return s, nil
}

var bootedAt = sync.OnceValue(bootTime)

// startedAt is the wall clock's time of a start.
func startedAt(start uint64) time.Time {
	return bootedAt().Add(time.Duration(start) * tickNanoseconds)
}
