package observe

import (
	"math"
	"testing"
)

func TestParseStatRefuses(t *testing.T) {
	const rest = " S 1 2 3 0 -1 4 5 6 7 8 9 10 11 12 20 0 1 0 77 4096 3 1 1 1 9 0 0 0 0 0 0 0 0 0 17 1 0 0"
	var s stat
	for _, text := range []string{
		"", "1", "1 (x", "1 x)", "(x) S 1", "1 (x)", "1 (x) S", "1 (x) S 1 2 3", "-1 (x)" + rest, "1 2 (x)" + rest,
		"1 (x)S" + rest, "0 (x)" + rest, "1 (x) 5 1" + rest,
	} {
		if parseStat([]byte(text), &s) {
			t.Errorf("%q was taken as %+v", text, s)
		}
	}
	for _, comm := range []string{"", ")", "((", "a) S 1 (", "\n", "x y"} {
		if !parseStat([]byte("5 ("+comm+")"+rest), &s) || string(s.comm) != comm || s.pid != 5 || s.start != 77 || s.core != 1 || s.exit != -1 {
			t.Errorf("comm %q: %+v", comm, s)
		}
	}
}

func TestNumber(t *testing.T) {
	for text, want := range map[string]int64{"5": 5, " 5": 5, "-1 ": -1, "\n12\n": 12, "18446744073709551615": -1, "007": 7} {
		if v, _, ok := number([]byte(text)); !ok || v != want {
			t.Errorf("%q is %d, %v", text, v, ok)
		}
	}
	for _, text := range []string{"", " ", "-", "x", "- 1", "+1"} {
		if _, _, ok := number([]byte(text)); ok {
			t.Errorf("%q was taken as a number", text)
		}
	}
}

func TestBusyShare(t *testing.T) {
	for _, c := range []struct {
		was, is      coreTimes
		before, want float64
	}{
		{coreTimes{10, 10}, coreTimes{20, 20}, 0, 0.5},
		{coreTimes{10, 10}, coreTimes{10, 20}, 1, 0},
		{coreTimes{10, 10}, coreTimes{20, 9}, 0, 1}, // iowait steps back
		{coreTimes{10, 10}, coreTimes{10, 10}, 0.7, 0.7},
	} {
		if got := busyShare(c.was, c.is, c.before); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%v to %v: %v, not %v", c.was, c.is, got, c.want)
		}
	}
}

func TestParseCoresSaysWhenCut(t *testing.T) {
	const text = "cpu  4 0 4 8 0 0 0 0 0 0\ncpu0 1 0 2 3 4 0 0 0 0 0\ncpu3 3 0 2 5 0 0 0 0 0 0\nintr 1"
	cores, whole := parseCores([]byte(text), nil)
	if !whole || len(cores) != 4 || cores[0] != (coreTimes{3, 7}) || cores[2] != (coreTimes{}) || cores[3] != (coreTimes{5, 5}) {
		t.Errorf("%v %v", cores, whole)
	}
	for n := range 70 {
		if _, whole := parseCores([]byte(text[:n]), nil); whole {
			t.Errorf("cut after %d bytes and taken as whole", n)
		}
	}
}
