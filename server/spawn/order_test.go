//go:build linux

package spawn

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"vivero/server/refusal"
	"vivero/sim"
	"vivero/sim/control"
)

func TestChildOfAWorkerIsReallyItsChild(t *testing.T) {
	s, r := start(t, Options{})
	parent := one(t, s, Spec{Workload: "idle"})
	child := one(t, s, Spec{Workload: "talker", Parent: parent.Key.PID, Role: "kid"})
	if child.PPID != parent.Key.PID {
		t.Errorf("ppid %d, want %d", child.PPID, parent.Key.PID)
	}
	r.await(t, "the parent's report of its end", func() bool { return r.reaped[child.Key.PID].Known })
	if stdout, _, _ := s.Output(child.Key); string(stdout) != "ñandú kid\n" {
		t.Errorf("stdout %q", stdout)
	}
	many := make([]Spec, 20)
	for i := range many {
		many[i] = Spec{Workload: "idle", Parent: parent.Key.PID}
	}
	children, err := s.Start(t.Context(), many)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range children {
		if ppid, start, err := control.Identity(p.Key.PID); err != nil || ppid != parent.Key.PID || start != p.Key.Start {
			t.Errorf("%+v: ppid %d, start %d, %v", p, ppid, start, err)
		}
	}
	// A grandchild, and children in the place of one whose parent has died: they come to us.
	grandchild := one(t, s, Spec{Workload: "idle", Parent: children[0].Key.PID})
	if err := s.Signal(children[0].Key, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r.await(t, "the parent's report", func() bool { return r.reaped[children[0].Key.PID].Signal == 9 })
	if ppid, _, _ := control.Identity(grandchild.Key.PID); ppid != os.Getpid() {
		t.Errorf("the orphan's ppid is %d, want ours", ppid)
	}
	under := one(t, s, Spec{Workload: "idle", Parent: grandchild.Key.PID})
	if ppid, _, _ := control.Identity(under.Key.PID); ppid != grandchild.Key.PID {
		t.Errorf("the orphan's child has ppid %d", ppid)
	}
	if err := s.Signal(grandchild.Key, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r.await(t, "the orphan's end, reaped by us", func() bool { return r.reaped[grandchild.Key.PID].Signal == 9 })
}

func TestWorkerAsks(t *testing.T) {
	s, r := start(t, Options{})
	p := one(t, s, Spec{Workload: "asker", Params: sim.Params{"n": 3}})
	r.await(t, "three children", func() bool { return len(r.started) == 4 })
	for _, child := range r.started[1:] {
		if child.PPID != p.Key.PID || child.Role != "kid" || !alive(child.Key) {
			t.Errorf("child %+v", child)
		}
	}
	r.await(t, "three releases", func() bool { return r.released == 4 && r.admitted == 4 })
}

func TestWorkerIsRefused(t *testing.T) {
	first := true
	s, r := start(t, Options{Admit: func(int) (func(int), error) {
		if first {
			first = false
			return func(int) {}, nil
		}
		return nil, refusal.TooMany("too many processes (1 live, cap 1)")
	}})
	p := one(t, s, Spec{Workload: "asker"})
	r.await(t, "the refusal", func() bool {
		return r.told[fmt.Sprint(p.Key.PID, " stdout")] == "child 0 too many processes (1 live, cap 1)\n"
	})
}

func TestStoppedParentIsAConflictAndForksNothingLater(t *testing.T) {
	s, r := start(t, Options{})
	parent := one(t, s, Spec{Workload: "idle"})
	r.await(t, "its hello", func() bool { return len(r.hellos) == 1 })
	stopped(t, s, parent.Key)
	begin := time.Now()
	_, err := s.Start(t.Context(), []Spec{{Workload: "idle", Parent: parent.Key.PID}})
	want := fmt.Sprintf("start idle under pid %d: the parent did not answer within 1 s; is it stopped? continue it first", parent.Key.PID)
	if refusal.Status(err) != 409 || err.Error() != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	if took := time.Since(begin); took < time.Second {
		t.Errorf("gave up after %v", took)
	}
	if err := s.Signal(parent.Key, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	// Orders are carried out in turn: when this one is, the stale one was passed over.
	child := one(t, s, Spec{Workload: "idle", Parent: parent.Key.PID})
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", parent.Key.PID))
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, task := range tasks {
		b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", parent.Key.PID, task.Name()))
		all += string(b)
	}
	if strings.TrimSpace(all) != strconv.Itoa(child.Key.PID) {
		t.Errorf("its children are %q, want only %d", all, child.Key.PID)
	}
}
