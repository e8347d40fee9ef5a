//go:build linux

package spawn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
	"vivero/server/refusal"
	"vivero/sim"
	"vivero/sim/control"
)

func TestWorkerIsStartedWorksAndEnds(t *testing.T) {
	s, r := start(t, Options{Env: append(os.Environ(), "VIVERO_TOKEN=geheim", "GOMAXPROCS=7")})
	p := one(t, s, Spec{Workload: "primes", Params: sim.Params{"n": 100_000}, Role: "first"})
	if p.PPID != os.Getpid() || p.Workload != "primes" || p.Role != "first" || p.Key.Start == 0 {
		t.Errorf("started %+v", p)
	}
	r.await(t, "its end", func() bool { return r.reaped[p.Key.PID].Known })
	if got := r.reaped[p.Key.PID]; got != (proc.Status{Known: true}) {
		t.Errorf("status %+v, want 0", got)
	}
	r.await(t, "its progress", func() bool { return r.progress[p.Key.PID] == 1 })
	stdout, stderr, ok := s.Output(p.Key)
	if string(stdout) != "primes up to 100000: 9592\n" || len(stderr) != 0 || !ok {
		t.Errorf("output %q, %q, %v", stdout, stderr, ok)
	}
	pid := p.Key.PID
	if got := strings.Join(r.order, ", "); got != fmt.Sprintf("started %d, output %d, reaped %d", pid, pid, pid) {
		t.Errorf("told in the order %s", got)
	}
	if r.admitted != 1 || r.released != 1 {
		t.Errorf("admitted %d, released %d, want 1 and 1", r.admitted, r.released)
	}
}

func TestWorkerSeesNoSecretAndHasAPlaceOfItsOwn(t *testing.T) {
	s, r := start(t, Options{Env: append(os.Environ(), "VIVERO_TOKEN=geheim", "VIVERO_VIEWER_TOKEN=geheim", "GOMAXPROCS=7")})
	p := one(t, s, Spec{Workload: "idle"})
	r.await(t, "its hello", func() bool { return !r.hellos[p.Key.PID].IsZero() })
	dir := "/proc/" + strconv.Itoa(p.Key.PID) + "/"
	for _, file := range []string{"environ", "cmdline"} {
		if b, err := os.ReadFile(dir + file); err != nil || bytes.Contains(b, []byte("geheim")) {
			t.Errorf("%s holds the secret, or cannot be read: %v", file, err)
		}
	}
	environ, _ := os.ReadFile(dir + "environ")
	if !bytes.Contains(environ, []byte("GOMAXPROCS=1\x00")) {
		t.Error("it runs without GOMAXPROCS=1")
	}
	if comm, _ := os.ReadFile(dir + "comm"); string(comm) != "idle\n" {
		t.Errorf("its name is %q", comm)
	}
	if group, err := unix.Getpgid(p.Key.PID); err != nil || group != p.Key.PID {
		t.Errorf("its process group is %d (%v), want %d", group, err, p.Key.PID)
	}
	if score, _ := os.ReadFile(dir + "oom_score_adj"); string(score) != "500\n" {
		t.Errorf("oom_score_adj is %q", score)
	}
	if stdin, _ := os.Readlink(dir + "fd/0"); stdin != "/dev/null" {
		t.Errorf("stdin is %s", stdin)
	}
}

func TestEndsAreTold(t *testing.T) {
	s, r := start(t, Options{})
	failed := one(t, s, Spec{Workload: "ender"})
	r.await(t, "the failed one's end", func() bool { return r.reaped[failed.Key.PID].Code == 1 })
	if _, stderr, _ := s.Output(failed.Key); string(stderr) != "ender: no reason at all\n" {
		t.Errorf("stderr %q", stderr)
	}
	clean := one(t, s, Spec{Workload: "idle"})
	killed := one(t, s, Spec{Workload: "idle"})
	r.await(t, "hello", func() bool { return len(r.hellos) == 3 })
	// hello comes before the handlers are set: TERM ends it either way, but the clean stop needs them.
	ready(t, clean.Key.PID)
	if err := errors.Join(s.Signal(clean.Key, syscall.SIGTERM), s.Signal(killed.Key, syscall.SIGKILL)); err != nil {
		t.Fatal(err)
	}
	r.await(t, "both ends", func() bool { return r.reaped[clean.Key.PID].Known && r.reaped[killed.Key.PID].Known })
	if got := r.reaped[clean.Key.PID]; got.Code != 0 || got.Signal != 0 {
		t.Errorf("a clean stop is status %+v, want 0", got)
	}
	if got := r.reaped[killed.Key.PID]; got.Signal != 9 {
		t.Errorf("killed: status %+v, want signal 9", got)
	}
}

// ready waits until idle waits for an event, which it does once it handles signals.
func ready(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/syscall", pid))
		if err != nil {
			t.Fatal(err)
		}
		if f := strings.Fields(string(b)); len(f) > 1 && f[0] == strconv.Itoa(unix.SYS_READ) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("pid %d does not wait: %s", pid, b)
		}
	}
}

func TestAllOrNone(t *testing.T) {
	full := errors.New("too many processes (1 live, cap 1)")
	for _, c := range []struct {
		name  string
		admit error
		specs []Spec
		want  string
	}{
		{"bad parameter", nil, []Spec{{Workload: "idle"}, {Workload: "primes", Params: sim.Params{"n": -5}}}, "start primes: n must be 1..1000000000, got -5"},
		{"unknown workload", nil, []Spec{{Workload: "idle"}, {Workload: "nothing"}}, `no workload "nothing"; there are primes`},
		{"bad role", nil, []Spec{{Workload: "idle", Role: "<img>"}}, "role must be"},
		{"cap", full, []Spec{{Workload: "idle"}, {Workload: "idle"}}, "cap 1"},
		{"foreign parent", nil, []Spec{{Workload: "idle"}, {Workload: "idle", Parent: 1}}, "start idle under pid 1: the parent is not a worker"},
		{"no such parent", nil, []Spec{{Workload: "idle", Parent: 4_000_000}}, "start idle under pid 4000000: the parent has ended"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := Options{}
			if c.admit != nil {
				o.Admit = func(int) (func(int), error) { return nil, c.admit }
			}
			s, r := start(t, o)
			got, err := s.Start(t.Context(), c.specs)
			if err == nil || !strings.Contains(err.Error(), c.want) || got != nil {
				t.Fatalf("got %v, %v; want an error with %q", got, err, c.want)
			}
			if len(r.started) != 0 {
				t.Errorf("started %v", r.started)
			}
		})
	}
}

func TestFailureAfterSomeStartedKillsThem(t *testing.T) {
	s, r := start(t, Options{})
	willing := one(t, s, Spec{Workload: "idle"})
	halted := one(t, s, Spec{Workload: "idle"})
	stopped(t, s, halted.Key)
	specs := []Spec{{Workload: "idle"}, {Workload: "idle", Parent: willing.Key.PID}, {Workload: "idle", Parent: halted.Key.PID}, {Workload: "idle", Parent: halted.Key.PID}}
	if _, err := s.Start(t.Context(), specs); refusal.Status(err) != 409 {
		t.Fatalf("got %v, want a conflict", err)
	}
	r.await(t, "the end of the one that had started", func() bool { return len(r.started) == 3 && r.reaped[r.started[2].Key.PID].Signal == 9 })
	if r.admitted != 6 || r.released != 3 {
		t.Errorf("admitted %d, released as started %d, want 6 and 3", r.admitted, r.released)
	}
	// Whatever it was ordered is void when it goes on: its next child is its only one.
	if err := s.Signal(halted.Key, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	child := one(t, s, Spec{Workload: "idle", Parent: halted.Key.PID})
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", halted.Key.PID))
	if err != nil {
		t.Fatal(err)
	}
	var children []byte
	for _, thread := range threads {
		some, _ := os.ReadFile(thread) // one may have ended
		children = append(children, some...)
	}
	if got := strings.TrimSpace(string(children)); got != fmt.Sprint(child.Key.PID) {
		t.Errorf("it has the children %q, want just %d", got, child.Key.PID)
	}
}

func TestSignalOnlyWhomItNames(t *testing.T) {
	s, r := start(t, Options{})
	p := one(t, s, Spec{Workload: "idle"})
	for _, c := range []struct {
		key    proc.Key
		signal syscall.Signal
		status int
	}{
		{proc.Key{PID: p.Key.PID, Start: p.Key.Start + 1}, syscall.SIGKILL, 404},
		{proc.Key{PID: p.Key.PID, Start: 0}, syscall.SIGKILL, 404},
		{proc.Key{PID: 4_000_000, Start: 5}, syscall.SIGKILL, 404},
		{proc.Key{PID: 0, Start: p.Key.Start}, syscall.SIGKILL, 403},
		{proc.Key{PID: -1, Start: p.Key.Start}, syscall.SIGKILL, 403},
		{proc.Key{PID: -p.Key.PID, Start: p.Key.Start}, syscall.SIGKILL, 403},
		{proc.Key{PID: 1, Start: 0}, syscall.SIGKILL, 403},
		{proc.Key{PID: os.Getpid(), Start: 1}, syscall.SIGKILL, 403},
		{p.Key, 0, 400},
		{p.Key, 65, 400},
	} {
		if err := s.Signal(c.key, c.signal); refusal.Status(err) != c.status {
			t.Errorf("signal %d to %+v: %v, want status %d", c.signal, c.key, err, c.status)
		}
	}
	if !alive(p.Key) {
		t.Fatal("it was hit")
	}
	if err := s.Signal(p.Key, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r.await(t, "its end", func() bool { return r.reaped[p.Key.PID].Signal == 9 })
	if err := s.Signal(p.Key, syscall.SIGKILL); refusal.Status(err) != 404 {
		t.Errorf("signal to one that has ended: %v", err)
	}
}

func TestProbeIsToldToNobody(t *testing.T) {
	s, r := start(t, Options{})
	pid, err := s.Probe()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := control.Identity(pid); err == nil {
		t.Error("the probe is still there")
	}
	if len(r.order) != 0 {
		t.Errorf("told %v, want nothing", r.order)
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	s, r := start(t, Options{})
	parent := one(t, s, Spec{Workload: "asker", Params: sim.Params{"n": 3}})
	r.await(t, "its children", func() bool { return len(r.started) == 4 })
	stopped(t, s, parent.Key)
	shell, err := s.Command("/bin/sh", []string{"sh", "-c", `trap '' TERM; (setsid env -i sleep 300 &); sleep 300 & wait`}, nil, [3]*os.File{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	one(t, s, Spec{Workload: "talker", Params: sim.Params{"how": "flood"}})
	all := append([]Process{}, r.started...)
	s.Close() // the rest is checked by start's cleanup
	for _, p := range append(all, shell) {
		if alive(p.Key) {
			t.Errorf("%+v is left", p)
		}
	}
	if _, err := s.Start(t.Context(), []Spec{{Workload: "idle"}}); !errors.Is(err, errClosed) {
		t.Errorf("start after Close: %v", err)
	}
	if _, err := s.Command("/bin/sh", []string{"sh"}, nil, [3]*os.File{}, 0); !errors.Is(err, errClosed) {
		t.Errorf("command after Close: %v", err)
	}
}

func TestStartIsCancelled(t *testing.T) {
	s, r := start(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Start(ctx, []Spec{{Workload: "idle"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if len(r.started) != 0 {
		t.Errorf("started %v", r.started)
	}
}
