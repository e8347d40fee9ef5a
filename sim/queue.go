package sim

import (
	"context"

	"vivero/sim/ipc"
)

// queue is a mailbox with a few slots. Its defaults are what the page opens on: the pauses and the work vary, so that the
// queue is empty at times and holds several messages at others.
var queue = Workload{
	Name:    "queue",
	Summary: "Producers and consumers at one message queue of the kernel's, with few slots: full, the producers wait; empty, the consumers do.",
	Params: []Param{
		Int("producers", 1, 1, 16, "how many processes send"),
		Int("consumers", 1, 1, 16, "how many processes receive; each message goes to one of them"),
		Int("slots", 5, 1, ipc.MaxSlots, "how many messages the queue holds; more than 10 an ordinary system does not allow (msg_max)").
			because("an ordinary system allows no more in a queue (msg_max)"),
		rateParam(2),
		sizeParam,
		Int("delay_ms", 450, 0, 60_000, "how long a consumer works on each message, in milliseconds"),
		Int("vary", 80, 0, 100, "by how much pauses and work vary, in per cent"),
		countParam,
	},
	Parts: func(p Params) ([]Part, []ipc.Spec) {
		var parts []Part
		for range p.Int("producers") {
			parts = append(parts, Part{Role: "producer", Writes: []int{0}})
		}
		for range p.Int("consumers") {
			parts = append(parts, Part{Role: "consumer", Reads: []int{0}})
		}
		return parts, []ipc.Spec{{Name: "queue", Kind: ipc.Queue, Size: int(p.Int("size")), Slots: int(p.Int("slots"))}}
	},
	Run: func(ctx context.Context, w *Worker, p Params) error {
		switch {
		case w.Role == "producer" && w.has(0, 1):
			return produce(ctx, w, w.Ends.Writers[0], newPacer(p.Int("rate"), p.Int("vary")), p.Int("size"), p.Int("count"))
		case w.Role == "consumer" && w.has(1, 0):
			return consume(ctx, w, w.Ends.Readers[0], milliseconds(p, "delay_ms"), p.Int("vary"))
		}
		return alone("queue")
	},
}
