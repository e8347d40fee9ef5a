package sim

import (
	"context"
	"fmt"
)

// primesStep is how many numbers are tried between two looks at ctx: some 8 ms of work near 10^9, less below.
const primesStep = 10_000

// primes computes and does nothing else: one core, busy to the end.
var primes = Workload{
	Name:    "primes",
	Summary: "Counts the primes up to n by trial division: pure computing, keeps one core busy.",
	Params:  []Param{Int("n", 10_000_000, 1, 1_000_000_000, "the largest number to try")},
	Run: func(ctx context.Context, w *Worker, p Params) error {
		limit := uint32(p.Int("n"))
		work := newDivider(limit)
		found := 0
		for from := uint32(0); from <= limit; from += primesStep {
			if ctx.Err() != nil {
				fmt.Printf("stopped at %d: %d primes\n", from, found)
				return nil
			}
			found += work.count(from, min(from+primesStep, limit+1))
			w.Progress(float64(from) / float64(limit))
		}
		w.Progress(1)
		fmt.Printf("%d primes up to %d\n", found, limit)
		return nil
	},
}
