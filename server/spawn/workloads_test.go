//go:build linux

package spawn

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"vivero/server/proc"
	"vivero/server/refusal"
	"vivero/sim"
	"vivero/sim/control"
)

// The workloads that need children are tested here, for only here is somebody to ask for a place. What the kernel says is
// what counts: parents, states and ends are read from it.

// eventually waits for what only the kernel tells.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v for %s", patience, what)
		}
	}
}

// stateOf is the letter that ps shows, "" for a process that is gone.
func stateOf(pid int) string {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	return rest[:1]
}

func parentOf(pid int) int {
	ppid, _, _ := control.Identity(pid)
	return ppid
}

// all is what was started so far.
func (r *recorder) all() []Process {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.started)
}

func (r *recorder) output(pid int, stream string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.told[fmt.Sprint(pid, " ", stream)]
}

// ends is how those that have ended did.
func (r *recorder) ends() map[int]proc.Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.reaped)
}

// endCleanly sends SIGTERM to all, as soon as they have said hello, and waits until each has ended with exit status 0.
func endCleanly(t *testing.T, s *Spawner, r *recorder, processes ...Process) {
	t.Helper()
	for _, p := range processes {
		r.await(t, "hello", func() bool { return !r.hellos[p.Key.PID].IsZero() })
		if err := s.Signal(p.Key, syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range processes {
		r.await(t, fmt.Sprintf("the end of %s %s", p.Workload, p.Role), func() bool { return r.reaped[p.Key.PID].Known })
		if got := r.ends()[p.Key.PID]; got != (proc.Status{Known: true}) {
			t.Errorf("%s %s: after SIGTERM status %+v, want 0; stderr %q", p.Workload, p.Role, got, r.output(p.Key.PID, "stderr"))
		}
	}
}

func TestTreeIsOfRealChildren(t *testing.T) {
	s, r := start(t, Options{})
	root := one(t, s, Spec{Workload: "tree", Params: sim.Params{"depth": 2, "branching": 3, "grow_ms": 0}})
	r.await(t, "13 processes", func() bool { return len(r.started) == 13 })
	children := map[int]int{}
	roles := map[string]int{}
	for _, p := range r.all() {
		if ppid := parentOf(p.Key.PID); ppid != p.PPID {
			t.Errorf("%s %d: the kernel says ppid %d, told was %d", p.Role, p.Key.PID, ppid, p.PPID)
		}
		children[p.PPID]++
		roles[p.Role]++
	}
	if roles["root"] != 1 || roles["branch"] != 3 || roles["leaf"] != 9 {
		t.Errorf("roles %v, want 1 root, 3 branch, 9 leaf", roles)
	}
	for _, p := range r.all() {
		want := 3
		if p.Role == "leaf" {
			want = 0
		}
		if children[p.Key.PID] != want {
			t.Errorf("%s %d has %d children, want %d", p.Role, p.Key.PID, children[p.Key.PID], want)
		}
	}
	if children[os.Getpid()] != 1 || root.PPID != os.Getpid() {
		t.Errorf("%d processes are our own children, want the root only", children[os.Getpid()])
	}
	endCleanly(t, s, r, r.all()...)
}

// capped admits as long as live processes and those on their way stay within most.
func capped(most int) (Options, func() int) {
	var mu sync.Mutex
	live := 0
	return Options{Admit: func(n int) (func(int), error) {
		mu.Lock()
		defer mu.Unlock()
		if live+n > most {
			return nil, refusal.TooMany("too many processes (%d live, %d asked for, cap %d)", live, n, most)
		}
		live += n
		return func(started int) {
			mu.Lock()
			defer mu.Unlock()
			live -= n - started
		}, nil
	}}, func() int { mu.Lock(); defer mu.Unlock(); return live }
}

// Each of two trees asks for its children while the other is being forked: no place may count twice meanwhile.
func TestTreesFillTheCap(t *testing.T) {
	o, live := capped(6)
	s, r := start(t, o)
	spec := Spec{Workload: "tree", Params: sim.Params{"branching": 1, "grow_ms": 0}}
	if _, err := s.Start(t.Context(), []Spec{spec, spec}); err != nil {
		t.Fatalf("two trees of 3 under a cap of 6: %v", err)
	}
	r.await(t, "6 processes", func() bool { return len(r.started) == 6 && live() == 6 })
	if _, err := s.Start(t.Context(), []Spec{spec}); refusal.Status(err) != 429 || err.Error() != "too many processes (6 live, 1 asked for, cap 6)" {
		t.Errorf("a seventh: %v", err)
	}
	endCleanly(t, s, r, r.all()...)
}

func TestZombieStaysWithItsParent(t *testing.T) {
	s, r := start(t, Options{})
	parent := one(t, s, Spec{Workload: "zombie", Params: sim.Params{"children": 3}})
	r.await(t, "three children", func() bool { return len(r.started) == 4 })
	zombies := r.all()[1:]
	for _, z := range zombies {
		eventually(t, "the child to be a zombie", func() bool { return stateOf(z.Key.PID) == "Z" })
		if ppid := parentOf(z.Key.PID); ppid != parent.Key.PID || z.Role != "zombie" {
			t.Errorf("zombie %d, role %q: its parent is %d, want %d", z.Key.PID, z.Role, ppid, parent.Key.PID)
		}
	}
	if parent.Role != "parent" {
		t.Errorf("the role of the parent is %q", parent.Role)
	}
	// A further child, on order, is left uncollected as well; and the parent still takes orders.
	last := one(t, s, Spec{Workload: "crash", Params: sim.Params{"how": "segv", "delay_ms": 0}, Parent: parent.Key.PID})
	eventually(t, "the crashed child to be a zombie", func() bool { return stateOf(last.Key.PID) == "Z" })
	if got := r.ends(); len(got) != 0 {
		t.Errorf("told as reaped: %v, want none", got)
	}
	endCleanly(t, s, r, parent)
	// Now they are ours, and we collect them.
	for _, z := range zombies {
		r.await(t, "the zombie to be collected", func() bool { return r.reaped[z.Key.PID].Known })
	}
	r.await(t, "the crashed one to be collected", func() bool { return r.reaped[last.Key.PID].Signal == int(syscall.SIGSEGV) })
}

func TestOrphanIsAdopted(t *testing.T) {
	s, r := start(t, Options{})
	parent := one(t, s, Spec{Workload: "orphan", Params: sim.Params{"delay_ms": 300}})
	r.await(t, "the child", func() bool { return len(r.started) == 2 })
	orphan := r.all()[1]
	if orphan.PPID != parent.Key.PID || orphan.Role != "orphan" {
		t.Errorf("the child is %+v, want one of %d's, an orphan", orphan, parent.Key.PID)
	}
	r.await(t, "the parent's end", func() bool { return r.reaped[parent.Key.PID].Known })
	eventually(t, "the orphan to be ours", func() bool { return parentOf(orphan.Key.PID) == os.Getpid() })
	want := fmt.Sprintf("my parent %d has ended; %d has adopted me\n", parent.Key.PID, os.Getpid())
	r.await(t, "the orphan to notice", func() bool { return strings.HasSuffix(r.told[fmt.Sprint(orphan.Key.PID, " stdout")], want) })
	endCleanly(t, s, r, orphan)
}

func TestBombIsHeldByTheCap(t *testing.T) {
	const most = 30
	o, live := capped(most)
	s, r := start(t, o)
	bomb := one(t, s, Spec{Workload: "bomb"})
	r.await(t, "the cap", func() bool { return len(r.started) == most })
	refused := fmt.Sprintf("too many processes (%d live, 1 asked for, cap %[1]d)\n", most)
	r.await(t, "the bomb to be told so", func() bool { return r.told[fmt.Sprint(bomb.Key.PID, " stderr")] == refused })
	others := map[int]bool{}
	for _, p := range r.all() {
		others[p.PPID] = true
		if p.Key != bomb.Key && r.output(p.Key.PID, "stderr") != "" {
			t.Errorf("a copy said %q", r.output(p.Key.PID, "stderr"))
		}
	}
	if len(others) < 3 { // us, the bomb, and a copy
		t.Errorf("only %d processes have forked: the copies do not", len(others))
	}
	if len(r.all()) != most || live() != most {
		t.Errorf("%d started, %d places are taken, want %d", len(r.all()), live(), most)
	}
	endCleanly(t, s, r, r.all()...)
}

// TestEveryWorkloadStops: SIGTERM right after hello, wherever the work is by then, is a clean stop for each of them.
func TestEveryWorkloadStops(t *testing.T) {
	o, _ := capped(100) // in all, for nothing gives a place back: the bomb is held, whatever happens
	s, r := start(t, o)
	for _, w := range sim.Workloads {
		if slices.Contains([]string{"asker", "talker", "ender", "python"}, w.Name) { // those of the tests here; Python ends as Python does
			continue
		}
		p := one(t, s, Spec{Workload: w.Name})
		endCleanly(t, s, r, p)
	}
	// The children of tree, zombie, orphan and bomb outlive their parents; bombs go on as long as one is left.
	eventually(t, "all to be gone", func() bool {
		left := 0
		for _, p := range r.all() {
			if alive(p.Key) {
				left++
				var e *refusal.Error
				if err := s.Signal(p.Key, syscall.SIGKILL); err != nil && !errors.As(err, &e) {
					t.Fatal(err)
				}
			}
		}
		return left == 0
	})
}
