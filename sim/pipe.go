package sim

import (
	"context"

	"vivero/sim/ipc"
)

// pipe is the shortest conversation there is: one writes, one reads, and the pipe between them fills when the reader is
// slower.
var pipe = Workload{
	Name:    "pipe",
	Summary: "A writer and a reader joined by a pipe: it fills when the reader is slower, and then the writer waits.",
	Params: []Param{
		sizeParam,
		rateParam(5),
		Int("delay_ms", 0, 0, 60_000, "how long the reader works on each message, in milliseconds"),
		countParam,
	},
	Parts: func(p Params) ([]Part, []ipc.Spec) {
		return []Part{{Role: "writer", Writes: []int{0}}, {Role: "reader", Reads: []int{0}}},
			[]ipc.Spec{{Name: "messages", Kind: ipc.Pipe, Size: int(p.Int("size"))}}
	},
	Run: func(ctx context.Context, w *Worker, p Params) error {
		switch {
		case w.Role == "writer" && w.has(0, 1):
			return produce(ctx, w, w.Ends.Writers[0], newPacer(p.Int("rate"), 0), p.Int("size"), p.Int("count"))
		case w.Role == "reader" && w.has(1, 0):
			return consume(ctx, w, w.Ends.Readers[0], milliseconds(p, "delay_ms"), 0)
		}
		return alone("pipe")
	},
}
