package sim

import (
	"context"
	"fmt"
	"time"

	"vivero/sim/ipc"
)

// pingpong is one message that goes to and fro: what it takes is the latency, and nothing is ever piled up.
var pingpong = Workload{
	Name:    "pingpong",
	Summary: "Two processes and two pipes: one message goes to and fro, and each side waits for the other.",
	Params: []Param{
		sizeParam,
		Int("delay_ms", 500, 0, 60_000, "how long each side keeps the message, in milliseconds"),
		Int("count", 0, 0, 1_000_000_000, "how many times it goes to and fro; 0: until ended"),
	},
	Parts: func(p Params) ([]Part, []ipc.Spec) {
		size := int(p.Int("size"))
		return []Part{{Role: "ping", Writes: []int{0}, Reads: []int{1}}, {Role: "pong", Writes: []int{1}, Reads: []int{0}}},
			[]ipc.Spec{{Name: "there", Kind: ipc.Pipe, Size: size}, {Name: "back", Kind: ipc.Pipe, Size: size}}
	},
	Run: func(ctx context.Context, w *Worker, p Params) error {
		if !w.has(1, 1) {
			return alone("pingpong")
		}
		in, out, delay := w.Ends.Readers[0], w.Ends.Writers[0], milliseconds(p, "delay_ms")
		var err error
		if w.Role == "pong" {
			for err == nil {
				var m ipc.Message
				if m, err = in.Receive(ctx); err == nil && w.keep(ctx, delay) {
					err = out.Send(ctx, m.Payload)
					in.Done()
				}
			}
			return finished(ctx, err, out, in)
		}
		text := newTexts(p.Int("size"))
		var rounds uint64
		var spent time.Duration
		for count := uint64(p.Int("count")); err == nil && (count == 0 || rounds < count) && ctx.Err() == nil; {
			began := time.Now()
			if err = out.Send(ctx, text.text(rounds+1)); err != nil {
				break
			}
			if _, err = in.Receive(ctx); err != nil {
				break
			}
			rounds++
			spent += time.Since(began)
			w.keep(ctx, delay)
			in.Done()
		}
		if rounds > 0 {
			fmt.Printf("%d times to and fro, %v each on average\n", rounds, spent/time.Duration(rounds))
		}
		return finished(ctx, err, out, in)
	},
}

// keep is a nap that costs nothing when there is none; false: it is to stop.
func (w *Worker) keep(ctx context.Context, d time.Duration) bool {
	return d == 0 && ctx.Err() == nil || d > 0 && w.nap(ctx, d)
}
