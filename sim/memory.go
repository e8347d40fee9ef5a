package sim

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const megabyte = 1 << 20

// memory shows the difference that the columns of ps only name: it owns what it has touched.
var memory = Workload{
	Name:    "memory",
	Summary: "Grows step by step to a target, touches every page so that it is really there, and holds it until ended.",
	Params: []Param{
		Int("mb", 200, 1, 4_096, "how much memory it takes in the end, in MB"),
		Int("step_mb", 8, 1, 512, "how much it takes at a time, in MB"),
		Int("pause_ms", 100, 0, 10_000, "how long it waits between two steps, in milliseconds"),
	},
	Run: func(ctx context.Context, w *Worker, p Params) error {
		volunteerForOOM()
		target, step := p.Int("mb"), p.Int("step_mb")
		pause := milliseconds(p, "pause_ms")
		var pieces [][]byte // never given back: the end of the process does that
		for taken := int64(0); taken < target; {
			w.Gate(ctx)
			size := min(step, target-taken)
			// Straight from the kernel, not from Go's heap: the collector would keep twice as much, or give it back.
			piece, err := unix.Mmap(-1, 0, int(size)*megabyte, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
			if err != nil {
				return fmt.Errorf("the system gave %d of %d MB and no more: %w", taken, target, err)
			}
			touch(piece)
			pieces = append(pieces, piece)
			taken += size
			w.Progress(float64(taken) / float64(target))
			if !nap(ctx, pause) {
				return nil
			}
		}
		fmt.Printf("holds %d MB\n", target)
		// One piece a second, in turn: what is used now and then is what the kernel keeps in memory.
		for i := 0; nap(ctx, time.Second); i++ {
			w.Gate(ctx)
			touch(pieces[i%len(pieces)])
		}
		return nil
	},
}

// touch writes to each page of b: only then does the kernel give it real memory.
func touch(b []byte) {
	for i := 0; i < len(b); i += os.Getpagesize() {
		b[i]++
	}
}

// volunteerForOOM makes this process the first that the kernel ends when memory runs out, before the server and the
// person's other programs. Where it cannot be set, the kernel's own choice is the largest: most likely the same.
func volunteerForOOM() {
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0)
}
