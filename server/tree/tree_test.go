package tree

import (
	"fmt"
	"math/rand"
	"testing"
	"time"

	"vivero/server/proc"
)

const ms = time.Millisecond

func sample(pid, ppid int, name string) proc.Sample {
	return proc.Sample{Key: proc.Key{PID: pid, Start: uint64(pid) * 10}, PPID: ppid, Name: name, Label: name, State: 'S',
		RSS: 1 << 20, Threads: 1, Core: 0, Wait: -1, Started: time.UnixMilli(int64(pid))}
}

// newTree has the root, pid 10, already seen and taken.
func newTree() *Tree {
	t := New(sample(10, 9, "exe"), proc.Host{}, "procfs")
	t.Take(0)
	return t
}

func forked(pid, ppid int, name string) proc.Event {
	s := sample(pid, ppid, name)
	return proc.Event{Kind: proc.Forked, PID: pid, PPID: ppid, Sample: &s}
}

func TestForkExecExit(t *testing.T) {
	tr := newTree()
	tr.Happened(forked(11, 10, "vivero"), 1)
	tr.Happened(forked(12, 11, "sh"), 2)
	exec := sample(12, 11, "true")
	tr.Happened(proc.Event{Kind: proc.Execed, PID: 12, Sample: &exec}, 3)
	d := tr.Take(4)
	if len(d.Rows) != 2 || d.Rows[1].Name != "true" || d.Rows[1].Parent != d.Rows[0].ID || d.Rows[0].Parent != Root {
		t.Fatalf("rows: %+v", d.Rows)
	}
	if len(d.Events) != 2 || d.Events[1].Kind != "spawned" || d.Events[1].Name != "true" || d.Events[1].PPID != 11 {
		t.Fatalf("events: %+v", d.Events)
	}
	tr.Happened(proc.Event{Kind: proc.Exited, PID: 12, Status: proc.Status{Known: true, Code: 3}}, 5)
	if tr.ID(12) == 0 {
		t.Fatal("it left before its parent collected it")
	}
	tr.Gone(12, 6)
	d = tr.Take(7)
	if len(d.Gone) != 1 || len(d.Events) != 1 || *d.Events[0].Status != 3 || d.Events[0].Label != "true" {
		t.Fatalf("end: %+v", d)
	}
	if e, ok := tr.Ended(d.Gone[0]); !ok || e.Status.Code != 3 {
		t.Fatal("an ended process is not remembered")
	}
}

// A process too short-lived for any look still has its pid, its parent, its name and its end.
func TestShortLived(t *testing.T) {
	tr := newTree()
	tr.Happened(proc.Event{Kind: proc.Forked, PID: 11, PPID: 10}, 1)
	tr.Happened(proc.Event{Kind: proc.Execed, PID: 11}, 1)
	tr.Happened(proc.Event{Kind: proc.Exited, PID: 11, Status: proc.Status{Known: true, Signal: 9}, Name: "true", CPU: 2 * ms, RSS: 4096}, 1)
	tr.Gone(11, 2)
	d := tr.Take(3)
	if len(d.Rows)+len(d.Gone) != 0 {
		t.Fatalf("a row that nobody saw: %+v", d)
	}
	e := d.Events[1]
	if len(d.Events) != 2 || d.Events[0].Name != "true" || d.Events[0].PPID != 10 || e.Signal != "KILL" || *e.CPU != 0.002 || *e.RSS != 4096 || e.Status != nil {
		t.Fatalf("events: %+v", d.Events)
	}
}

func TestOrphanIsAdopted(t *testing.T) {
	tr := newTree()
	tr.Happened(forked(11, 10, "a"), 1)
	tr.Happened(forked(12, 11, "b"), 1)
	tr.Take(1)
	tr.Reaped(11, proc.Status{Known: true}, 2)
	d := tr.Take(3)
	if len(d.Rows) != 1 || d.Rows[0].Parent != Root || d.Rows[0].PPID != 10 || !d.Rows[0].Adopted {
		t.Fatalf("orphan: %+v", d.Rows)
	}
}

// One that the kernel told of before Started did is counted as such only until then.
func TestUnclaimed(t *testing.T) {
	tr := newTree()
	if n := tr.Unclaimed(); n != 0 {
		t.Errorf("the root alone: %d", n)
	}
	tr.Happened(forked(11, 10, "exe"), 1)
	tr.Happened(forked(12, 11, "sh"), 1) // of a program that is not ours, as far as we know
	if n := tr.Unclaimed(); n != 1 {
		t.Errorf("a fork of ours and one of a stranger's: %d", n)
	}
	tr.Started(proc.Key{PID: 11, Start: 110}, 10, "idle", "", 0, 2)
	if n := tr.Unclaimed(); n != 1 { // 12 is a worker's child now
		t.Errorf("a worker and its fork: %d", n)
	}
	tr.Started(proc.Key{PID: 12, Start: 120}, 11, "idle", "", 0, 2)
	if n := tr.Unclaimed(); n != 0 {
		t.Errorf("both told: %d", n)
	}
}

// The spawned event names who forked the process, though that has ended before the event is told.
func TestSpawnedNamesTheForker(t *testing.T) {
	tr := newTree()
	tr.Happened(forked(11, 10, "sh"), 1)
	tr.Take(2)
	tr.Happened(forked(12, 11, "sh"), 3)
	tr.Reaped(11, proc.Status{Known: true}, 4)
	d := tr.Take(5)
	if e := d.Events[0]; e.Kind != "spawned" || e.PPID != 11 || e.Parent != 2 {
		t.Errorf("told as %+v, want the parent 11", e)
	}
	if p, _ := tr.Process(3); p.PPID != 10 || p.Parent != Root || !p.Adopted {
		t.Errorf("the row is %+v, want it adopted", p)
	}
}

// While a process is being collected the kernel says that its parent is 0.
func TestCollectedKeepsItsParent(t *testing.T) {
	tr := newTree()
	tr.Happened(forked(11, 10, "sh"), 1)
	e := forked(12, 11, "true")
	e.Sample.PPID, e.Sample.State = 0, 'X'
	tr.Happened(e, 2)
	tr.Gone(12, 3)
	d := tr.Take(4)
	if s, x := d.Events[1], d.Events[2]; s.PPID != 11 || s.Parent != 2 || x.PPID != 11 {
		t.Errorf("spawned %+v, exited %+v, want the parent 11", s, x)
	}
}

// A look at /proc may find a process gone before the kernel's event of its end is handled: how it ended is still told.
func TestGoneBeforeItsEndIsTold(t *testing.T) {
	tr := newTree()
	none := 0
	tr.Missed(&none, true)
	tr.Happened(forked(11, 10, "true"), 1)
	tr.Happened(forked(12, 10, "true"), 1)
	tr.Take(2)
	tr.Gone(11, 3)
	tr.Observe(proc.Observation{At: lateness, Gone: []proc.Key{{PID: 12, Start: 120}}}, 4)
	tr.Happened(forked(12, 10, "true"), 5) // that comes late, too
	tr.Observe(proc.Observation{At: lateness + 100*ms}, 5)
	if d := tr.Take(5); len(d.Gone) != 1 || len(d.Events) != 1 || d.Events[0].PID != 11 || d.Events[0].Status != nil {
		t.Fatalf("of 11 nothing came for long, and 12 is to wait: %+v", d)
	}
	tr.Happened(proc.Event{Kind: proc.Exited, PID: 12, PPID: 10, Status: proc.Status{Known: true, Code: 3}}, 6)
	if d := tr.Take(7); len(d.Gone) != 1 || d.Events[0].PID != 12 || d.Events[0].Status == nil || *d.Events[0].Status != 3 {
		t.Fatalf("12 ended with 3: %+v", d)
	}
}

// A parent that collects its child and ends at once is gone before the child's end is told: it was the parent all the same.
func TestExitedNamesTheParentAtTheEnd(t *testing.T) {
	tr := newTree()
	tr.Happened(forked(11, 10, "make"), 1)
	tr.Happened(forked(12, 11, "true"), 1)
	tr.Happened(proc.Event{Kind: proc.Exited, PID: 12, PPID: 11, Status: proc.Status{Known: true}}, 2)
	tr.Happened(proc.Event{Kind: proc.Exited, PID: 11, PPID: 10, Status: proc.Status{Known: true}}, 2)
	tr.Gone(11, 3)
	tr.Gone(12, 3)
	d := tr.Take(4)
	if e := d.Events[len(d.Events)-1]; e.Kind != "exited" || e.PID != 12 || e.PPID != 11 {
		t.Errorf("told as %+v, want the parent 11", e)
	}
}

// What a process wrote last may be read after its end.
func TestOutputAfterTheEnd(t *testing.T) {
	tr := newTree()
	tr.Happened(forked(11, 10, "crash"), 1)
	tr.Reaped(11, proc.Status{Known: true, Code: 2}, 2)
	tr.Take(3)
	tr.Output(11, "stderr", "panic: …", 0, 4)
	tr.Output(12, "stderr", "of nobody", 0, 4)
	if d := tr.Take(5); len(d.Events) != 1 || d.Events[0].ID != 2 || d.Events[0].Text != "panic: …" {
		t.Errorf("told %+v", d.Events)
	}
}

// A worker that was killed at once may be collected before the kernel's event of its fork is handled.
func TestForkToldAfterTheEnd(t *testing.T) {
	tr := newTree()
	tr.Started(proc.Key{PID: 11, Start: 110}, 10, "idle", "", 5000*ms, 1)
	tr.Reaped(11, proc.Status{Known: true, Signal: 9}, 2)
	tr.Take(3)
	e := forked(11, 10, "exe")
	e.At, e.Sample = 4999*ms, nil
	tr.Happened(e, 4)
	if d := tr.Take(5); len(d.Events) > 0 {
		t.Errorf("told a second time: %+v", d.Events)
	}
	e.At = 6500 * ms // the pid is reused
	tr.Happened(e, 6)
	if d := tr.Take(7); len(d.Events) != 1 || d.Events[0].Kind != "spawned" {
		t.Errorf("told %+v, want another process", d.Events)
	}
}

func TestReusedPID(t *testing.T) {
	tr := newTree()
	tr.Happened(forked(11, 10, "old"), 1)
	first := tr.ID(11)
	again := sample(11, 10, "new")
	again.Start = 999
	tr.Happened(proc.Event{Kind: proc.Forked, PID: 11, PPID: 10, Sample: &again}, 2)
	if second := tr.ID(11); second == first || second == 0 {
		t.Fatalf("ids %d and %d: a reused pid must be another process", first, second)
	}
	if tr.Len() != 1 {
		t.Fatalf("%d live", tr.Len())
	}
}

func TestStartedBeforeOrAfterTheFork(t *testing.T) {
	for _, first := range []bool{true, false} {
		tr := newTree()
		if !first {
			tr.Happened(forked(11, 10, "exe"), 1)
		}
		id := tr.Started(proc.Key{PID: 11, Start: 110}, 10, "primes", "worker", 0, 1)
		if first {
			tr.Happened(forked(11, 10, "exe"), 1)
		}
		d := tr.Take(1)
		if len(d.Rows) != 1 || d.Rows[0].ID != id || d.Rows[0].Label != "primes" || d.Rows[0].Role != "worker" {
			t.Fatalf("first=%v: %+v", first, d.Rows)
		}
		if len(d.Events) != 1 || d.Events[0].Workload != "primes" {
			t.Fatalf("first=%v: %+v", first, d.Events)
		}
		tr.Reaped(11, proc.Status{Known: true}, 2)
		if again := tr.Started(proc.Key{PID: 11, Start: 110}, 10, "primes", "", 0, 3); again != id {
			t.Fatalf("an ended process started again as %d", again)
		}
	}
}

// The share of a core is that of the last second, from the first tick on, and falls back to 0.
func TestCPU(t *testing.T) {
	tr := newTree()
	cpu := func() float64 { p, _ := tr.Process(2); return p.CPU }
	s := sample(11, 10, "busy")
	s.Wait = 0
	tr.Observe(proc.Observation{At: 10 * time.Second, Samples: []proc.Sample{s}}, 1)
	for i := 1; i <= 15; i++ { // half a core for 1.5 s
		s.CPU += 50 * ms
		s.Wait += 25 * ms
		tr.Observe(proc.Observation{At: 10*time.Second + time.Duration(i)*100*ms, Samples: []proc.Sample{s}}, 1)
		if cpu() != 0.5 {
			t.Fatalf("tick %d: %v of a core, want 0.5", i, cpu())
		}
	}
	if p, _ := tr.Process(2); *p.Wait != 0.25 {
		t.Fatalf("wait %v, want 0.25", *p.Wait)
	}
	for i := 1; i <= 10; i++ { // it stops: no more samples come
		tr.Observe(proc.Observation{At: 11500*ms + time.Duration(i)*100*ms}, 1)
	}
	if cpu() != 0 || len(tr.warm) != 0 {
		t.Fatalf("%v of a core a second after it stopped, %d warm", cpu(), len(tr.warm))
	}
	tr.Take(1)
	s.CPU += 100 * ms // one whole tick after ten idle seconds is a tenth of the last second
	tr.Observe(proc.Observation{At: 22400 * ms}, 1)
	tr.Observe(proc.Observation{At: 22500 * ms, Samples: []proc.Sample{s}}, 1)
	if cpu() != 0.1 {
		t.Fatalf("%v of a core, want 0.1", cpu())
	}
	if d := tr.Take(1); len(d.Values) != 1 || len(d.Rows) != 0 {
		t.Fatalf("only values changed: %+v", d)
	}
}

func TestNothingChangedIsEmpty(t *testing.T) {
	tr := newTree()
	s := sample(11, 10, "idle")
	tr.Observe(proc.Observation{At: 100 * ms, Samples: []proc.Sample{s}}, 1)
	tr.Machine(proc.Machine{Busy: []float64{0.5}, MemoryTotal: 8 << 30, MemoryUsed: 1 << 30})
	tr.Take(1)
	tr.Observe(proc.Observation{At: 200 * ms, Samples: []proc.Sample{s}}, 2)
	tr.Machine(proc.Machine{Busy: []float64{0.5}, MemoryTotal: 8 << 30, MemoryUsed: 1<<30 + 4096})
	if d := tr.Take(2); d.Changed() || len(d.Events) > 0 {
		t.Fatalf("nothing happened, but: %+v", d)
	}
}

func TestEventsAreNumberedAndBounded(t *testing.T) {
	tr := newTree()
	for pid := 11; pid < 11+700; pid++ {
		tr.Happened(forked(pid, 10, "x"), 1)
		tr.Gone(pid, 1)
	}
	s := tr.Snapshot(1)
	if len(s.Events) != kept || s.Seq != 1400 || s.Events[0].Seq != 401 {
		t.Fatalf("%d events up to %d, the first %d", len(s.Events), s.Seq, s.Events[0].Seq)
	}
	for i := 1; i < len(s.Events); i++ {
		if s.Events[i].Seq != s.Events[i-1].Seq+1 {
			t.Fatal("a gap in the numbers")
		}
	}
}

// Deltas applied to what a viewer has give the snapshot, whatever happens.
func TestDeltasEqualSnapshot(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	tr := newTree()
	seen := map[int]Process{}
	for _, p := range tr.Snapshot(0).Processes {
		seen[p.ID] = p
	}
	alive := []int{10}
	next := 11
	cpu := map[int]time.Duration{}
	parents := map[int]int{10: 9}
	for step := range 3000 {
		at := time.Duration(step) * 50 * ms
		i := random.Intn(len(alive))
		switch pid := alive[i]; random.Intn(5) {
		case 0, 1:
			tr.Happened(forked(next, pid, fmt.Sprint("p", next)), int64(step))
			parents[next] = pid
			alive = append(alive, next)
			next++
		case 2:
			if pid == 10 {
				break
			}
			tr.Gone(pid, int64(step))
			alive = append(alive[:i], alive[i+1:]...)
			for child, parent := range parents {
				if parent == pid {
					parents[child] = 10
				}
			}
		default:
			cpu[pid] += time.Duration(random.Intn(50)) * ms
			s := sample(pid, parents[pid], fmt.Sprint("p", pid))
			s.CPU = cpu[pid]
			tr.Observe(proc.Observation{At: at, Samples: []proc.Sample{s}}, int64(step))
		}
		if step%7 == 0 {
			d := tr.Take(int64(step))
			for _, p := range append(d.Rows, d.Values...) {
				seen[p.ID] = p
			}
			for _, id := range d.Gone {
				if _, ok := seen[id]; !ok {
					t.Fatalf("%d left without having come", id)
				}
				delete(seen, id)
			}
			for _, p := range tr.Snapshot(int64(step)).Processes {
				if got := seen[p.ID]; fmt.Sprint(view(got)) != fmt.Sprint(view(p)) {
					t.Fatalf("step %d: viewer has %+v, tree %+v", step, got, p)
				}
			}
			if len(seen) != tr.Len()+1 {
				t.Fatalf("viewer has %d, tree %d", len(seen), tr.Len()+1)
			}
		}
	}
}

// view is a process without pointers.
func view(p Process) any {
	deref := func(f *float64) any {
		if f == nil {
			return nil
		}
		return *f
	}
	w, pr := deref(p.Wait), deref(p.Progress)
	p.Wait, p.Progress = nil, nil
	return []any{p, w, pr}
}
