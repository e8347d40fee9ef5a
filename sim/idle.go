package sim

import "context"

// idle does nothing until it is told to: a place in the tree to start children under.
var idle = Workload{
	Name:    "idle",
	Summary: "Waits for orders: starts children when told to, and uses no processor.",
	Params:  []Param{}, // none; nil would be null in JSON
	Run: func(ctx context.Context, _ *Worker, _ Params) error {
		return pause(ctx)
	},
}
