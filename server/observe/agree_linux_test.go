package observe

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/shirou/gopsutil/v3/process"
	"golang.org/x/sys/unix"

	"vivero/server/proc"
)

// live starts one of each kind: sleeping, busy, stopped, a zombie, one with threads, one whose label is a script.
func live(t *testing.T) map[string]int {
	t.Helper()
	stopped := start(t, "sleep", "600").Process.Pid
	unix.Kill(stopped, unix.SIGSTOP)
	zombie := exec.Command("sh", "-c", "exit 4")
	if err := zombie.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { zombie.Wait() })
	script := t.TempDir() + "/loop.sh"
	if err := os.WriteFile(script, []byte(burn), 0o600); err != nil {
		t.Fatal(err)
	}
	pids := map[string]int{
		"sleeping": start(t, "sleep", "600").Process.Pid,
		"busy":     start(t, "sh", script).Process.Pid,
		"stopped":  stopped,
		"zombie":   zombie.Process.Pid,
		"self":     os.Getpid(),
	}
	until(t, "all are as wanted", func() bool {
		s, _ := statOf("/proc", pids["stopped"])
		z, _ := statOf("/proc", pids["zombie"])
		i, _ := statOf("/proc", pids["sleeping"])
		b, _ := statOf("/proc", pids["busy"])
		return s.state == 'T' && z.state == 'Z' && i.state == 'S' && string(i.comm) == "sleep" && b.utime > 0
	})
	return pids
}

// TestFastReaderAgreesWithGopsutil holds it field by field against gopsutil's own answers.
func TestFastReaderAgreesWithGopsutil(t *testing.T) {
	pids := live(t)
	f := fast(t)
	for kind, pid := range pids {
		p := &process.Process{Pid: int32(pid)}
		// Read before and after: a value that moves lies between.
		times := func() time.Duration {
			c, err := (&process.Process{Pid: int32(pid)}).Times()
			if err != nil {
				t.Fatal(err)
			}
			return time.Duration((c.User + c.System) * 1e9)
		}
		before := times()
		f.Look(pid)
		s, ok := f.Look(pid)
		after := times()
		if !ok {
			t.Fatalf("%s: not seen", kind)
		}
		const tick = 10 * time.Millisecond // what gopsutil knows; user and system are cut to ticks apart
		if s.CPU < before-2*tick || s.CPU > after+3*tick {
			t.Errorf("%s: CPU %v, gopsutil says %v to %v", kind, s.CPU, before, after)
		}
		if ppid, err := p.Ppid(); err != nil || int(ppid) != s.PPID {
			t.Errorf("%s: ppid %d, gopsutil says %d, %v", kind, s.PPID, ppid, err)
		}
		if name, err := p.Name(); err != nil || name != s.Name && name[:min(15, len(name))] != s.Name {
			t.Errorf("%s: name %q, gopsutil says %q, %v", kind, s.Name, name, err)
		}
		if kind != "self" { // the test's own state, threads and memory move
			if status, err := p.Status(); err != nil || letter(status[0]) != s.State {
				t.Errorf("%s: state %c, gopsutil says %v, %v", kind, s.State, status, err)
			}
			if n, err := p.NumThreads(); err != nil || int(n) != s.Threads {
				t.Errorf("%s: threads %d, gopsutil says %d, %v", kind, s.Threads, n, err)
			}
			if m, err := p.MemoryInfo(); err != nil || m.RSS != s.RSS {
				t.Errorf("%s: rss %d, gopsutil says %v, %v", kind, s.RSS, m, err)
			}
		}
		if ms, err := p.CreateTime(); err != nil || s.Started.Sub(time.UnixMilli(ms)).Abs() > 2*time.Second { // it knows seconds
			t.Errorf("%s: started %v, gopsutil says %v, %v", kind, s.Started, time.UnixMilli(ms), err)
		}
		if age := time.Since(s.Started); age < 0 || age > time.Hour {
			t.Errorf("%s: started %v ago", kind, age)
		}
	}
}

// TestReadersAgree: both readers tell the same tree, and the portable one follows what happens in it.
func TestReadersAgree(t *testing.T) {
	pids := live(t)
	r, err := Gopsutil(os.Getpid())
	slow := follow(t, r, err)
	quick := fast(t)
	until(t, "gopsutil has read all", func() bool { slow.tick(); return len(slow.last) == len(pids) })
	if len(slow.last) != len(pids) || len(quick.last) != len(pids) {
		t.Errorf("%d processes by gopsutil, %d by procfs, %d started", len(slow.last), len(quick.last), len(pids))
	}
	for kind, pid := range pids {
		a, b := quick.last[pid], slow.last[pid]
		if a.Key != b.Key || a.PPID != b.PPID || a.Name != b.Name || a.Label != b.Label ||
			a.Started.Sub(b.Started).Abs() > 20*time.Millisecond {
			t.Errorf("%s:\nprocfs   %+v\ngopsutil %+v", kind, a, b)
		}
		if kind != "self" && (a.State != b.State || a.RSS != b.RSS || a.Threads != b.Threads) {
			t.Errorf("%s:\nprocfs   %+v\ngopsutil %+v", kind, a, b)
		}
		if b.Core != -1 || b.Wait != -1 {
			t.Errorf("%s: gopsutil cannot know core %d and wait %v", kind, b.Core, b.Wait)
		}
	}
	late := start(t, "sh", "-c", "sleep 600 & wait")
	var child proc.Sample
	until(t, "a grandchild is found", func() bool {
		slow.tick()
		for _, s := range slow.last {
			if s.PPID == late.Process.Pid && s.Label == "sleep" {
				child = s
			}
		}
		return child.PID != 0
	})
	if s, ok := slow.Look(late.Process.Pid); !ok || s.Label != "sh" {
		t.Errorf("look: %v %+v", ok, s)
	}
	if _, ok := slow.Look(1); ok {
		t.Error("pid 1 is not of this tree")
	}
	key := slow.last[late.Process.Pid].Key
	late.Process.Kill()
	late.Wait()
	slow.waitGone(key)
	slow.waitFor("its child was adopted", child.PID, func(s proc.Sample) bool { return s.PPID == os.Getpid() })
	unix.Kill(child.PID, unix.SIGKILL)
	unix.Wait4(child.PID, nil, 0, nil)
	slow.waitGone(child.Key)
}

// TestCPUMoves: a busy process's CPU time grows as the kernel's clock says, and it waits for cores where there are too few.
func TestCPUMoves(t *testing.T) {
	f := fast(t)
	c := start(t, "sh", "-c", burn)
	pid := c.Process.Pid
	f.waitFor("has run 20 ms", pid, func(s proc.Sample) bool { return s.CPU > 20*time.Millisecond })
	before, _ := cpuClock(pid)
	f.tick()
	after, _ := cpuClock(pid)
	if s := f.last[pid]; s.CPU < before || s.CPU > after {
		t.Errorf("CPU %v, the clock said %v and %v", s.CPU, before, after)
	}
}
