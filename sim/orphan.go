package sim

import (
	"context"
	"fmt"
	"os"
)

// orphan is the child whose parent ends first. The kernel gives it to the nearest subreaper above, which is Vivero;
// on a plain system that is pid 1.
var orphan = Workload{
	Name:    "orphan",
	Summary: "Starts a child and ends before it: the child stays, an orphan, and Vivero adopts it.",
	Role:    "parent",
	Params:  []Param{Int("delay_ms", 3_000, 0, 600_000, "how long the parent lives, in milliseconds")},
	Run: func(ctx context.Context, w *Worker, p Params) error {
		if w.Role == "orphan" {
			return awaitAdoption(ctx)
		}
		if _, err := w.Spawn(ctx, "orphan", Params{}, "orphan"); err != nil {
			return unlessStopped(ctx, err)
		}
		if countdown(ctx, w, milliseconds(p, "delay_ms")) {
			w.Progress(1)
		}
		return nil
	},
}

// awaitAdoption says when the parent has changed, and lives on until ended. Nobody tells a process of that; it has to look.
func awaitAdoption(ctx context.Context) error {
	parent := os.Getppid()
	fmt.Printf("my parent is %d\n", parent)
	for os.Getppid() == parent {
		if !nap(ctx, napSlice) {
			return nil
		}
	}
	fmt.Printf("my parent %d has ended; %d has adopted me\n", parent, os.Getppid())
	return pause(ctx)
}
