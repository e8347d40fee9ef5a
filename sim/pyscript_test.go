//go:build linux

package sim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vivero/sim/flight"
	"vivero/sim/python"
)

// TestPythonWorkload: it becomes a Python with the script, in the same process, and its recorder tells of the messages.
func TestPythonWorkload(t *testing.T) {
	if _, err := python.Find(); err != nil {
		t.Skip(err)
	}
	home, err := python.Install(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	w := start(t, "python", `{"script":"pool","processes":2,"size":5}`, python.Variable+"="+home, FlightVariable+"="+dir)
	if s := w.status(); s.ExitStatus() != 0 || !strings.HasPrefix(w.stdout.String(), "primes below 5000: 669\n") || w.stderr.String() != "" {
		t.Fatalf("%s, stdout %q, stderr %q", w.ProcessState, &w.stdout, &w.stderr)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*-*"))
	languages, sent := map[uint64]int{}, uint64(0)
	for _, name := range names {
		f, err := flight.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		var v flight.View
		if err := f.Read(&v, true); err != nil {
			t.Error(err)
		}
		f.Close()
		languages[v.Language]++
		for _, e := range v.Entries {
			sent += e.Sent
		}
	}
	if languages[1] != 1 || languages[2] != 3 || sent < 10 { // Go's before the exec; the parent and two workers
		t.Errorf("recorders by language %v, %d messages sent", languages, sent)
	}
}

// TestPythonRefusals: each fault is said in Python's own words or in ours, with a status that is not 0.
func TestPythonRefusals(t *testing.T) {
	home, err := python.Install(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "home")
	if err := os.MkdirAll(filepath.Join(broken, "scripts"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(python.Script(broken, "pipe"), []byte("def (\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, missing := python.Find()
	for _, c := range []struct {
		name, params string
		env          []string
		status       int
		want         string
		needs        bool // a python3
	}{
		{"no server", `{}`, nil, 1, "its scripts are not installed", false},
		{"too large", `{"script":"pipe","size":10001}`, []string{python.Variable + "=" + home}, 1, "the size of pipe must be 0..10000, got 10001", false},
		{"no Python", `{}`, []string{python.Variable + "=" + home, "PATH=/nowhere"}, 1, "this machine has no python3", false},
		{"no script", `{"script":"pool"}`, []string{python.Variable + "=" + broken}, 2, "can't open file", true},
		{"syntax error", `{"script":"pipe"}`, []string{python.Variable + "=" + broken}, 1, "SyntaxError", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.needs && missing != nil {
				t.Skip(missing)
			}
			w := start(t, "python", c.params, c.env...)
			if s := w.status(); s.ExitStatus() != c.status || !strings.Contains(w.stderr.String(), c.want) {
				t.Errorf("%s, stderr %q; want status %d and %q", w.ProcessState, &w.stderr, c.status, c.want)
			}
		})
	}
}

// TestOffered: without a python3 the list says so, and everything else is offered.
func TestOffered(t *testing.T) {
	t.Setenv("PATH", "/nowhere")
	for _, w := range Offered() {
		if got := w.Unavailable != ""; got != (w.Name == "python") {
			t.Errorf("%s: unavailable %q", w.Name, w.Unavailable)
		}
	}
}
