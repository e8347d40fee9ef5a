package sim

import (
	"context"
	"fmt"

	"vivero/sim/ipc"
)

// scatter is primes with the work shared out: the same numbers, and the same result, by several processes.
var scatter = Workload{
	Name:    "scatter",
	Summary: "Counts the primes up to n in parallel: a parent hands out pieces to workers by pipe and gathers the results.",
	Params: []Param{
		Int("workers", 4, 1, 16, "how many processes compute"),
		Int("n", 50_000_000, 1, 1_000_000_000, "the largest number to try"),
		Int("pieces", 40, 1, 10_000, "into how many pieces the work is cut; later ones take longer, for their numbers are larger"),
	},
	Parts: func(p Params) ([]Part, []ipc.Spec) { return farmParts(p.Int("workers"), 64) },
	Run: func(ctx context.Context, w *Worker, p Params) error {
		limit, pieces := p.Int("n"), p.Int("pieces")
		pieces = min(pieces, limit)
		switch {
		case w.Role == "parent" && w.has(1, 1):
			found := 0
			f := farm{tasks: w.Ends.Writers, results: w.Ends.Readers,
				give: func(ctx context.Context, out *ipc.Writer, piece int) error {
					from, to := int64(piece)*limit/pieces+1, int64(piece+1)*limit/pieces
					return out.Send(ctx, fmt.Appendf(nil, "try %d to %d", from, to))
				},
				take: func(ctx context.Context, in *ipc.Reader, piece int) error {
					for {
						m, err := in.Receive(ctx)
						if err != nil {
							return err
						}
						in.Done()
						var n, from, to int64
						_, err = fmt.Sscanf(string(m.Payload), "%d primes from %d to %d", &n, &from, &to)
						if err == nil && from == int64(piece)*limit/pieces+1 && to == int64(piece+1)*limit/pieces {
							found += int(n)
							return nil
						}
						fmt.Printf("no result: %q\n", m.Payload) // the teacher's own message, most likely
					}
				}}
			if err := f.run(ctx, int(pieces), func(done int) { w.Progress(float64(done) / float64(pieces)) }); err != nil {
				return unlessStopped(ctx, err)
			}
			fmt.Printf("primes up to %d: %d\n", limit, found)
			return nil
		case w.Role == "worker" && w.has(1, 1):
			work := newDivider(uint32(limit))
			return farmhand(ctx, w, func(ctx context.Context, m ipc.Message, _ *ipc.Reader, out *ipc.Writer) error {
				var from, to, found int
				if _, err := fmt.Sscanf(string(m.Payload), "try %d to %d", &from, &to); err != nil || from < 0 || to > int(limit) {
					// The teacher's own message, most likely: it is shown, and is no piece of work.
					fmt.Printf("no piece of work: %q\n", m.Payload)
					return nil
				}
				for at := from; at <= to; at += divideStep {
					if ctx.Err() != nil {
						return ctx.Err()
					}
					w.Recorder.Point(ctx)
					found += work.count(uint32(at), uint32(min(at+divideStep, to+1)))
				}
				return out.Send(ctx, fmt.Appendf(nil, "%d primes from %d to %d", found, from, to))
			})
		}
		return alone("scatter")
	},
}
