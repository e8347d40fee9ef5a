package observe

import (
	"fmt"
	"slices"
	"time"

	"vivero/sim/flight"
)

// paceMost is the longest delay at a gate: what flight obeys.
const paceMost = time.Minute

// Pace makes each gate take d from now on; 0: as fast as it goes.
func (t *Traffic) Pace(d time.Duration) {
	t.pace = min(max(d, 0), paceMost)
	t.controlAll()
}

// Pause holds every process at its next gate, also those that will appear.
func (t *Traffic) Pause() {
	if !t.paused { // again would take back the steps that were granted and not used yet
		t.paused = true
		t.controlAll()
	}
}

// Resume lets them go on.
func (t *Traffic) Resume() {
	t.paused = false
	t.controlAll()
}

// Asked is what is asked of all processes now: one that starts is to begin with it.
func (t *Traffic) Asked() flight.Asked { return flight.Asked{Pace: t.pace, Paused: t.paused} }

// Step lets one process, or each (0), pass one gate, and tells which have gates. Its error is a sentence.
func (t *Traffic) Step(pid int) ([]int, error) {
	if !t.paused {
		return nil, fmt.Errorf("step: nothing is paused; pause first")
	}
	if t.folder != nil {
		t.findRecorders()
	}
	gated := []int{}
	for _, m := range t.members {
		r := m.recorder
		if r == nil || m.ended || pid != 0 && m.PID != pid {
			continue
		}
		if err := r.file.Step(); err != nil {
			t.lose(r, err)
			continue
		}
		if m.gate.Has {
			gated = append(gated, m.PID)
		}
	}
	if pid != 0 && len(gated) == 0 {
		return nil, fmt.Errorf("step: process %d has no gates", pid)
	}
	slices.Sort(gated)
	return gated, nil
}

// Gated are the pids of the processes that have gates: they have passed one, or stand at one.
func (t *Traffic) Gated() []int {
	gated := []int{}
	for _, m := range t.members {
		if !m.ended && m.recorder != nil && m.gate.Has {
			gated = append(gated, m.PID)
		}
	}
	slices.Sort(gated)
	return gated
}

func (t *Traffic) controlAll() {
	if t.folder != nil {
		t.findRecorders() // of processes that appeared since the last tick
	}
	for _, m := range t.members {
		if m.recorder != nil && !m.ended {
			t.control(m.recorder)
		}
	}
}

// control writes the words that the process obeys at its gates.
func (t *Traffic) control(r *recorder) {
	if err := r.file.Control(t.pace, t.paused); err != nil {
		t.lose(r, err)
	}
}
