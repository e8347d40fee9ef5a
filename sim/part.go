package sim

import (
	"fmt"

	"vivero/sim/control"
	"vivero/sim/ipc"
)

// MaxParts is how many processes one start may make: as many as the descriptors of one control message could.
const MaxParts = 64

// Part is one process of a workload that is made of several.
type Part struct {
	Role   string // a short plain word; different parts may share it
	Reads  []int  // indices of the channels that it reads from, in the order of Worker.Ends.Readers
	Writes []int  // and writes to
}

// Plan is what Parts says for p, checked: a mistake is one of the workload's own, and shows before anything is made.
func (w Workload) Plan(p Params) ([]Part, []ipc.Spec, error) {
	parts, channels := w.Parts(p)
	fail := func(format string, args ...any) ([]Part, []ipc.Spec, error) {
		return nil, nil, fmt.Errorf("start %s: %s", w.Name, fmt.Sprintf(format, args...))
	}
	if len(parts) == 0 || len(parts) > MaxParts {
		return fail("it would be %d processes; 1..%d are allowed", len(parts), MaxParts)
	}
	readers, writers := make([]int, len(channels)), make([]int, len(channels))
	for _, part := range parts {
		if part.Role == "" || !control.Word(part.Role) {
			return fail("no role: %q", part.Role)
		}
		for _, side := range []struct{ uses, count []int }{{part.Reads, readers}, {part.Writes, writers}} {
			for _, c := range side.uses {
				if c < 0 || c >= len(channels) {
					return fail("%s uses channel %d of %d", part.Role, c, len(channels))
				}
				side.count[c]++
			}
		}
	}
	names := map[string]bool{}
	for i, c := range channels {
		if err := c.Check(); err != nil {
			return fail("%v", err)
		}
		if c.Name == "" || !control.Word(c.Name) || names[c.Name] {
			return fail("%q is no name for a channel, or there are two", c.Name)
		}
		names[c.Name] = true
		if readers[i] == 0 || writers[i] == 0 {
			return fail("channel %s has %d writers and %d readers", c.Name, writers[i], readers[i])
		}
	}
	return parts, channels, nil
}
