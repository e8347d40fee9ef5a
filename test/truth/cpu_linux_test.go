package truth_test

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"vivero/test/client"
)

// TestCPU holds what the tree says of CPU against utime and stime in /proc.
func TestCPU(t *testing.T) {
	p := boot(t)
	idle := p.Start("idle", nil, 0, 1)[0]
	primes := p.Start("primes", client.M{"n": 1_000_000_000}, 0, 1)[0]
	f := p.Follow(client.Viewer, nil)

	agreesOnCPU(t, f, primes)
	f.Await("an idle process uses nothing", func(m *client.Model) bool { return m.Live[idle.ID].CPU == 0 })

	p.Signal(primes.ID, "STOP", false)
	f.Await("a stopped process uses nothing", func(m *client.Model) bool {
		row := m.Live[primes.ID]
		return row.State == "T" && row.CPU == 0
	})
	ticks := 0
	f.Look(func(m *client.Model) { ticks = m.Ticks })
	f.Await("a second and a half of observations", func(m *client.Model) bool {
		if row := m.Live[primes.ID]; row.CPU != 0 || row.State != "T" {
			t.Errorf("it stood still, and is told as %s with %v cores", row.State, row.CPU)
		}
		return t.Failed() || m.Ticks >= ticks+15
	})
	p.Signal(primes.ID, "CONT", false)
	f.Await("it goes on", func(m *client.Model) bool { return m.Live[primes.ID].CPU > 0.1 })
	p.Signal(primes.ID, "KILL", false)

	// Several cores in one process, as many as the kernel gives it beside whatever else this machine does.
	threads := p.Start("threads", client.M{"threads": 4 * runtime.NumCPU(), "seconds": 0}, 0, 1)[0]
	agreesOnCPU(t, f, threads)
	f.Look(func(m *client.Model) {
		if row := m.Live[idle.ID]; row.CPU != 0 {
			t.Errorf("the idle one is told as using %v cores", row.CPU)
		}
	})
}

// window is how many observations are compared at a time, two seconds of them.
const window = 20

// agreesOnCPU compares, at each observation, the CPU that the stream tells of the second before with what utime and stime
// in /proc have grown by in the second before the frame came. The mean over a window must agree within 2 points: a single
// pair cannot, for the kernel counts in hundredths of a second (1 point at each end), and the test reads some milliseconds
// after the observer did, in which a machine that does other things too may take the core away. A window in which the
// test itself was kept from reading says nothing; the next one is tried, until the deadline.
func agreesOnCPU(t *testing.T, f *client.Follower, process client.Started) {
	t.Helper()
	type reading struct {
		at    time.Time
		ticks int
	}
	var kernel []reading
	// used is the CPU seconds up to a moment between two readings.
	used := func(at time.Time) float64 {
		i, _ := slices.BinarySearchFunc(kernel, at, func(r reading, at time.Time) int { return r.at.Compare(at) })
		if i == 0 {
			return float64(kernel[0].ticks) / 100
		}
		a, b := kernel[i-1], kernel[min(i, len(kernel)-1)]
		if a == b {
			return float64(a.ticks) / 100
		}
		share := at.Sub(a.at).Seconds() / b.at.Sub(a.at).Seconds()
		return (float64(a.ticks) + share*float64(b.ticks-a.ticks)) / 100
	}
	ticks, pairs := 0, 0
	var told, counted float64
	var err error
	f.Await("the CPU of "+fmt.Sprint(process), func(m *client.Model) bool {
		s, e := read(process.PID)
		now := time.Now()
		if e != nil {
			err = e
			return true
		}
		kernel = append(kernel, reading{now, s.ticks})
		if m.Ticks == ticks {
			return false // a frame between two observations
		}
		if n := len(kernel); n > 1 && now.Sub(kernel[n-2].at) > 250*time.Millisecond {
			kernel, pairs, told, counted = kernel[n-1:], 0, 0, 0 // somebody stood still; begin again
		}
		ticks = m.Ticks
		if now.Sub(kernel[0].at) < 1500*time.Millisecond {
			return false
		}
		told += m.Live[process.ID].CPU
		counted += used(now) - used(now.Add(-time.Second))
		if pairs++; pairs < window {
			return false
		}
		difference := math.Abs(told-counted) / window
		t.Logf("%d observations: the stream says %.3f cores in the mean, the kernel %.3f", pairs, told/window, counted/window)
		if counted/window < 0.2 {
			err = errors.New("it hardly ran")
		} else if difference > 0.02 {
			err = fmt.Errorf("they differ by %.1f points, at most 2 are allowed", 100*difference)
		} else {
			err = nil
			return true
		}
		pairs, told, counted = 0, 0, 0
		return false
	})
	if err != nil {
		t.Fatal(err)
	}
}
