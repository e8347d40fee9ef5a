//go:build linux

package spawn

import (
	"bytes"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"vivero/sim"
)

func TestOutputFlood(t *testing.T) {
	s, r := start(t, Options{})
	p := one(t, s, Spec{Workload: "talker", Params: sim.Params{"how": "flood"}})
	r.await(t, "ten tellings and a skip", func() bool { return len(r.calls) >= 10 && r.skipped > 1<<20 })
	if err := s.Signal(p.Key, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r.await(t, "its end", func() bool { return r.reaped[p.Key.PID].Signal == 9 })
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.largest > tellSize {
		t.Errorf("%d bytes were told at once, at most %d may be", r.largest, tellSize)
	}
	// Two streams; the last telling of each may come at once.
	if most := 2*(int(r.calls[len(r.calls)-1].Sub(r.calls[0])/tellEvery)+1) + 2; len(r.calls) > most {
		t.Errorf("told %d times, at most %d", len(r.calls), most)
	}
	stdout, stderr, ok := s.Output(p.Key)
	if !ok || len(stdout) != keep || string(stderr) != "a sentence for stderr\n" {
		t.Errorf("output: %d bytes, %q, %v", len(stdout), stderr, ok)
	}
}

func TestRing(t *testing.T) {
	var r ring
	var all []byte
	for i := 0; len(all) < 3*keep; i++ {
		piece := []byte(strings.Repeat("ñ", i%977+1))
		r.write(piece)
		all = append(all, piece...)
		if want := all[max(0, len(all)-keep):]; !bytes.Equal(r.text(), runeStart(want)) {
			t.Fatalf("after %d bytes the ring differs", len(all))
		}
	}
	r.write(bytes.Repeat([]byte("x"), 5*keep))
	if got := r.text(); len(got) != keep || !utf8.Valid(got) {
		t.Errorf("%d bytes", len(got))
	}
}

func TestCharactersStayWhole(t *testing.T) {
	for text, want := range map[string]int{"": 0, "a": 0, "ñ": 0, "a\xc3": 1, "\xe2\x82": 2, "\xf0\x9f\x8c": 3, "€": 0, "\x82\x82\x82\x82": 0, "\xff": 0} {
		if got := incomplete([]byte(text)); got != want {
			t.Errorf("incomplete(%q) = %d, want %d", text, got, want)
		}
	}
	if got := runeStart([]byte("\xb1and\xc3\xba")); string(got) != "andú" {
		t.Errorf("runeStart: %q", got)
	}
}
