// Package bench measures what Vivero promises, on the machine that it runs on: the whole program, built as users have
// it, with one viewer. Times on a shared machine are noise; quote ratios of one run.
//
//	go test ./test/bench -bench . -benchtime 1x -run xxx
package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"
)

// program is the built vivero.
var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "vivero-bench-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		program = filepath.Join(dir, "vivero")
		build := exec.Command("go", "build", "-o", program, "vivero/server")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return 1
		}
		return m.Run()
	}())
}

// cpu is how long the processes have computed so far, by the kernel's count (ticks of 10 ms).
func cpu(b *testing.B, pids ...int) time.Duration {
	b.Helper()
	ticks := 0
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			b.Fatal(err)
		}
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+2:]))
		for _, i := range []int{11, 12} { // utime, stime
			n, err := strconv.Atoi(fields[i])
			if err != nil {
				b.Fatal(err)
			}
			ticks += n
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// share is the part of one core, in percent, that the processes used while span passed.
func share(b *testing.B, span time.Duration, pids ...int) float64 {
	b.Helper()
	before, began := cpu(b, pids...), time.Now()
	time.Sleep(span) // the measurement itself
	return 100 * float64(cpu(b, pids...)-before) / float64(time.Since(began))
}

// percentile of what was measured, in milliseconds.
func percentile(all []time.Duration, p int) float64 {
	if len(all) == 0 {
		return -1
	}
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	return float64(all[(len(all)-1)*p/100]) / float64(time.Millisecond)
}
