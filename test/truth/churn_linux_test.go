package truth_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vivero/test/client"
)

// holdings is what a process holds.
type holdings struct{ descriptors, threads, rss int }

func holdingsOf(t testing.TB, pid int) (h holdings) {
	t.Helper()
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	h.descriptors = len(files)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		fields := strings.Fields(line)
		switch fields[0] {
		case "Threads:":
			h.threads, err = strconv.Atoi(fields[1])
		case "VmRSS:":
			h.rss, err = strconv.Atoi(fields[1])
			h.rss <<= 10
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// TestChurn starts and kills many processes beside some that must not be hit, and sees that the server holds no more
// afterwards than before.
func TestChurn(t *testing.T) {
	p := boot(t)
	canaries := p.Start("idle", nil, 0, 3)
	f := p.Follow(client.Presenter, nil)
	cycles := func(n int) {
		for i := range n {
			parent := 0
			if i%5 == 0 {
				parent = canaries[i%3].ID
			}
			hit := p.Start("idle", nil, parent, 1)[0]
			if got := p.Signal(hit.ID, "KILL", i%2 == 0); !slices.Equal(got, []int{hit.ID}) {
				t.Fatalf("killed %v, want just %d", got, hit.ID)
			}
		}
		f.Await("only the canaries are left", func(m *client.Model) bool { return len(m.Live) == 1+len(canaries) })
	}
	cycles(100) // caches and pools are full then
	before := holdingsOf(t, p.Server)
	cycles(300)
	var after holdings
	client.Eventually(t, "the server lets go of what it held", func() error {
		after = holdingsOf(t, p.Server)
		if after.descriptors > before.descriptors || after.threads > before.threads+2 || after.rss > before.rss+before.rss/4 {
			return fmt.Errorf("before %+v, after %+v", before, after)
		}
		return nil
	})
	t.Logf("before 300 cycles %+v, after %+v", before, after)
	f.Look(func(m *client.Model) {
		hit := map[int]bool{}
		for _, e := range m.Events {
			if e.Kind == "signalled" {
				hit[e.ID] = true
			}
		}
		for _, canary := range canaries {
			if row := m.Live[canary.ID]; row.PID != canary.PID || row.State != "S" || hit[canary.ID] {
				t.Errorf("the canary %v is now %+v, signalled: %v", canary, row, hit[canary.ID])
			}
		}
		killed := 0
		for _, e := range m.Exited {
			if e.Signal == "KILL" {
				killed++
			}
		}
		if killed != 400 || len(hit) != 400 {
			t.Errorf("%d were told as signalled, %d as killed, want 400", len(hit), killed)
		}
	})
}

// TestEndAll leaves the root and nothing else, whatever state the others are in.
func TestEndAll(t *testing.T) {
	p := boot(t)
	f := p.Follow(client.Presenter, nil)
	p.Start("tree", client.M{"grow_ms": 0}, 0, 1)
	p.Start("zombie", nil, 0, 1)
	p.Start("orphan", client.M{"delay_ms": 0}, 0, 1)
	p.Start("primes", nil, 0, 2)
	stopped := p.Start("idle", nil, 0, 1)[0]
	below := p.Start("wait", nil, stopped.ID, 1)[0]
	p.Signal(stopped.ID, "STOP", false)
	f.Await("all are there", func(m *client.Model) bool {
		return len(m.Live) == 1+7+2+1+2+2 && m.Live[stopped.ID].State == "T" && m.Live[below.ID].Parent == stopped.ID
	})
	p.Must(200, "POST", "/api/end-all", nil, nil)
	f.Await("only the root is left", func(m *client.Model) bool { return len(m.Live) == 1 && m.Live[1].PID == p.Server })
	if left := pids(t, p); len(left) > 0 {
		t.Errorf("the kernel still has %v", left)
	}
	if rows := p.Tree().Processes; len(rows) != 1 || rows[0].ID != 1 {
		t.Errorf("the tree is %+v", rows)
	}
}

// TestBomb: a fork bomb fills the cap and never exceeds it, the server answers meanwhile, and one click ends it.
func TestBomb(t *testing.T) {
	const most = 60
	p := boot(t, "--max-processes", fmt.Sprint(most))
	f := p.Follow(client.Presenter, nil)
	p.Start("bomb", nil, 0, 1)
	f.Await("the bomb has filled the cap", func(m *client.Model) bool { return len(m.Live) == 1+most })
	ticks := 0
	f.Look(func(m *client.Model) { ticks = m.Ticks })
	for done := false; !done; {
		if n := len(pids(t, p)); n > most {
			t.Fatalf("the kernel has %d processes, the cap is %d", n, most)
		}
		if n := len(p.Tree().Processes) - 1; n > most {
			t.Fatalf("the tree has %d processes, the cap is %d", n, most)
		}
		if status, answer := p.Call(client.Presenter, "POST", "/api/processes", client.M{"workload": "idle"}); status != 429 {
			t.Fatalf("a start beside the bomb: %d %s", status, answer)
		}
		f.Look(func(m *client.Model) {
			if len(m.Live) > 1+most {
				t.Fatalf("the stream has %d processes, the cap is %d", len(m.Live)-1, most)
			}
			done = m.Ticks >= ticks+15
		})
	}
	p.Must(200, "POST", "/api/end-all", nil, nil)
	f.Await("only the root is left", func(m *client.Model) bool { return len(m.Live) == 1 })
	if left := pids(t, p); len(left) > 0 {
		t.Errorf("the kernel still has %v", left)
	}
	f.Look(func(m *client.Model) { t.Logf("%d processes were started", len(m.Spawned)) })
	p.Start("idle", nil, 0, most) // there is room again
}
