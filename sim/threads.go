package sim

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// threads is several primes in one process: one pid, one memory, more than one core in use.
var threads = Workload{
	Name:    "threads",
	Summary: "Counts primes with several threads of one process: one pid, and more than one core in use.",
	Threads: true,
	Params: []Param{
		Int("threads", 4, 1, 64, "how many threads compute"),
		Int("seconds", 30, 0, 3_600, "how long they compute, in seconds; 0: until ended"),
	},
	Run: func(ctx context.Context, w *Worker, p Params) error {
		n, seconds := int(p.Int("threads")), p.Int("seconds")
		// One more than compute, so that orders and a stop are not kept waiting. It is above the number of cores on
		// purpose: with more threads than cores it is the kernel that is to share them out, not Go.
		runtime.GOMAXPROCS(n + 1)
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		count := sharedCount{divider: newDivider(divideLimit)}
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() {
				runtime.LockOSThread() // and never unlocked: the thread ends with its work
				setNice()
				setName(fmt.Sprintf("compute %d", i+1))
				count.work(ctx)
			})
		}
		if seconds > 0 {
			if countdown(ctx, w, time.Duration(seconds)*time.Second) {
				w.Progress(1)
			}
		} else if err := pause(ctx); err != nil {
			return err
		}
		stop()
		all.Wait()
		fmt.Printf("primes up to %d: %d, by %d threads\n", count.tried()-1, count.found.Load(), n)
		return nil
	},
}

// sharedCount is what the threads have in common: the next numbers to try and the sum. Each thread takes whole steps and
// finishes them, so that the sum holds for all numbers below tried once all threads are done.
type sharedCount struct {
	divider
	steps atomic.Int64
	found atomic.Int64
}

func (c *sharedCount) work(ctx context.Context) {
	for ctx.Err() == nil {
		from := (c.steps.Add(1) - 1) * divideStep
		if from >= divideLimit {
			<-ctx.Done() // all is counted
			return
		}
		c.found.Add(int64(c.count(uint32(from), uint32(from+divideStep))))
	}
}

// tried is how many numbers, from 0, were tried.
func (c *sharedCount) tried() int64 { return min(c.steps.Load()*divideStep, divideLimit) }
