//go:build linux

package spawn

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"vivero/server/proc"
	"vivero/sim"
	"vivero/sim/control"
)

// patience is how long a test waits for what must happen; machines stall for more than a second.
const patience = 20 * time.Second

// The test program is also the worker: started as `sim …` it is one, and with HOSTILE set one that misbehaves.
func TestMain(m *testing.M) {
	sim.Workloads = append(sim.Workloads, asker, talker, ender)
	if len(os.Args) > 1 && os.Args[1] == "sim" {
		if how := os.Getenv("HOSTILE"); how != "" {
			misbehave(how)
		}
		os.Exit(sim.Main(os.Args[2:]))
	}
	os.Setenv("GORACE", "atexit_sleep_ms=0") // of the workers: the race detector would keep each alive for a second
	status := m.Run()
	if status == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			status = 1
		}
		if pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); err != unix.ECHILD {
			fmt.Fprintln(os.Stderr, "children are left:", pid, err)
			status = 1
		}
	}
	os.Exit(status)
}

// asker starts children of its own, n one after the other, then waits.
var asker = sim.Workload{
	Name:   "asker",
	Params: []sim.Param{sim.Int("n", 1, 0, 100, "children")},
	Run: func(ctx context.Context, w *sim.Worker, p sim.Params) error {
		for range p.Int("n") {
			pid, err := w.Spawn(ctx, "idle", nil, "kid")
			fmt.Println("child", pid, err)
		}
		<-ctx.Done()
		return nil
	},
}

// talker writes to both streams and floods stdout if told to.
var talker = sim.Workload{
	Name:   "talker",
	Params: []sim.Param{sim.Choice("how", []string{"once", "flood"}, "")},
	Run: func(ctx context.Context, w *sim.Worker, p sim.Params) error {
		fmt.Fprintln(os.Stderr, "a sentence for stderr")
		fmt.Println("ñandú", w.Role)
		w.Progress(0.5)
		for p.Choice("how") == "flood" && ctx.Err() == nil {
			os.Stdout.WriteString("0123456789012345678901234567890123456789012345678901234567890123456789\n")
		}
		w.Progress(1)
		return nil
	},
}

// ender fails.
var ender = sim.Workload{
	Name: "ender",
	Run:  func(context.Context, *sim.Worker, sim.Params) error { return errors.New("no reason at all") },
}

// recorder keeps what the callbacks told.
type recorder struct {
	mu       sync.Mutex
	changed  chan struct{}
	started  []Process
	reaped   map[int]proc.Status
	progress map[int]float64
	told     map[string]string // "pid stream" -> text
	skipped  int
	calls    []time.Time // of OnOutput
	largest  int
	hellos   map[int]time.Time
	order    []string // "started PID", "output PID", "reaped PID"
	admitted int
	released int
}

func (r *recorder) note(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
	close(r.changed)
	r.changed = make(chan struct{})
}

// await returns once ok, called with the lock held, is true.
func (r *recorder) await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(patience)
	for {
		r.mu.Lock()
		good, changed := ok(), r.changed
		r.mu.Unlock()
		if good {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("waited %v for %s", patience, what)
		}
	}
}

// start makes a Spawner that is closed at the end of the test; then nothing of it may be left.
func start(t testing.TB, o Options) (*Spawner, *recorder) {
	t.Helper()
	r := &recorder{changed: make(chan struct{}), reaped: map[int]proc.Status{}, progress: map[int]float64{}, told: map[string]string{}, hellos: map[int]time.Time{}}
	o.OnStarted = func(p Process) {
		r.note(func() {
			r.started = append(r.started, p)
			r.order = append(r.order, fmt.Sprint("started ", p.Key.PID))
		})
	}
	o.OnReaped = func(pid int, s proc.Status) {
		r.note(func() { r.reaped[pid] = s; r.order = append(r.order, fmt.Sprint("reaped ", pid)) })
	}
	o.OnProgress = func(pid int, share float64) { r.note(func() { r.progress[pid] = share }) }
	o.OnOutput = func(pid int, stream string, text []byte, skipped int) {
		r.note(func() {
			r.told[fmt.Sprint(pid, " ", stream)] += string(text)
			r.skipped += skipped
			r.calls = append(r.calls, time.Now())
			r.largest = max(r.largest, len(text))
			r.order = append(r.order, fmt.Sprint("output ", pid))
		})
	}
	o.heard = func(pid int, kind string) {
		if kind == control.Hello {
			now := time.Now()
			r.note(func() { r.hellos[pid] = now })
		}
	}
	if o.Admit == nil {
		o.Admit = func(n int) (func(int), error) {
			r.note(func() { r.admitted += n })
			return func(n int) { r.note(func() { r.released += n }) }, nil
		}
	}
	files, others := descriptors(t), goleak.IgnoreCurrent()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		if err := goleak.Find(others); err != nil {
			t.Error(err)
		}
		if _, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); err != unix.ECHILD {
			t.Errorf("after Close children are left: %v", err)
		}
		for _, f := range descriptors(t) {
			if !slices.Contains(files, f) && f != "anon_inode:[eventpoll]" && f != "anon_inode:[eventfd]" {
				t.Errorf("after Close a descriptor is left: %s", f)
			}
		}
	})
	return s, r
}

// descriptors are the open files of this process, by what they are.
func descriptors(t testing.TB) []string {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, n := range names {
		if target, err := os.Readlink("/proc/self/fd/" + n.Name()); err == nil {
			files = append(files, target)
		}
	}
	return files
}

func one(t testing.TB, s *Spawner, spec Spec) Process {
	t.Helper()
	p, err := s.Start(t.Context(), []Spec{spec})
	if err != nil {
		t.Fatal(err)
	}
	return p[0]
}

func alive(key proc.Key) bool {
	_, start, err := control.Identity(key.PID)
	return err == nil && start == key.Start
}

// stopped waits until the kernel says that the process is stopped: SIGSTOP takes a moment.
func stopped(t *testing.T, s *Spawner, key proc.Key) {
	t.Helper()
	if err := s.Signal(key, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	var info unix.Siginfo
	if err := unix.Waitid(unix.P_PID, key.PID, &info, unix.WSTOPPED|unix.WNOWAIT, nil); err != nil {
		t.Fatal(err)
	}
}
