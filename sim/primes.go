package sim

import (
	"context"
	"fmt"
	"math"
)

// primes computes and does nothing else: one core, busy to the end. By default it takes half a minute or more: π(200,000,000)
// = 11,078,937 after 27 s on a fast core of 2024. π(10,000,000) = 664,579 takes half a second there.
var primes = Workload{
	Name:    "primes",
	Summary: "Counts the primes up to n by trial division: pure computing, keeps one core busy.",
	Params:  []Param{Int("n", 200_000_000, 1, 1_000_000_000, "the largest number to try")},
	Run: func(ctx context.Context, w *Worker, p Params) error {
		limit := uint32(p.Int("n"))
		work := newDivider(limit)
		found := 0
		for from := uint32(0); from <= limit; from += divideStep {
			if ctx.Err() != nil {
				if from > 0 {
					fmt.Printf("stopped; primes up to %d: %d\n", from-1, found)
				}
				return nil
			}
			w.Gate(ctx)
			found += work.count(from, min(from+divideStep, limit+1))
			// What a number costs grows with its root, so the share of the work grows with the power of 1.5.
			w.Progress(math.Pow(float64(from)/float64(limit), 1.5))
		}
		w.Progress(1)
		fmt.Printf("primes up to %d: %d\n", limit, found)
		return nil
	},
}
