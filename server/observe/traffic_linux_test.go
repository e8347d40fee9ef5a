package observe

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
)

// watcher is a reader and a Traffic on the tree of this test, and all that they have told so far.
type watcher struct {
	*follower
	traffic  *Traffic
	now      proc.Traffic
	waiting  map[int]proc.Waiting
	counts   map[int]map[proc.ChannelKey]proc.Counts
	gates    map[int]proc.Gate
	messages []proc.Message
	said     []string
}

func watchTraffic(t testing.TB, dir string) *watcher {
	t.Helper()
	w := &watcher{waiting: map[int]proc.Waiting{}, counts: map[int]map[proc.ChannelKey]proc.Counts{}, gates: map[int]proc.Gate{}}
	traffic, err := NewTraffic(TrafficOptions{Root: os.Getpid(), FlightDir: dir, Log: func(s string) { w.said = append(w.said, s) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { traffic.Close() })
	w.traffic = traffic
	r, err := Procfs("/proc", os.Getpid())
	w.follower = follow(t, r, err)
	w.tick()
	return w
}

func (w *watcher) tick() {
	w.t.Helper()
	o, err := w.Observe()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, s := range o.Samples {
		w.last[s.PID] = s
	}
	for _, k := range o.Gone {
		delete(w.last, k.PID)
	}
	w.now = w.traffic.Observe(o)
	for _, x := range w.now.Waiting {
		w.waiting[x.PID] = x
	}
	for _, c := range w.now.Counts {
		if w.counts[c.PID] == nil {
			w.counts[c.PID] = map[proc.ChannelKey]proc.Counts{}
		}
		w.counts[c.PID][c.Channel] = c
	}
	for _, g := range w.now.Gates {
		w.gates[g.PID] = g
	}
	w.messages = append(w.messages, w.now.Messages...)
}

// until ticks until ok.
func (w *watcher) until(what string, ok func() bool) {
	w.t.Helper()
	until(w.t, what, func() bool { w.tick(); return ok() })
}

// byLabel is the pid of the only process of that label.
func (w *watcher) byLabel(label string) int {
	for pid, s := range w.last {
		if s.Label == label {
			return pid
		}
	}
	return 0
}

// between is the channel that the first writes and the second reads.
func (w *watcher) between(writer, reader int) (proc.Channel, bool) {
	for _, c := range w.now.Channels {
		if slices.ContainsFunc(c.Ends, func(e proc.End) bool { return e.PID == writer && e.Writes }) &&
			slices.ContainsFunc(c.Ends, func(e proc.End) bool { return e.PID == reader && e.Reads }) {
			return c, true
		}
	}
	return proc.Channel{}, false
}

// shell runs a script in a group of its own, all of which ends with the test.
func shell(t testing.TB, script string) *exec.Cmd {
	t.Helper()
	c := exec.Command("sh", "-c", script)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		unix.Kill(-c.Process.Pid, unix.SIGKILL)
		c.Wait()
		reapAll(t)
	})
	return c
}

// reapAll waits for the orphans of this test: it is a subreaper.
func reapAll(t testing.TB) {
	for {
		pid, err := unix.Wait4(-1, nil, 0, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
	}
}

func fionread(t *testing.T, pid, fd int) int {
	t.Helper()
	f, err := os.OpenFile(fmt.Sprintf("/proc/%d/fd/%d", pid, fd), os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCINQ)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestFullPipe: `yes | sleep` shows a full pipe, yes waits in write on it, sleep sleeps, and sh waits for its child.
func TestFullPipe(t *testing.T) {
	w := watchTraffic(t, "")
	c := shell(t, "yes | sleep 600; :")
	var pipe proc.Channel
	w.until("yes waits in write on the pipe that sleep holds", func() bool {
		yes, sleep := w.byLabel("yes"), w.byLabel("sleep")
		var ok bool
		if pipe, ok = w.between(yes, sleep); !ok {
			return false
		}
		x := w.waiting[yes]
		return x.For == proc.WaitWrite && x.Channel == pipe.Key && x.Since > 0 && w.waiting[sleep].For == proc.WaitSleep && pipe.Fill > 60000 && len(pipe.Ends) == 2
	})
	yes, sleep := w.byLabel("yes"), w.byLabel("sleep")
	if len(w.now.Channels) != 1 || len(pipe.Ends) != 2 || pipe.Capacity != 65536 || pipe.Slots != proc.Unknown || pipe.Depth != proc.Unknown || pipe.Made {
		t.Errorf("%d channels, %+v", len(w.now.Channels), pipe)
	}
	if n := fionread(t, sleep, 0); n != pipe.Fill {
		t.Errorf("fill %d, FIONREAD says %d", pipe.Fill, n)
	}
	w.until("sh waits for its child", func() bool { return w.waiting[c.Process.Pid].For == proc.WaitChild })
	var st unix.Stat_t
	if err := unix.Stat(fmt.Sprintf("/proc/%d/fd/1", yes), &st); err != nil || uint64(st.Dev) != pipe.Key.Device || st.Ino != pipe.Key.Inode {
		t.Errorf("the key is %+v, fstat says %d, %d (%v)", pipe.Key, st.Dev, st.Ino, err)
	}
	since := w.waiting[yes].Since
	for range 20 { // looking does not wake it, nor take it for a new wait
		w.tick()
	}
	if w.waiting[yes].Since != since {
		t.Error("the wait began anew")
	}
	unix.Kill(sleep, unix.SIGKILL)
	w.until("yes gets SIGPIPE, and the pipe is gone", func() bool { return w.byLabel("yes") == 0 && len(w.now.Channels) == 0 })
}

// TestPipeline: each pipe of a pipeline has its own two ends, and nothing of the test's own pipes is shown.
func TestPipeline(t *testing.T) {
	w := watchTraffic(t, "")
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	defer out.Close()
	c := exec.Command("sh", "-c", "sleep 600 | cat | cat; :")
	c.Stdout, c.Stderr = out, out // our plumbing: it has one side in the tree
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { unix.Kill(-c.Process.Pid, unix.SIGKILL); c.Wait(); reapAll(t) }()
	var first, second proc.Channel
	w.until("sleep | cat | cat", func() bool {
		sleep := w.byLabel("sleep")
		if len(w.now.Channels) != 2 {
			return false
		}
		for pid, s := range w.last {
			if s.Label != "cat" {
				continue
			}
			var ok bool
			if first, ok = w.between(sleep, pid); ok && w.waiting[pid].For == proc.WaitRead && w.waiting[pid].Channel == first.Key {
				for other, s := range w.last {
					if s.Label == "cat" && other != pid {
						second, ok = w.between(pid, other)
						return ok && len(first.Ends) == 2 && len(second.Ends) == 2 && w.waiting[other].For == proc.WaitRead && w.waiting[other].Channel == second.Key
					}
				}
			}
		}
		return false
	})
	if len(first.Ends) != 2 || len(second.Ends) != 2 || first.Fill != 0 || second.Fill != 0 {
		t.Errorf("%+v, %+v", first, second)
	}
}

// TestFillOfStopped: in a stopped system the fill is what FIONREAD says, at any level.
func TestFillOfStopped(t *testing.T) {
	w := watchTraffic(t, "")
	for _, n := range []int{1, 4097, 20000} {
		c := shell(t, fmt.Sprintf("{ head -c %d /dev/zero; exec tail -f /dev/null; } | sleep 600; :", n))
		w.until("filled", func() bool {
			p, ok := w.between(w.byLabel("tail"), w.byLabel("sleep"))
			return ok && p.Fill == n
		})
		unix.Kill(-c.Process.Pid, unix.SIGSTOP)
		w.tick()
		p, _ := w.between(w.byLabel("tail"), w.byLabel("sleep"))
		if got := fionread(t, w.byLabel("sleep"), 0); got != n || p.Fill != n {
			t.Errorf("%d written, fill %d, FIONREAD %d", n, p.Fill, got)
		}
		unix.Kill(-c.Process.Pid, unix.SIGKILL)
		c.Wait()
		reapAll(t)
		w.until("gone", func() bool { return len(w.now.Channels) == 0 })
	}
}

// TestLookingChangesNothing: a reader gets each byte and its end of file, a writer its EPIPE, while we look without pause.
func TestLookingChangesNothing(t *testing.T) {
	w := watchTraffic(t, "")
	for range 10 {
		c := exec.Command("sh", "-c", "{ sleep 0.02; head -c 300000 /dev/zero; } | wc -c; sh -c 'trap \"\" PIPE; yes 2>&1 >&3 | grep -c Broken' 3>&1 | head -n 1 >/dev/null; echo end")
		var text strings.Builder
		c.Stdout = &text
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		var once sync.WaitGroup
		once.Add(1)
		go func() { defer once.Done(); ended <- c.Wait() }()
		w.until("the script ends", func() bool {
			select {
			case err := <-ended:
				if err != nil {
					t.Error(err)
				}
				return true
			default:
				return false
			}
		})
		once.Wait()
		if got := strings.Fields(text.String()); len(got) < 2 || got[0] != "300000" || got[len(got)-1] != "end" {
			t.Fatalf("the script said %q", text.String())
		}
	}
}

// TestTerminalRead: who reads from a terminal waits for input.
func TestTerminalRead(t *testing.T) {
	w := watchTraffic(t, "")
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no terminals here:", err)
	}
	defer master.Close()
	number, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()
	c := exec.Command("cat")
	c.Stdin, c.Stdout = slave, slave
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { c.Process.Kill(); c.Wait() }()
	w.until("cat waits for input", func() bool { return w.waiting[c.Process.Pid].For == proc.WaitInput })
}

// TestSocketPair: Python's duplex Pipe is a pair of sockets; each process is seen at it, with what waits inside.
func TestSocketPair(t *testing.T) {
	python := python3(t)
	w := watchTraffic(t, "")
	c := start(t, python, "-c", `
import multiprocessing, time
def child(end, other):
    other.close()
    end.send("x" * 1000)
    end.recv()
if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    here, there = multiprocessing.Pipe()
    p = multiprocessing.Process(target=child, args=(there, here))
    p.start()
    there.close()
    time.sleep(600)
`)
	parent := c.Process.Pid
	w.until("the child waits in a read of the pair of sockets", func() bool {
		for pid, s := range w.last {
			if s.PPID != parent {
				continue
			}
			pair, ok := w.between(pid, parent)
			if ok && pair.Key.Kind == proc.Socket && len(pair.Ends) == 2 && pair.Fill > 1000 && pair.Fill < 1100 && pair.Capacity == proc.Unknown {
				x := w.waiting[pid]
				if x.For == proc.WaitRead && x.Channel == pair.Key && w.waiting[parent].For == proc.WaitSleep {
					unix.Kill(pid, unix.SIGKILL)
					return true
				}
			}
		}
		return false
	})
}

func python3(t *testing.T) string {
	t.Helper()
	// The real interpreter: a shim would be a shell first.
	b, err := exec.Command("python3", "-c", "import sys; print(sys.executable)").Output()
	if err != nil {
		t.Skip("no python3 here")
	}
	return strings.TrimSpace(string(b))
}

// TestOneProcessIsNoChannel: a pipe of which one process has both ends, and one that only writers hold, are not told.
func TestOneProcessIsNoChannel(t *testing.T) {
	python := python3(t)
	w := watchTraffic(t, "")
	c := exec.Command(python, "-c", "import os, sys\nr, w = os.pipe()\nprint('ready', flush=True)\nsys.stdin.read()")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { in.Close(); c.Wait() }()
	io.ReadFull(out, make([]byte, 6))
	w.until("it reads its input, which leads to us", func() bool { return w.waiting[c.Process.Pid].For == proc.WaitRead })
	if len(w.now.Channels) != 0 || w.waiting[c.Process.Pid].Channel != (proc.ChannelKey{}) {
		t.Errorf("%+v, %+v", w.now.Channels, w.waiting[c.Process.Pid])
	}
	if ends := w.traffic.members[c.Process.Pid].ends; len(ends) < 4 {
		t.Errorf("only %d ends were seen", len(ends))
	}
}

// TestWaits: what the kernel says of a sleeper, by its system call.
func TestWaits(t *testing.T) {
	python := python3(t)
	w := watchTraffic(t, "")
	lock := filepath.Join(t.TempDir(), "lock")
	f, err := os.Create(lock)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	quoted, _ := json.Marshal(lock)
	for script, want := range map[string]proc.WaitKind{
		"import fcntl; fcntl.flock(open(" + string(quoted) + "), fcntl.LOCK_EX)":                   proc.WaitLock,
		"import threading; threading.Semaphore(0).acquire()":                                       proc.WaitLock,
		"import select; select.select([0], [], [])":                                                proc.WaitEvents,
		"import select; e = select.epoll(); e.poll()":                                              proc.WaitEvents,
		"import time; time.sleep(600)":                                                             proc.WaitSleep,
		"import os, time; p = os.fork() or time.sleep(600); os.waitpid(p, 0)":                      proc.WaitChild,
		"import signal; signal.pause()":                                                            proc.WaitUnknown,
		"import threading, select; threading.Thread(target=lambda: select.epoll().poll()).start()": proc.WaitEvents,
	} {
		c := exec.Command(python, "-c", script)
		c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		in, err := c.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		pid := c.Process.Pid
		seen := 0
		w.until(script, func() bool {
			if x, ok := w.waiting[pid]; !ok || x.For != want || w.last[pid].State != 'S' {
				return false
			}
			seen++
			return seen > 30 // it stays so
		})
		unix.Kill(-pid, unix.SIGKILL)
		in.Close()
		c.Wait()
		reapAll(t)
	}
}

// TestPolledPipe: who polls one pipe alone, without an end, waits in a read of it.
func TestPolledPipe(t *testing.T) {
	python := python3(t)
	w := watchTraffic(t, "")
	c := shell(t, "sleep 600 | "+python+" -c 'import select; p = select.poll(); p.register(0, select.POLLIN); p.poll()'; :")
	_ = c
	w.until("it waits in a read", func() bool {
		for _, x := range w.waiting {
			if x.For == proc.WaitRead && x.Channel.Kind == proc.Pipe {
				pipe, ok := w.between(w.byLabel("sleep"), x.PID)
				return ok && pipe.Key == x.Channel
			}
		}
		return false
	})
}
