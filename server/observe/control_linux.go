package observe

import (
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

// Step lets one process, or each (0), pass one gate while they are paused.
func (t *Traffic) Step(pid int) {
	if !t.paused {
		return
	}
	t.eachRecorder(func(r *recorder) error {
		if pid != 0 && r.member.PID != pid {
			return nil
		}
		return r.file.Step()
	})
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

func (t *Traffic) controlAll() { t.eachRecorder(t.control) }

// control writes the words that the process obeys at its gates.
func (t *Traffic) control(r *recorder) error { return r.file.Control(t.pace, t.paused) }

// eachRecorder does something with the recorder of each process that lives, those that appeared since the last tick
// included.
func (t *Traffic) eachRecorder(do func(r *recorder) error) {
	if t.folder != nil {
		t.findRecorders()
	}
	for _, m := range t.members {
		if r := m.recorder; r != nil && !m.ended {
			if err := do(r); err != nil {
				t.lose(r, err)
			}
		}
	}
}
