package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"
)

// A refused bomb asks again, less and less often: 250 of them then ask the server some 60 times a second in all.
const (
	bombRetry    = 200 * time.Millisecond
	bombMaxRetry = 5 * time.Second
)

// bomb is the fork bomb, the classic ':(){ :|:& };:', except that each fork needs a place from the server.
var bomb = Workload{
	Name:    "bomb",
	Summary: "A fork bomb: starts copies of itself as fast as it can, and each copy does the same, until the cap refuses them.",
	Params:  []Param{Int("pause_ms", 0, 0, 10_000, "how long each waits before its next copy, in milliseconds; 0: as fast as it can")},
	Run: func(ctx context.Context, w *Worker, p Params) error {
		between := milliseconds(p, "pause_ms")
		retry := bombRetry
		for said := false; ctx.Err() == nil; {
			_, err := w.Spawn(ctx, "bomb", p, "bomb")
			switch {
			case err == nil:
				retry = bombRetry
				nap(ctx, between)
			case ctx.Err() != nil:
			default:
				if !said && w.Role == "" { // the copies would all say the same
					fmt.Fprintln(os.Stderr, err)
					said = true
				}
				nap(ctx, retry/2+rand.N(retry))
				retry = min(2*retry, bombMaxRetry)
			}
		}
		return nil
	},
}
