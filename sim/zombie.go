package sim

import "context"

// zombie is the parent that never waits for its children: they have ended, and their entries stay.
var zombie = Workload{
	Name:    "zombie",
	Summary: "Starts a child that ends at once and never collects it: a zombie, for as long as this parent lives.",
	Role:    "parent",
	Params:  []Param{Int("children", 1, 1, 16, "how many children it leaves uncollected")},
	Run: func(ctx context.Context, w *Worker, p Params) error {
		if w.Role == "zombie" {
			return nil // it has done all it is for
		}
		w.LeaveZombies()
		for range p.Int("children") {
			if _, err := w.Spawn(ctx, "zombie", Params{}, "zombie"); err != nil {
				return unlessStopped(ctx, err)
			}
		}
		return pause(ctx)
	},
}
