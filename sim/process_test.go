//go:build linux

package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// deadline is how long a test waits for what is to come in milliseconds: machines stall.
const deadline = 30 * time.Second

// worker is a real one, started as a person starts one by hand: without a server.
type worker struct {
	*testing.T
	*exec.Cmd
	stdout, stderr bytes.Buffer
}

func start(t *testing.T, name, params string, env ...string) *worker {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	workload, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*deadline)
	w := &worker{T: t, Cmd: exec.CommandContext(ctx, program, "sim", name, params)}
	// The race detector would sleep for a second at each end, in case a race is still to be told of.
	w.Env = append(append(workload.Environ(os.Environ()), "GORACE=atexit_sleep_ms=0"), env...)
	w.Stdout, w.Stderr = &w.stdout, &w.stderr
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = w.Wait() // already waited for, or killed by cancel
	})
	w.until("it has its name", func() bool { return w.comm(w.Process.Pid) == name || w.ended() })
	return w
}

// until waits for a condition, and fails with what was waited for.
func (w *worker) until(what string, holds func() bool) {
	w.Helper()
	for end := time.Now().Add(deadline); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			w.Fatalf("%s: not after %s; stdout %q, stderr %q", what, deadline, w.stdout.String(), w.stderr.String())
		}
	}
}

// status waits for the end.
func (w *worker) status() syscall.WaitStatus {
	w.Helper()
	var failed *exec.ExitError
	if err := w.Wait(); err != nil && !errors.As(err, &failed) {
		w.Fatal(err)
	}
	return w.ProcessState.Sys().(syscall.WaitStatus)
}

// stop ends it with SIGTERM and checks that it was a clean stop.
func (w *worker) stop() {
	w.Helper()
	if err := w.Process.Signal(syscall.SIGTERM); err != nil {
		w.Fatal(err)
	}
	begin := time.Now()
	if s := w.status(); !s.Exited() || s.ExitStatus() != 0 {
		w.Errorf("after SIGTERM: %s, stderr %q; want exit status 0", w.ProcessState, w.stderr.String())
	}
	if took := time.Since(begin); took > deadline/2 {
		w.Errorf("after SIGTERM it took %s", took)
	}
}

func (w *worker) proc(names ...string) string {
	b, err := os.ReadFile(filepath.Join(append([]string{"/proc", strconv.Itoa(w.Process.Pid)}, names...)...))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

func (w *worker) comm(thread int) string { return w.proc("task", strconv.Itoa(thread), "comm") }

// in says whether its main thread waits in the system call of that number.
func (w *worker) in(call int) bool {
	first, _, _ := strings.Cut(w.proc("syscall"), " ")
	return first == strconv.Itoa(call)
}

func (w *worker) ended() bool {
	s := w.proc("stat")
	return s == "" || strings.Contains(s, ") Z ")
}

// rss is the resident memory in MB.
func (w *worker) rss() int {
	fields := strings.Fields(w.proc("statm"))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.Atoi(fields[1])
	return pages * os.Getpagesize() / megabyte
}

func TestPrimes(t *testing.T) {
	for n, want := range map[int]int{1: 0, 10: 4, 1_000_000: 78_498, 10_000_000: 664_579} {
		if n > 1_000_000 && testing.Short() {
			continue
		}
		w := start(t, "primes", fmt.Sprintf(`{"n":%d}`, n))
		if s := w.status(); s.ExitStatus() != 0 {
			t.Errorf("n=%d: %s, %s", n, w.ProcessState, w.stderr.String())
		}
		if got, want := w.stdout.String(), fmt.Sprintf("primes up to %d: %d\n", n, want); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestCrash(t *testing.T) {
	for _, c := range []struct {
		how    string
		code   int
		signal syscall.Signal
	}{{"exit", 0, 0}, {"exit", 7, 0}, {"exit", 255, 0}, {"panic", 2, 0}, {"segv", 0, syscall.SIGSEGV}, {"abort", 0, syscall.SIGABRT}} {
		t.Run(fmt.Sprint(c.how, c.code), func(t *testing.T) {
			w := start(t, "crash", fmt.Sprintf(`{"how":%q,"code":%d,"delay_ms":1}`, c.how, c.code))
			switch s := w.status(); {
			case c.signal != 0 && (!s.Signaled() || s.Signal() != c.signal || s.CoreDump()):
				t.Errorf("got %s, want killed by %s and no core file", w.ProcessState, c.signal)
			case c.signal == 0 && (!s.Exited() || s.ExitStatus() != c.code):
				t.Errorf("got %s, want exit status %d", w.ProcessState, c.code)
			}
			if c.how == "panic" && !strings.Contains(w.stderr.String(), "panic: crash: ") {
				t.Errorf("stderr is %q, want Go's own panic", w.stderr.String())
			}
		})
	}
}

func TestMemoryOwnsItsTarget(t *testing.T) {
	w := start(t, "memory", `{"mb":96,"step_mb":40,"pause_ms":0}`)
	// Without pauses it sleeps only when it has all, and has said so.
	w.until("96 MB are resident and it holds them", func() bool { return w.rss() >= 96 && w.in(syscall.SYS_NANOSLEEP) })
	if got := w.rss(); got > 96+64 { // Go's own few MB, and the race detector's
		t.Errorf("%d MB resident, want little more than 96", got)
	}
	if got := w.proc("oom_score_adj"); got != "1000" {
		t.Errorf("oom_score_adj is %s, want 1000", got)
	}
	w.stop()
	if got := w.stdout.String(); got != "holds 96 MB\n" {
		t.Errorf("stdout is %q", got)
	}
}

func TestThreadsCompute(t *testing.T) {
	w := start(t, "threads", `{"threads":3,"seconds":0}`)
	ran := map[string]bool{} // the threads that used the processor, by name
	w.until("3 threads of its own have computed", func() bool {
		tasks, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", w.Process.Pid))
		for _, task := range tasks {
			id, _ := strconv.Atoi(task.Name())
			name := w.comm(id)
			if on, _, _ := strings.Cut(w.proc("task", task.Name(), "schedstat"), " "); len(on) >= 8 && strings.HasPrefix(name, "compute ") { // 10 ms or more
				ran[name] = true
			}
		}
		return len(ran) == 3
	})
	w.stop()
	var limit uint32
	var found, n int
	if _, err := fmt.Sscanf(w.stdout.String(), "primes up to %d: %d, by %d threads\n", &limit, &found, &n); err != nil {
		t.Fatalf("stdout is %q: %v", w.stdout.String(), err)
	}
	if n != 3 || found != newDivider(limit).count(0, limit+1) {
		t.Errorf("%q: want 3 threads, and %d primes", w.stdout.String(), newDivider(limit).count(0, limit+1))
	}
}

func TestThreadsEndInTime(t *testing.T) {
	w := start(t, "threads", `{"threads":2,"seconds":1}`)
	if s := w.status(); s.ExitStatus() != 0 {
		t.Errorf("got %s, want exit status 0", w.ProcessState)
	}
}

func TestWaitReadsAndLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	w := start(t, "wait", `{"pause_ms":1,"read_kb":16}`, "TMPDIR="+folder)
	read := func() int {
		first, _, _ := strings.Cut(strings.TrimPrefix(w.proc("io"), "rchar: "), "\n")
		n, _ := strconv.Atoi(first)
		return n
	}
	begin := read()
	w.until("it has read 200 kB", func() bool { return read() >= begin+200<<10 })
	if names, err := os.ReadDir(folder); err != nil || len(names) != 0 {
		t.Errorf("its folder holds %v (%v), want nothing", names, err)
	}
	w.stop()
}

// TestKernelNamesTheWait: a worker that waits does so in a system call of which the kernel can say what it is.
func TestKernelNamesTheWait(t *testing.T) {
	for name, want := range map[string]string{"idle": "read", "wait": "nanosleep", "memory": "nanosleep", "tree": "nanosleep", "crash": "nanosleep"} {
		t.Run(name, func(t *testing.T) {
			w := start(t, name, "{}")
			number := map[string]int{"read": syscall.SYS_READ, "nanosleep": syscall.SYS_NANOSLEEP}[want]
			w.until("its main thread waits in "+want, func() bool { return w.in(number) })
			w.stop()
		})
	}
}

// TestStopIsClean: SIGTERM ends each workload that can live without a server, in the middle of its work, with status 0.
func TestStopIsClean(t *testing.T) {
	for _, name := range []string{"primes", "wait", "memory", "threads", "idle", "tree", "crash", "bomb"} {
		t.Run(name, func(t *testing.T) { start(t, name, "{}").stop() })
	}
}

// TestWithoutServer: who needs children says why there are none.
func TestWithoutServer(t *testing.T) {
	for _, name := range []string{"zombie", "orphan"} {
		w := start(t, name, "{}")
		want := fmt.Sprintf("%s: start %[1]s: there is no server to ask; start this workload from Vivero\n", name)
		if s := w.status(); s.ExitStatus() != 1 || w.stderr.String() != want {
			t.Errorf("%s: %s, stderr %q; want exit status 1, %q", name, w.ProcessState, w.stderr.String(), want)
		}
	}
}

// TestPartAlone: a process that is one of several says so when it is started by itself.
func TestPartAlone(t *testing.T) {
	for _, workload := range Workloads {
		if workload.Parts == nil {
			continue
		}
		w := start(t, workload.Name, "{}")
		want := fmt.Sprintf("%s: it is several processes joined by channels, and this one has none; start %[1]s from Vivero\n", workload.Name)
		if s := w.status(); s.ExitStatus() != 1 || w.stderr.String() != want {
			t.Errorf("%s: %s, stderr %q; want exit status 1, %q", workload.Name, w.ProcessState, w.stderr.String(), want)
		}
	}
}
