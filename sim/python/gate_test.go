//go:build linux

package python

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"vivero/sim/flight"
)

// running is a Python program whose recorders a test controls, as the server would.
type running struct {
	*testing.T
	cmd    *exec.Cmd
	dir    string
	files  map[string]*flight.File
	first  *flight.File // of the program's first process
	stdout bytes.Buffer
}

func begin(t *testing.T, asked string, args ...string) *running {
	t.Helper()
	pythons := pythons(t)
	r := &running{T: t, dir: t.TempDir(), files: map[string]*flight.File{}}
	r.cmd = exec.Command(pythons[len(pythons)-1], args...)
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // its children hold its output too
	r.cmd.Env = Probed(append(os.Environ(), "VIVERO_FLIGHT="+r.dir, "VIVERO_ASKED="+asked, "PYTHONDONTWRITEBYTECODE=1"), install(t))
	r.cmd.Dir, r.cmd.Stdout, r.cmd.Stderr = "testdata/programs", &r.stdout, os.Stderr
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-r.cmd.Process.Pid, syscall.SIGKILL)
		_ = r.cmd.Wait()
		for _, f := range r.files {
			f.Close()
		}
	})
	return r
}

// views are what all recorders say now, by the process's name.
func (r *running) views() map[string]flight.View {
	r.Helper()
	names, _ := filepath.Glob(filepath.Join(r.dir, "[0-9]*-*"))
	views := map[string]flight.View{}
	for _, name := range names {
		f := r.files[name]
		if f == nil {
			var err error
			if f, err = flight.Open(name); err != nil {
				r.Fatal(err)
			}
			r.files[name] = f
		}
		var v flight.View
		if err := f.Read(&v, false); err != nil {
			r.Fatal(err)
		}
		views[v.Name] = v
		if v.Name == "" {
			r.first = f
		}
	}
	return views
}

func (r *running) control(pace time.Duration, paused bool) {
	r.Helper()
	r.views()
	for _, f := range r.files {
		if err := f.Control(pace, paused); err != nil {
			r.Fatal(err)
		}
	}
}

func (r *running) until(what string, holds func(views map[string]flight.View) bool) {
	r.Helper()
	for end := time.Now().Add(patience); !holds(r.views()); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			r.Fatalf("%s: not after %s; %+v", what, patience, r.views())
		}
	}
}

func (r *running) sent() (n uint64) {
	for _, v := range r.views() {
		for _, e := range v.Entries {
			n += e.Sent
		}
	}
	return n
}

// TestBornPaused: a program that starts while Pause is asked stands before its first message; so does its child, however
// it was made, and after a step it is the child that stands.
func TestBornPaused(t *testing.T) {
	for _, method := range []string{"fork", "spawn"} {
		t.Run(method, func(t *testing.T) {
			r := begin(t, "0 paused", "steps.py", method, "3")
			r.until("the parent is held", func(views map[string]flight.View) bool { return views[""].Gate.Held != 0 })
			if v := r.views()[""]; v.Gate.At != flight.Sent || r.sent() != 0 {
				t.Errorf("held at %v with %d sent, want before the first", v.Gate.At, r.sent())
			}
			if err := r.first.Step(); err != nil {
				t.Fatal(err)
			}
			// The parent sends one and waits; the child has received it and is held.
			r.until("the child is held", func(views map[string]flight.View) bool {
				return views["back"].Gate.Held != 0 && views["back"].Gate.At == flight.Received && views[""].Gate.Held == 0
			})
			if r.sent() != 1 {
				t.Errorf("%d messages were sent, want 1", r.sent())
			}
			r.control(0, false)
			if err := r.cmd.Wait(); err != nil || r.stdout.String() != "done\n" {
				t.Errorf("%v, stdout %q", err, &r.stdout)
			}
		})
	}
}

// TestPauseAndPace: a program at full speed stands soon after Pause, goes on after Resume, and slow motion delays each gate.
func TestPauseAndPace(t *testing.T) {
	r := begin(t, "", "steps.py", "fork", "1000000")
	r.until("it runs", func(map[string]flight.View) bool { return r.sent() > 1000 })
	r.control(0, true)
	r.until("it is held", func(views map[string]flight.View) bool {
		return views[""].Gate.Held != 0 || views["back"].Gate.Held != 0
	})
	before := r.sent()
	r.until("some steps are granted and taken", func(map[string]flight.View) bool {
		for _, f := range r.files {
			_ = f.Step()
		}
		return r.sent() > before+5
	})
	r.control(5*time.Millisecond, false)
	began, start := time.Now(), r.sent()
	r.until("it goes on slowly", func(map[string]flight.View) bool { return r.sent() > start+20 })
	// Two messages a round, and five gates or four of them one after the other.
	if took := time.Since(began); took < 20*5*time.Millisecond {
		t.Errorf("20 messages took %s in slow motion", took)
	}
	r.control(0, false)
	now := r.sent()
	r.until("it goes on", func(map[string]flight.View) bool { return r.sent() > now+1000 })
}
