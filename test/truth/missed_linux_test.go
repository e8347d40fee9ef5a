package truth_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vivero/test/client"
)

// short is how many processes live for a millisecond or less.
const short = 500

// TestNoneMissed runs programs that start many short-lived processes: each is told on the stream, with its pid, its
// parent, its name and how it ended.
func TestNoneMissed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "Makefile")
	var targets strings.Builder
	for i := range short {
		fmt.Fprintf(&targets, " t%d", i)
	}
	text := fmt.Sprintf("all:%s\n%s: ; @/bin/true\n", targets.String(), targets.String())
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ script, parent string }{
		"a shell's loop": {fmt.Sprintf("for i in $(seq %d); do /bin/true; done", short), "sh"},
		"make -j4":       {"make -s -j4 -f " + file, "make"},
	} {
		t.Run(name, func(t *testing.T) {
			stdin, orders, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer orders.Close()
			p := client.Boot(t, client.Options{Program: program, Stdin: stdin,
				Command: []string{"sh", "-c", "read go; " + c.script + "; echo all done; read end; exit 7"}})
			stdin.Close()
			f := p.Follow(client.Viewer, nil)
			f.Await("the command", func(m *client.Model) bool { return len(m.Live) == 2 })
			if _, err := io.WriteString(orders, "go\n"); err != nil {
				t.Fatal(err)
			}
			p.Stdout.Await(t, "all done")
			refused := false
			defer func() {
				if t.Failed() {
					f.Look(func(m *client.Model) {
						t.Logf("%d starts, %d ends, there are %+v", len(m.Spawned), len(m.Exited), m.Live)
					})
				}
			}()
			f.Await("the program is done, and all but its shell gone", func(m *client.Model) bool {
				refused = !m.Observer.Events
				return len(m.Live) == 2 && (refused || len(m.Exited) > short) // and seq, or make
			})
			if refused {
				f.Await("how many may have been missed", func(m *client.Model) bool { return m.Observer.Missed != nil && *m.Observer.Missed > 0 })
				t.Skip("the kernel tells no events: " + p.Stderr.Await(t, "short-lived processes may be missed"))
			}
			f.Look(func(m *client.Model) { told(t, m, c.parent) })
			if tree := p.Tree(); tree.Observer.Missed == nil || *tree.Observer.Missed != 0 || !tree.Observer.Events {
				t.Errorf("the observer is %+v, want none missed, by events", tree.Observer)
			}
			if _, err := io.WriteString(orders, "end\n"); err != nil {
				t.Fatal(err)
			}
			if status := p.Wait(); status != 7 {
				t.Errorf("exit status %d, want the command's 7", status)
			}
		})
	}
}

// TestMissedIsSaid: in a pid namespace, as in a container, the kernel tells the pids of another world. The program must find
// that out, and say how many processes it may have missed: no fewer than it has.
func TestMissedIsSaid(t *testing.T) {
	unshare := []string{"unshare", "--pid", "--fork", "--mount-proc", "--kill-child"}
	if output, err := exec.Command(unshare[0], append(unshare[1:], "true")...).CombinedOutput(); err != nil {
		t.Skipf("a pid namespace cannot be made here: %v: %s", err, output)
	}
	inside := filepath.Join(t.TempDir(), "inside")
	script := fmt.Sprintf("#!/bin/sh\nexec %s %s \"$@\"\n", strings.Join(unshare, " "), program)
	if err := os.WriteFile(inside, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	stdin, orders, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer orders.Close() // ends the command, and with it the program: unshare passes no signal on
	p := client.Boot(t, client.Options{Program: inside, Stdin: stdin,
		Command: []string{"sh", "-c", fmt.Sprintf("for i in $(seq %d); do /bin/true; done; echo all done; read end", short)}})
	stdin.Close()
	p.Stdout.Await(t, "all done")
	f := p.Follow(client.Viewer, nil)
	f.Await("how many may have been missed", func(m *client.Model) bool { return m.Observer.Missed != nil && *m.Observer.Missed > 0 })
	ticks, trues := 0, 0
	f.Look(func(m *client.Model) { ticks = m.Ticks })
	f.Await("an observation after all is done", func(m *client.Model) bool { return m.Ticks > ticks+1 })
	f.Look(func(m *client.Model) {
		for _, e := range m.Exited {
			if e.Name == "true" {
				trues++
			}
		}
		if m.Observer.Events || *m.Observer.Missed < short-trues {
			t.Errorf("of %d processes %d were seen; the observer is %+v, missed %d", short, trues, m.Observer, *m.Observer.Missed)
		}
		t.Logf("%d of %d were seen, at most %d missed", trues, short, *m.Observer.Missed)
	})
	if why := p.Stderr.Await(t, "short-lived processes may be missed"); !strings.Contains(why, "the probe") {
		t.Errorf("the log says %q", why)
	}
	orders.Close()
	if status := p.Wait(); status != 0 && status != 1 { // of read at the end of its input
		t.Errorf("exit status %d", status)
	}
}

// told counts what the stream said of the short-lived ones; parent is the name of the process that started them.
func told(t *testing.T, m *client.Model, parent string) {
	pids, seen := map[int]bool{}, 0
	for id, s := range m.Spawned {
		e, ended := m.Exited[id]
		if !ended {
			continue // the shell
		}
		if e.PID != s.PID || e.PPID == 0 || e.Status == nil && e.Signal == "" || e.Name == "" {
			t.Errorf("id %d: spawned %+v, exited %+v", id, s, e)
		}
		if e.Name != "true" {
			continue
		}
		seen++
		pids[e.PID] = true
		if e.Status == nil || *e.Status != 0 {
			t.Errorf("pid %d (true): exit status %v, signal %q", e.PID, e.Status, e.Signal)
		}
		up, known := m.Live[s.Parent]
		if !known {
			if gone, was := m.Exited[s.Parent]; was {
				up.Name, up.PID = gone.Name, gone.PID
			}
		}
		if up.Name != parent || up.PID != s.PPID || e.PPID != s.PPID {
			t.Errorf("pid %d (true): its parent is pid %d (id %d, %s; at its end pid %d), want %s", e.PID, s.PPID, s.Parent, up.Name, e.PPID, parent)
		}
	}
	if seen != short || len(pids) != short {
		t.Errorf("%d × true were seen, %d different pids; want %d", seen, len(pids), short)
	}
	t.Logf("%d starts, %d ends, %d × true", len(m.Spawned), len(m.Exited), seen)
}
