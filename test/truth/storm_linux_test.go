package truth_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"vivero/test/client"
)

var seed = flag.Uint64("seed", 1, "of the storm")

// TestStorm lets a storm of starts, stops and ends loose on the program, waits until it is still, and compares the tree
// with /proc. A client that follows the stream through all of it, and reconnects in the middle, must end up with the
// same tree.
func TestStorm(t *testing.T) {
	p := boot(t)
	storm(t, p, 150)
	holds(t, p)
}

// TestStormGopsutil is a smaller one for the portable reader.
func TestStormGopsutil(t *testing.T) {
	p := boot(t, "--reader", "gopsutil")
	if reader := p.Tree().Reader; reader != "gopsutil" {
		t.Fatalf("the reader is %q", reader)
	}
	storm(t, p, 50)
	holds(t, p)
}

// births are what the storm starts, all in kinds that come to rest or compute until ended. Bursts are off: a process that
// works for a moment every two seconds is never at rest.
var births = []struct {
	workload string
	params   func(*rand.Rand) client.M
}{
	{"primes", nil},
	{"idle", nil},
	{"idle", nil},
	{"wait", func(r *rand.Rand) client.M { return client.M{"pause_ms": 5 + r.IntN(3000)} }},
	{"tree", func(r *rand.Rand) client.M {
		return client.M{"depth": 1 + r.IntN(2), "branching": 1 + r.IntN(3), "grow_ms": r.IntN(40), "burst_ms": 0}
	}},
	{"zombie", func(r *rand.Rand) client.M { return client.M{"children": 1 + r.IntN(3)} }},
	{"orphan", func(r *rand.Rand) client.M { return client.M{"delay_ms": r.IntN(400)} }},
	{"crash", func(r *rand.Rand) client.M {
		return client.M{"how": []string{"exit", "panic", "segv", "abort"}[r.IntN(4)], "code": r.IntN(256), "delay_ms": r.IntN(300)}
	}},
}

func storm(t *testing.T, p *client.Program, steps int) {
	r := rand.New(rand.NewPCG(*seed, 0))
	f := p.Follow(client.Presenter, nil)
	done := map[string]int{}
	var largest int
	for step := range steps {
		if step == steps/2 {
			f.Reconnect()
		}
		rows := p.Tree().Processes
		largest = max(largest, len(rows))
		rows = slices.DeleteFunc(rows, func(row client.Process) bool { return row.ID == 1 })
		act := r.IntN(100)
		switch {
		case len(rows) < 10 || act < 45 && len(rows) < 100:
			b := births[r.IntN(len(births))]
			if b.workload == "primes" && computing(rows) >= 2 {
				b.workload = "idle" // more would only make everything else slow
			}
			body := client.M{"workload": b.workload, "count": 1 + r.IntN(2)}
			if b.params != nil {
				body["params"] = b.params(r)
			}
			parents := slices.DeleteFunc(slices.Clone(rows), func(row client.Process) bool {
				return row.Workload == "" || row.State == "T" || row.State == "Z" || row.Workload == "primes"
			})
			if len(parents) > 0 && r.IntN(3) > 0 {
				body["parent"] = parents[r.IntN(len(parents))].ID
			}
			try(t, p, done, "start", "POST", "/api/processes", body)
		case act < 60:
			try(t, p, done, "stop", "POST", signal(rows, r), client.M{"signal": "STOP"})
		case act < 70:
			try(t, p, done, "continue", "POST", signal(rows, r), client.M{"signal": "CONT", "tree": r.IntN(2) == 0})
		case act < 78:
			try(t, p, done, "kill", "POST", signal(rows, r), client.M{"signal": "KILL"})
		case act < 85:
			try(t, p, done, "term", "POST", signal(rows, r), client.M{"signal": []string{"TERM", "INT"}[r.IntN(2)]})
		case act < 90:
			try(t, p, done, "kill subtree", "POST", signal(rows, r), client.M{"signal": "KILL", "tree": true})
		case act < 95:
			path := fmt.Sprintf("/api/processes/%d?tree=%v", rows[r.IntN(len(rows))].ID, r.IntN(2) == 0)
			try(t, p, done, "end", "DELETE", path, nil)
		default:
			done["kill from outside"] += killFromOutside(t, p, rows[r.IntN(len(rows))].PID)
		}
	}
	t.Logf("seed %d, %d steps, at most %d processes: %v", *seed, steps, largest, done)
	if largest < 20 && steps >= 50 {
		t.Errorf("that was no storm: at most %d processes", largest)
	}

	calm(p)
	client.Eventually(t, "the stream's tree equals the API's", func() error { return agree(p, f) })
	f.Look(func(m *client.Model) {
		for id, e := range m.Spawned {
			_, lives := m.Live[id]
			if _, ended := m.Exited[id]; ended == lives {
				t.Errorf("id %d (%s, pid %d): lives %v, exited %v", id, e.Name, e.PID, lives, ended)
			}
		}
		if len(m.Spawned) < steps/3 {
			t.Errorf("the stream told of only %d starts", len(m.Spawned))
		}
		t.Logf("the stream told of %d starts, %d ends, %d events", len(m.Spawned), len(m.Exited), len(m.Events))
	})
	f.Close()
}

// calm stops what wakes up again and again: of a process that runs while it is looked at, little can be compared.
func calm(p *client.Program) {
	for _, row := range p.Tree().Processes {
		if (row.Workload == "wait" || row.Workload == "tree") && row.State != "T" && row.State != "Z" {
			p.Call(client.Presenter, "POST", fmt.Sprintf("/api/processes/%d/signal", row.ID), client.M{"signal": "STOP"}) // it may have ended
		}
	}
}

func computing(rows []client.Process) (n int) {
	for _, row := range rows {
		if row.Workload == "primes" && row.State != "T" {
			n++
		}
	}
	return n
}

func signal(rows []client.Process, r *rand.Rand) string {
	return fmt.Sprintf("/api/processes/%d/signal", rows[r.IntN(len(rows))].ID)
}

// try does what the storm wants. What it wants may have ended meanwhile, be stopped, or not fit; nothing else may fail.
func try(t *testing.T, p *client.Program, done map[string]int, what, method, path string, body any) {
	t.Helper()
	switch status, answer := p.Call(client.Presenter, method, path, body); status {
	case 200, 201:
		done[what]++
	case 404, 409, 429:
		if client.Refusal(answer) == "" {
			t.Errorf("%s %s %v: %d without a sentence: %s", method, path, body, status, answer)
		}
		done[fmt.Sprintf("%s: %d", what, status)]++
	default:
		t.Errorf("%s %s %v: %d %s", method, path, body, status, answer)
	}
}

// killFromOutside kills a process as somebody at a terminal would; the pidfd makes sure that it is the one.
func killFromOutside(t *testing.T, p *client.Program, pid int) int {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(fd)
	if _, ours := descendants(t, p.Server)[pid]; !ours || pid == p.Server {
		return 0
	}
	if err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		t.Error(err)
	}
	return 1
}

// agree compares the rows of the stream with the API's. What changes with each tick is compared only of those at rest.
func agree(p *client.Program, f *client.Follower) error {
	rows := p.Tree().Processes
	var wrong []error
	f.Look(func(m *client.Model) {
		if len(rows) != len(m.Live) {
			wrong = append(wrong, fmt.Errorf("the API has %d processes, the stream %d", len(rows), len(m.Live)))
		}
		for _, api := range rows {
			stream := m.Live[api.ID]
			a, s := api, stream
			for _, row := range []*client.Process{&a, &s} {
				if row.Progress != nil {
					a.Progress, s.Progress = nil, nil // it moves on between the two
				}
				if row.ID == 1 || api.State == "R" || stream.State == "R" {
					row.State, row.CPU, row.RSS, row.Threads, row.Core = "", 0, 0, 0, 0
				}
				row.Wait = nil
			}
			if a != s {
				wrong = append(wrong, fmt.Errorf("the API says %+v, the stream %+v", api, stream))
			}
		}
	})
	return errors.Join(wrong...)
}
