package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"vivero/sim/ipc"
)

// TestPartsFit: of each workload of several parts, the plan is right at the defaults and at both bounds of each parameter,
// and each process's environment fits (its recorder has 64 entries).
func TestPartsFit(t *testing.T) {
	for _, w := range Workloads {
		if w.Parts == nil {
			continue
		}
		given := []string{"{}"}
		for _, p := range w.Params {
			if p.Kind == "int" {
				given = append(given, fmt.Sprintf(`{%q:%d}`, p.Name, *p.Min), fmt.Sprintf(`{%q:%d}`, p.Name, *p.Max))
			}
		}
		for _, text := range given {
			params, err := w.ParseJSON(json.RawMessage(text))
			if err != nil {
				t.Fatal(err)
			}
			parts, channels, err := w.Plan(params)
			if err != nil {
				t.Errorf("%s %s: %v", w.Name, text, err)
			}
			for _, p := range parts {
				if len(p.Reads)+len(p.Writes) == 0 || len(p.Reads)+len(p.Writes) > 64 {
					t.Errorf("%s %s: %s has %d ends of %d channels", w.Name, text, p.Role, len(p.Reads)+len(p.Writes), len(channels))
				}
			}
		}
	}
}

func TestPlanFindsMistakes(t *testing.T) {
	good := ipc.Spec{Name: "a", Kind: ipc.Pipe, Size: 10}
	for why, parts := range map[string]func(Params) ([]Part, []ipc.Spec){
		"0 processes": func(Params) ([]Part, []ipc.Spec) { return nil, nil },
		"no role":     func(Params) ([]Part, []ipc.Spec) { return []Part{{Role: "<b>"}}, nil },
		"uses channel 1 of 1": func(Params) ([]Part, []ipc.Spec) {
			return []Part{{Role: "x", Reads: []int{1}}}, []ipc.Spec{good}
		},
		"has 0 writers and 1 readers": func(Params) ([]Part, []ipc.Spec) {
			return []Part{{Role: "x", Reads: []int{0}}}, []ipc.Spec{good}
		},
		"is no name for a channel": func(Params) ([]Part, []ipc.Spec) {
			return []Part{{Role: "x", Reads: []int{0, 1}, Writes: []int{0, 1}}}, []ipc.Spec{good, good}
		},
		"the size must be": func(Params) ([]Part, []ipc.Spec) {
			return []Part{{Role: "x", Reads: []int{0}, Writes: []int{0}}}, []ipc.Spec{{Name: "a", Kind: ipc.Pipe}}
		},
	} {
		if _, _, err := (Workload{Name: "w", Parts: parts}).Plan(nil); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%v, want %q in it", err, why)
		}
	}
}

func TestTextsTellTheirNumber(t *testing.T) {
	for _, c := range []struct {
		size int64
		n    uint64
		want string
	}{{16, 1, "message 1......."}, {16, 12345678, "message 12345678"}, {16, 123456789, "123456789......."}, {4, 17, "17.."}, {8, 123456789, "12345678"}} {
		if got := string(newTexts(c.size).text(c.n)); got != c.want {
			t.Errorf("size %d, number %d: %q, want %q", c.size, c.n, got, c.want)
		}
	}
}

// TestPacerKeepsTheRate: it may be late, never early, and does not make up for what it missed.
func TestPacerKeepsTheRate(t *testing.T) {
	w := &Worker{socket: -1}
	p := newPacer(200, 0)
	began := time.Now()
	for range 11 {
		if !p.wait(t.Context(), w) {
			t.Fatal("it was not told to stop")
		}
	}
	if took := time.Since(began); took < 49*time.Millisecond {
		t.Errorf("10 pauses of 5 ms took %v", took)
	}
	p.next = time.Now().Add(-time.Hour)
	began = time.Now()
	for range 5 {
		p.wait(t.Context(), w)
	}
	if took := time.Since(began); took < 19*time.Millisecond {
		t.Errorf("after an hour's pause it caught up: 4 pauses of 5 ms took %v", took)
	}
}

// TestBandsMakeTheWhole: for each filter, the bands put together are byte for byte the whole.
func TestBandsMakeTheWhole(t *testing.T) {
	w := &Worker{socket: -1}
	const width, height = 61, 40
	source := garden(width, height)
	for name, f := range filters {
		job := imageJob{f, 4}
		whole, err := job.apply(context.Background(), w, raster{width, height, bytes.Clone(source.pix)})
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(whole.pix, source.pix) {
			t.Errorf("%s changes nothing", name)
		}
		for _, pieces := range []int{1, 2, 7, height} {
			result := make([]byte, 0, len(source.pix))
			for piece := range pieces {
				b := job.band(piece, pieces, height)
				if !b.valid(height) {
					t.Fatalf("%+v", b)
				}
				part, err := job.apply(context.Background(), w, raster{width, b.below - b.above, bytes.Clone(source.rows(b.above, b.below))})
				if err != nil {
					t.Fatal(err)
				}
				result = append(result, part.rows(b.first-b.above, b.last-b.above)...)
			}
			if !bytes.Equal(result, whole.pix) {
				t.Errorf("%s in %d pieces differs from the whole", name, pieces)
			}
		}
	}
}
