//go:build linux

package spawn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

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
	handles(t, clean.Key.PID, unix.SIGTERM)
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

// handles waits until the process waits for an event, which idle does once it is ready for signals.
func handles(t *testing.T, pid int, _ syscall.Signal) {
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

func TestForeignCommandAndItsOrphan(t *testing.T) {
	s, r := start(t, Options{})
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	p, err := s.Command("/bin/sh", []string{"sh", "-c", `setsid sleep 300 >/dev/null & echo $! $VIVERO_TOKEN; exit 7`}, append(os.Environ(), "VIVERO_TOKEN=x"), [3]*os.File{nil, write, nil}, 0)
	write.Close()
	if err != nil {
		t.Fatal(err)
	}
	r.await(t, "its end", func() bool { return r.reaped[p.Key.PID].Code == 7 })
	text := make([]byte, 100)
	n, _ := read.Read(text)
	orphan, err := strconv.Atoi(strings.TrimSpace(string(text[:n])))
	if err != nil {
		t.Fatalf("it wrote %q", text[:n])
	}
	ppid, begun, err := control.Identity(orphan)
	if err != nil || ppid != os.Getpid() {
		t.Fatalf("the orphan's parent is %d (%v), want us", ppid, err)
	}
	if err := s.Signal(proc.Key{PID: orphan, Start: begun}, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	r.await(t, "the orphan's end", func() bool { return r.reaped[orphan].Signal == 15 })
}

func TestCommandErrorsAreThoseOfAShell(t *testing.T) {
	s, r := start(t, Options{})
	dir := t.TempDir()
	plain := dir + "/plain"
	if err := os.WriteFile(plain, []byte("exit 5\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for path, status := range map[string]int{dir + "/nothing": 127, plain + "/below": 127, plain: 126, dir: 126, "": 127} {
		var e *CommandError
		if _, err := s.Command(path, []string{"name"}, nil, [3]*os.File{}, 0); !errors.As(err, &e) || e.Status != status {
			t.Errorf("run %q: %v, want status %d", path, err, status)
		}
	}
	if r.released != 0 || len(r.started) != 0 {
		t.Errorf("%d are said to have started: %v", r.released, r.started)
	}
	if err := os.Chmod(plain, 0o755); err != nil {
		t.Fatal(err)
	}
	p, err := s.Command(plain, []string{"plain"}, nil, [3]*os.File{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	r.await(t, "the script without '#!'", func() bool { return r.reaped[p.Key.PID].Code == 5 })
	// A group of ours, as under a terminal.
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Fatal(err)
	}
	group, err := s.Command(sleep, []string{"sleep", "300"}, nil, [3]*os.File{}, unix.Getpgrp())
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := unix.Getpgid(group.Key.PID); got != unix.Getpgrp() {
		t.Errorf("its group is %d, want %d", got, unix.Getpgrp())
	}
}

func TestOutputFlood(t *testing.T) {
	s, r := start(t, Options{})
	p := one(t, s, Spec{Workload: "talker", Params: sim.Params{"how": "flood"}})
	r.await(t, "ten tellings and a skip", func() bool { return len(r.calls) >= 10 && r.skipped > 1<<20 })
	if err := s.Signal(p.Key, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r.await(t, "its end", func() bool { return r.reaped[p.Key.PID].Signal == 9 })
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.largest > tellSize {
		t.Errorf("%d bytes were told at once, at most %d may be", r.largest, tellSize)
	}
	// Two streams; the last telling of each may come at once.
	if most := 2*(int(r.calls[len(r.calls)-1].Sub(r.calls[0])/tellEvery)+1) + 2; len(r.calls) > most {
		t.Errorf("told %d times, at most %d", len(r.calls), most)
	}
	stdout, stderr, ok := s.Output(p.Key)
	if !ok || len(stdout) != keep || string(stderr) != "a sentence for stderr\n" {
		t.Errorf("output: %d bytes, %q, %v", len(stdout), stderr, ok)
	}
}

func TestHostileWorkers(t *testing.T) {
	hostile := func(how string) Options { return Options{Env: append(os.Environ(), "HOSTILE="+how)} }
	t.Run("garbage", func(t *testing.T) {
		s, r := start(t, hostile("garbage"))
		p := one(t, s, Spec{Workload: "idle"})
		r.await(t, "the one good message", func() bool { return r.progress[p.Key.PID] == 0.25 })
		if len(r.started) != 1 || len(r.reaped) != 0 || r.admitted != 1 {
			t.Errorf("started %v, reaped %v, admitted %d", r.started, r.reaped, r.admitted)
		}
	})
	t.Run("flood", func(t *testing.T) {
		s, r := start(t, hostile("flood"))
		p := one(t, s, Spec{Workload: "idle"})
		r.await(t, "progress", func() bool { return r.progress[p.Key.PID] == 0.25 })
		if err := s.Signal(p.Key, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		r.await(t, "its end", func() bool { return r.reaped[p.Key.PID].Signal == 9 })
	})
	t.Run("liar", func(t *testing.T) {
		s, r := start(t, hostile("liar"))
		p := one(t, s, Spec{Workload: "idle"})
		for range 2 {
			_, err := s.Start(t.Context(), []Spec{{Workload: "idle", Parent: p.Key.PID}})
			if refusal.Status(err) != 409 || !strings.Contains(err.Error(), "which it did not fork") {
				t.Errorf("got %v", err)
			}
		}
		gone, err := s.Start(t.Context(), []Spec{{Workload: "idle", Parent: p.Key.PID}})
		if err != nil || gone[0].Key != (proc.Key{PID: 4_000_000}) {
			t.Errorf("got %v, %v; want a process that is gone", gone, err)
		}
		if !alive(p.Key) || len(r.reaped) != 0 {
			t.Error("somebody was hit")
		}
	})
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

func TestRing(t *testing.T) {
	var r ring
	var all []byte
	for i := 0; len(all) < 3*keep; i++ {
		piece := []byte(strings.Repeat("ñ", i%977+1))
		r.write(piece)
		all = append(all, piece...)
		if want := all[max(0, len(all)-keep):]; !bytes.Equal(r.text(), runeStart(want)) {
			t.Fatalf("after %d bytes the ring differs", len(all))
		}
	}
	r.write(bytes.Repeat([]byte("x"), 5*keep))
	if got := r.text(); len(got) != keep || !utf8.Valid(got) {
		t.Errorf("%d bytes", len(got))
	}
}

func TestCharactersStayWhole(t *testing.T) {
	for text, want := range map[string]int{"": 0, "a": 0, "ñ": 0, "a\xc3": 1, "\xe2\x82": 2, "\xf0\x9f\x8c": 3, "€": 0, "\x82\x82\x82\x82": 0, "\xff": 0} {
		if got := incomplete([]byte(text)); got != want {
			t.Errorf("incomplete(%q) = %d, want %d", text, got, want)
		}
	}
	if got := runeStart([]byte("\xb1and\xc3\xba")); string(got) != "andú" {
		t.Errorf("runeStart: %q", got)
	}
}

// BenchmarkHello is the time from the request to the first thing that a worker says.
func BenchmarkHello(b *testing.B) {
	s, r := start(b, Options{})
	var times []time.Duration
	for b.Loop() {
		begin := time.Now()
		p := one(b, s, Spec{Workload: "idle"})
		r.await(b, "hello", func() bool { return !r.hellos[p.Key.PID].IsZero() })
		times = append(times, r.hellos[p.Key.PID].Sub(begin))
		if err := s.Signal(p.Key, syscall.SIGKILL); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		r.await(b, "the end", func() bool { return r.reaped[p.Key.PID].Known })
		b.StartTimer()
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "ms-median")
}

// BenchmarkHundred is the time for one request that starts 100 workers, until it returns and until all have said hello.
func BenchmarkHundred(b *testing.B) {
	s, r := start(b, Options{})
	specs := make([]Spec, 100)
	for i := range specs {
		specs[i] = Spec{Workload: "idle"}
	}
	var returned time.Duration
	for b.Loop() {
		begin := time.Now()
		all, err := s.Start(b.Context(), specs)
		if err != nil {
			b.Fatal(err)
		}
		returned += time.Since(begin)
		said := func() bool {
			for _, p := range all {
				if r.hellos[p.Key.PID].IsZero() {
					return false
				}
			}
			return true
		}
		r.await(b, "100 hellos", said)
		b.StopTimer()
		for _, p := range all {
			_ = s.Signal(p.Key, syscall.SIGKILL)
		}
		r.await(b, "the ends", func() bool { return r.reaped[all[99].Key.PID].Known })
		b.StartTimer()
	}
	b.ReportMetric(float64(returned.Milliseconds())/float64(b.N), "ms-returned")
}
