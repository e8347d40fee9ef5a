package sim

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// TestWorkloadsAreComplete: what the page makes its forms from has no hole, and each default is allowed.
func TestWorkloadsAreComplete(t *testing.T) {
	name := regexp.MustCompile(`^[a-z][a-z_]{0,14}$`) // 15 bytes: what the kernel keeps of a name
	seen := map[string]bool{}
	for _, w := range Workloads {
		if !name.MatchString(w.Name) || seen[w.Name] {
			t.Errorf("%q is no name for a workload, or there are two", w.Name)
		}
		seen[w.Name] = true
		if !strings.HasSuffix(w.Summary, ".") || w.Run == nil {
			t.Errorf("%s: summary %q or Run is missing", w.Name, w.Summary)
		}
		if _, err := w.Parse(nil); err != nil {
			t.Errorf("defaults: %v", err)
		}
		for _, p := range w.Params {
			if !name.MatchString(p.Name) || p.Help == "" {
				t.Errorf("%s: parameter %q (%q) lacks a name or help", w.Name, p.Name, p.Help)
			}
			text, err := json.Marshal(p.Default)
			if err == nil {
				_, err = w.Parse(map[string]json.RawMessage{p.Name: text})
			}
			if err != nil {
				t.Errorf("the default is refused: %v", err)
			}
		}
	}
}

// TestParamsHoldTheirBounds: of each int parameter of each workload, the bounds are allowed and one beyond is not; the
// sentence says what is.
func TestParamsHoldTheirBounds(t *testing.T) {
	for _, w := range Workloads {
		for _, p := range w.Params {
			if p.Kind != "int" {
				continue
			}
			for _, c := range []struct {
				value int64
				good  bool
			}{{*p.Min, true}, {*p.Max, true}, {*p.Min - 1, false}, {*p.Max + 1, false}} {
				got, err := w.ParseJSON(fmt.Appendf(nil, `{%q:%d}`, p.Name, c.value))
				want := fmt.Sprintf("start %s: %s must be %d..%d, got %d", w.Name, p.Name, *p.Min, *p.Max, c.value)
				switch {
				case c.good && (err != nil || got.Int(p.Name) != c.value):
					t.Errorf("%s %s=%d: got %v, %v", w.Name, p.Name, c.value, got, err)
				case !c.good && (err == nil || err.Error() != want+p.why):
					t.Errorf("got %v, want %q", err, want)
				}
			}
		}
	}
}

// TestTreePlaces holds the number of processes that a tree asks for against the formula's known values.
func TestTreePlaces(t *testing.T) {
	for _, c := range []struct{ depth, branching, want int }{
		{0, 8, 1}, {1, 1, 2}, {6, 1, 7}, {2, 2, 7}, {3, 3, 40}, {6, 2, 127}, {6, 8, 299_593},
	} {
		got := tree.Places(Params{"depth": int64(c.depth), "branching": int64(c.branching)})
		if got != c.want {
			t.Errorf("depth %d, branching %d: got %d places, want %d", c.depth, c.branching, got, c.want)
		}
	}
}

// The page makes a form of this list: a workload without parameters has an empty one.
func TestParamsAreAList(t *testing.T) {
	for _, w := range Workloads {
		if w.Params == nil {
			t.Errorf("%s: Params is nil, which JSON calls null", w.Name)
		}
	}
}
