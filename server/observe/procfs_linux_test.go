package observe

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
)

// follower is a reader and all that it has told so far.
type follower struct {
	Reader
	t    testing.TB
	last map[int]proc.Sample
	gone []proc.Key
}

func follow(t testing.TB, r Reader, err error) *follower {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	f := &follower{Reader: r, t: t, last: map[int]proc.Sample{}}
	f.tick()
	return f
}

func (f *follower) tick() {
	f.t.Helper()
	o, err := f.Observe()
	if err != nil {
		f.t.Fatal(err)
	}
	for _, s := range o.Samples {
		f.last[s.PID] = s
	}
	for _, k := range o.Gone {
		if f.last[k.PID].Key == k {
			delete(f.last, k.PID)
		}
		f.gone = append(f.gone, k)
	}
}

// waitFor ticks until the sample of pid is as wanted.
func (f *follower) waitFor(what string, pid int, ok func(s proc.Sample) bool) {
	f.t.Helper()
	until(f.t, what, func() bool {
		f.tick()
		s, seen := f.last[pid]
		return seen && ok(s)
	})
}

func (f *follower) waitGone(key proc.Key) {
	f.t.Helper()
	until(f.t, "reported as gone", func() bool {
		f.tick()
		return slices.Contains(f.gone, key)
	})
}

func fast(t testing.TB) *follower {
	r, err := Procfs("/proc", os.Getpid())
	return follow(t, r, err)
}

func labelled(name string) func(proc.Sample) bool {
	return func(s proc.Sample) bool { return s.Label == name }
}

func inState(state byte) func(proc.Sample) bool {
	return func(s proc.Sample) bool { return s.State == state }
}

// TestStates: stop, continue, exec and the step to zombie are seen without being in turn for a full read.
func TestStates(t *testing.T) {
	f := fast(t)
	c := exec.Command("sh", "-c", "read line; exec sleep 600")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { c.Process.Kill(); c.Wait() }()
	pid := c.Process.Pid
	f.waitFor("the shell sleeps", pid, func(s proc.Sample) bool { return s.Label == "sh" && s.State == 'S' })
	if s := f.last[pid]; s.PPID != os.Getpid() || s.Name != "sh" || s.Threads != 1 || s.RSS == 0 || s.Core < 0 || s.Wait < 0 {
		t.Errorf("sample %+v", s)
	}
	io.WriteString(in, "go\n")
	f.waitFor("exec gives a new label", pid, func(s proc.Sample) bool { return s.Label == "sleep" && s.Name == "sleep" })
	f.waitFor("sleeps", pid, inState('S'))
	for range 3 {
		unix.Kill(pid, unix.SIGSTOP)
		f.waitFor("stopped", pid, inState('T'))
		unix.Kill(pid, unix.SIGCONT)
		f.waitFor("continues", pid, inState('S'))
	}
	unix.Kill(pid, unix.SIGKILL)
	f.waitFor("zombie", pid, inState('Z'))
	if s := f.last[pid]; s.Label != "sleep" || s.RSS != 0 {
		t.Errorf("zombie %+v", s)
	}
	key := f.last[pid].Key
	c.Wait()
	f.waitGone(key)
	if _, ok := f.Look(pid); ok {
		t.Error("Look finds a process that is gone")
	}
}

// TestClockGate: the steps are seen by the very next tick, and one that does nothing is not read.
func TestClockGate(t *testing.T) {
	f := fast(t)
	c := start(t, "sleep", "600")
	pid := c.Process.Pid
	f.waitFor("sleeps", pid, func(s proc.Sample) bool { return s.Label == "sleep" && s.State == 'S' })
	w := f.Reader.(*procfs).byPID[pid]
	reads := func() int {
		n := 0
		for range 10 {
			before := w.tick
			f.tick()
			if w.tick != before {
				n++
			}
		}
		return n
	}
	until(t, "a quiet second has one full read", func() bool { return reads() == 1 })
	for i := range 20 {
		unix.Kill(pid, unix.SIGSTOP)
		until(t, "the kernel says T", func() bool { s, _ := statOf("/proc", pid); return s.state == 'T' })
		f.tick()
		if f.last[pid].State != 'T' {
			t.Fatalf("round %d: one tick after the stop the reader says %c", i, f.last[pid].State)
		}
		unix.Kill(pid, unix.SIGCONT)
		until(t, "the kernel says S", func() bool { s, _ := statOf("/proc", pid); return s.state == 'S' })
		f.tick()
		if f.last[pid].State != 'S' {
			t.Fatalf("round %d: one tick after continuing the reader says %c", i, f.last[pid].State)
		}
	}
}

// TestExecOfTheSameName: a program that replaces itself by one with the same comm gets its label anew.
func TestExecOfTheSameName(t *testing.T) {
	f := fast(t)
	dir := t.TempDir()
	second := dir + "/second.sh"
	if err := os.WriteFile(second, []byte("read line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("sh", "-c", "read line; exec sh "+second)
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	f.waitFor("first", c.Process.Pid, labelled("sh"))
	io.WriteString(in, "go\n")
	f.waitFor("second", c.Process.Pid, labelled("second.sh"))
	in.Close()
	c.Wait()
	f.tick()
}

// TestReparented: when a parent ends, its child's new ppid is told although the child never ran.
func TestReparented(t *testing.T) {
	f := fast(t)
	c := exec.Command("sh", "-c", "sleep 600 & echo $!; read line")
	in, _ := c.StdinPipe()
	out, _ := c.StdoutPipe()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	orphan, _ := strconv.Atoi(strings.TrimSpace(line))
	f.waitFor("grandchild", orphan, func(s proc.Sample) bool {
		return s.PPID == c.Process.Pid && s.Label == "sleep" && s.State == 'S'
	})
	w := f.Reader.(*procfs).byPID[orphan]
	w.turn = 10 // never in turn: only the rule for orphans can find it
	in.Close()
	c.Wait()
	f.waitFor("adopted", orphan, func(s proc.Sample) bool { return s.PPID == os.Getpid() })
	key := f.last[orphan].Key
	unix.Kill(orphan, unix.SIGKILL)
	unix.Wait4(orphan, nil, 0, nil)
	f.waitGone(key)
}

// TestLook: one look is enough to be watched, and a process outside the tree never is.
func TestLook(t *testing.T) {
	f := fast(t)
	c := start(t, "sleep", "600")
	s, ok := f.Look(c.Process.Pid)
	if !ok || s.PPID != os.Getpid() || s.Start == 0 || s.Started.IsZero() {
		t.Fatalf("looked: %v %+v", ok, s)
	}
	if _, ok := f.Look(1); ok {
		t.Error("pid 1 is not of this tree")
	}
	if _, ok := f.Look(os.Getppid()); ok {
		t.Error("our parent is not of this tree")
	}
	c.Process.Kill()
	c.Wait()
	if _, ok := f.Look(c.Process.Pid); ok {
		t.Error("it is gone")
	}
	f.tick()
	if _, still := f.last[c.Process.Pid]; still {
		t.Error("a process that a look found gone was told again")
	}
}

// TestChildrenOfThreads: each thread has a list of children of its own.
func TestChildrenOfThreads(t *testing.T) {
	f := fast(t)
	const script = `
import subprocess, sys, threading
done, line = threading.Event(), threading.Lock()
def work():
    p = subprocess.Popen(["sleep", "600"])
    with line: print(p.pid, flush=True)
    done.wait(); p.kill(); p.wait()
ts = [threading.Thread(target=work) for _ in range(4)]
[t.start() for t in ts]
sys.stdin.read(); done.set(); [t.join() for t in ts]
`
	c := exec.Command("python3", "-c", script)
	in, _ := c.StdinPipe()
	out, _ := c.StdoutPipe()
	if err := c.Start(); err != nil {
		t.Skip("no python3: ", err)
	}
	defer c.Wait()
	defer in.Close()
	lines := bufio.NewScanner(out)
	for i := 0; i < 4 && lines.Scan(); i++ {
		pid, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatal(err)
		}
		f.waitFor("child of a thread", pid, func(s proc.Sample) bool { return s.PPID == c.Process.Pid })
	}
	f.waitFor("threads are counted", c.Process.Pid, func(s proc.Sample) bool { return s.Threads == 5 })
}

// TestNoDescriptorsLeft: 200 processes later as many descriptors are open as before.
func TestNoDescriptorsLeft(t *testing.T) {
	f := fast(t)
	f.tick()
	before := descriptors()
	room := f.Reader.(*procfs).budget.left
	for range 200 {
		c := exec.Command("true")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		f.Look(c.Process.Pid)
		c.Wait()
		f.tick()
	}
	until(t, "all are gone", func() bool { f.tick(); return len(f.last) == 1 })
	if n := descriptors(); n > before+4 { // threads of the test may come, each with its list of children
		t.Errorf("%d descriptors before, %d after", before, n)
	}
	if r := f.Reader.(*procfs); room-r.budget.left > 4 {
		t.Errorf("budget %d before, %d after", room, r.budget.left)
	}
	f.Close()
	if r := f.Reader.(*procfs); r.budget.left != newBudget().left {
		t.Errorf("closed, but %d descriptors are still counted as held", newBudget().left-r.budget.left)
	}
}

// TestWithoutBudget: the same is seen when no descriptor may be held.
func TestWithoutBudget(t *testing.T) {
	r, err := Procfs("/proc", os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	r.(*procfs).drop(r.(*procfs).order[0])
	r.(*procfs).order = nil
	r.(*procfs).budget.left = 0
	r.(*procfs).watch(os.Getpid())
	before := descriptors()
	f := follow(t, r, nil)
	c := start(t, "sh", "-c", "sleep 600 & wait")
	f.waitFor("sh", c.Process.Pid, labelled("sh"))
	until(t, "its child", func() bool {
		f.tick()
		for _, s := range f.last {
			if s.PPID == c.Process.Pid && s.Label == "sleep" {
				unix.Kill(s.PID, unix.SIGKILL)
				return true
			}
		}
		return false
	})
	key := f.last[c.Process.Pid].Key
	c.Wait()
	f.waitGone(key)
	if n := descriptors(); n > before+2 {
		t.Errorf("%d descriptors before, %d after", before, n)
	}
}

// TestSteadyTickAllocatesNothing: ten idle children, and the test itself with its threads.
func TestSteadyTickAllocatesNothing(t *testing.T) {
	f := fast(t)
	for range 10 {
		c := start(t, "sleep", "600")
		f.waitFor("sleeps", c.Process.Pid, func(s proc.Sample) bool { return s.Label == "sleep" && s.State == 'S' })
	}
	for range 20 {
		f.tick()
	}
	// Rounded down by AllocsPerRun: a thread that comes or goes in between is allowed its path.
	if n := testing.AllocsPerRun(200, func() { f.Observe() }); n != 0 {
		t.Errorf("%v allocations in a tick", n)
	}
}

// A reader that is told of forks watches what it is told of, and looks for the others in the end.
func TestToldReader(t *testing.T) {
	r, err := Procfs("/proc", os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	observe := func() map[int]bool {
		o, err := r.Observe()
		if err != nil {
			t.Fatal(err)
		}
		seen := map[int]bool{}
		for _, s := range o.Samples {
			seen[s.PID] = true
		}
		return seen
	}
	observe()
	r.Told(true)
	told, untold := start(t, "sleep", "100").Process.Pid, start(t, "sleep", "100").Process.Pid
	r.Expect(told)
	if seen := observe(); !seen[told] {
		t.Error("it was told of, and not watched in the next tick")
	}
	for tick := 0; !observe()[untold]; tick++ {
		if tick > 100 {
			t.Fatal("nobody told of it, and a hundred ticks did not find it")
		}
	}
}
