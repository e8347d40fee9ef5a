package observe

import (
	"os"
	"slices"
	"testing"
	"time"

	"vivero/server/proc"
)

// testdata/proc was captured from a real machine and then given hostile names: a Go server (100) with three threads,
// a shell (101) with a pipeline under it (102, 103), a zombie (104), and a process outside the tree (200).

func TestCapturedTree(t *testing.T) {
	r, err := Procfs("testdata/proc", 100)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	o, err := r.Observe()
	if err != nil {
		t.Fatal(err)
	}
	page := uint64(os.Getpagesize())
	want := map[int]proc.Sample{
		100: {Key: proc.Key{PID: 100, Start: 4000}, PPID: 1, Name: "vivero", Label: "vivero", State: 'S', CPU: 3700 * time.Millisecond, Wait: 48211, RSS: 3120 * page, Threads: 3, Core: 1},
		101: {Key: proc.Key{PID: 101, Start: 4100}, PPID: 100, Name: "a) R 1 (b", Label: "build.sh", State: 'S', CPU: 20 * time.Millisecond, Wait: 1500, RSS: 400 * page, Threads: 1, Core: 0},
		102: {Key: proc.Key{PID: 102, Start: 4200}, PPID: 101, Name: "two\nlines", Label: "http.server", State: 'R', CPU: 12*time.Second + 340*time.Millisecond, Wait: 9000000000, RSS: 90000 * page, Threads: 1, Core: 1},
		103: {Key: proc.Key{PID: 103, Start: 4201}, PPID: 101, Name: "sleep", Label: "sleep", State: 'T', Wait: 0, RSS: 170 * page, Threads: 1, Core: 0},
		104: {Key: proc.Key{PID: 104, Start: 4300}, PPID: 100, Name: "true", Label: "true", State: 'Z', Wait: -1, Threads: 1, Core: 1},
	}
	if len(o.Samples) != len(want) {
		t.Errorf("%d samples, not %d", len(o.Samples), len(want))
	}
	for _, s := range o.Samples {
		if s.Started.IsZero() {
			t.Errorf("process %d: no start time", s.PID)
		}
		s.Started = time.Time{}
		if s != want[s.PID] {
			t.Errorf("got  %+v\nwant %+v", s, want[s.PID])
		}
	}
	if _, ok := r.Look(200); ok {
		t.Error("process 200 is not of the tree")
	}
	if o, _ := r.Observe(); len(o.Gone) != 0 {
		t.Errorf("gone %v", o.Gone)
	}
}

func TestCapturedMachine(t *testing.T) {
	m := NewMachine("testdata/proc")
	defer m.Close()
	got, err := m.Read()
	if err != nil {
		t.Fatal(err)
	}
	if got.MemoryTotal != 8130972<<10 || got.MemoryUsed != (8130972-6210004)<<10 {
		t.Errorf("memory %d of %d", got.MemoryUsed, got.MemoryTotal)
	}
	if !slices.Equal(got.Busy, []float64{0, 0, 0, 0}) { // nothing moves in a captured file; core 2 is off
		t.Errorf("busy %v", got.Busy)
	}
}

// captured reads seeds for the fuzzers.
func captured(f *testing.F, names ...string) {
	for _, name := range names {
		b, err := os.ReadFile("testdata/proc/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
}
