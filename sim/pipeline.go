package sim

import (
	"context"
	"fmt"

	"vivero/sim/ipc"
)

// pipeline is a row of processes, each of which works on a message and passes it on: the slowest sets the pace of all,
// and the messages pile up before it.
var pipeline = Workload{
	Name:    "pipeline",
	Summary: "A source, stages and a sink joined by pipes: each works on a message and passes it on, and the slowest sets the pace.",
	Params: []Param{
		Int("stages", 3, 1, 20, "how many processes stand between the source and the sink"),
		Int("delay_ms", 300, 0, 60_000, "how long each stage works on a message, in milliseconds"),
		rateParam(2),
		sizeParam,
		countParam,
	},
	Parts: func(p Params) ([]Part, []ipc.Spec) {
		stages := int(p.Int("stages"))
		parts := []Part{{Role: "source", Writes: []int{0}}}
		for i := range stages {
			parts = append(parts, Part{Role: fmt.Sprint("stage ", i+1), Reads: []int{i}, Writes: []int{i + 1}})
		}
		parts = append(parts, Part{Role: "sink", Reads: []int{stages}})
		channels := make([]ipc.Spec, stages+1)
		for i := range channels {
			channels[i] = ipc.Spec{Name: fmt.Sprint("pipe ", i+1), Kind: ipc.Pipe, Size: int(p.Int("size"))}
		}
		return parts, channels
	},
	Run: func(ctx context.Context, w *Worker, p Params) error {
		switch {
		case w.Role == "source" && w.has(0, 1):
			return produce(ctx, w, w.Ends.Writers[0], newPacer(p.Int("rate"), 0), p.Int("size"), p.Int("count"))
		case w.Role == "sink" && w.has(1, 0):
			return consume(ctx, w, w.Ends.Readers[0], 0, 0)
		case w.has(1, 1):
			in, out, delay := w.Ends.Readers[0], w.Ends.Writers[0], milliseconds(p, "delay_ms")
			for {
				m, err := in.Receive(ctx)
				if err == nil && delay > 0 && !w.nap(ctx, delay) {
					err = ctx.Err()
				}
				if err == nil {
					err = out.Send(ctx, m.Payload)
				}
				if err != nil {
					return finished(ctx, err, out, in)
				}
				in.Done()
			}
		}
		return alone("pipeline")
	},
}
