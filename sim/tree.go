package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"
)

// treePause is how long each rests between two bursts, on average.
const treePause = 2 * time.Second

// tree is a family: each process is started by its parent, not by the server. All of them work in short bursts, each in
// its own rhythm, so that one sees them live while the machine stays quiet.
var tree = Workload{
	Name:    "tree",
	Summary: "Starts a tree of processes, each a real child of its parent; all work in short bursts until ended.",
	Role:    "root",
	Params: []Param{
		Int("depth", 2, 0, 6, "how many generations there are below the first process"),
		Int("branching", 2, 1, 8, "how many children each process starts; depth 2 and branching 2 make 7 processes"),
		Int("grow_ms", 150, 0, 10_000, "how long each waits before its next child, in milliseconds"),
		Int("burst_ms", 80, 0, 1_000, "how long each computes every two seconds or so, in milliseconds; 0: never"),
	},
	Places: func(p Params) int {
		places, generation := 1, 1
		for range p.Int("depth") {
			generation *= int(p.Int("branching"))
			places += generation
		}
		return places
	},
	Run: func(ctx context.Context, w *Worker, p Params) error {
		grow := milliseconds(p, "grow_ms")
		if depth := p.Int("depth"); depth > 0 {
			role, child := "branch", Params{"depth": depth - 1, "branching": p.Int("branching"), "grow_ms": p.Int("grow_ms"), "burst_ms": p.Int("burst_ms")}
			if depth == 1 {
				role = "leaf"
			}
			for i := range p.Int("branching") {
				if i > 0 && !nap(ctx, grow) {
					return nil
				}
				if _, err := w.Spawn(ctx, "tree", child, role); err != nil {
					if ctx.Err() != nil {
						return nil
					}
					fmt.Fprintln(os.Stderr, err) // what has grown stays; the rest would be refused as well
					break
				}
			}
		}
		work := newDivider(divideLimit)
		burst := milliseconds(p, "burst_ms")
		for nap(ctx, treePause/2+rand.N(treePause)) {
			w.Gate(ctx)
			from := uint32(rand.N(divideLimit - divideStep))
			for begin := time.Now(); time.Since(begin) < burst && ctx.Err() == nil; {
				work.count(from, from+divideStep)
			}
		}
		return nil
	},
}
