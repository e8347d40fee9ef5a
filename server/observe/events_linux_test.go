package observe

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
)

// probe forks a process that ends at once, as the spawn side does.
func probe() (int, error) {
	c := exec.Command("true")
	if err := c.Run(); err != nil {
		return 0, err
	}
	return c.Process.Pid, nil
}

// listen opens the events of this process's tree, or skips with the kernel's reason.
func listen(t testing.TB) *EventSource {
	t.Helper()
	s, err := Events(os.Getpid(), probe)
	if err != nil {
		if strings.Contains(err.Error(), "cannot be had") {
			t.Skip(err)
		}
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		if _, open := <-s.C(); open {
			for range s.C() {
			}
		}
	})
	return s
}

// life is what was told of one process.
type life struct {
	forked, execed, exited *proc.Event
}

// receiveUntil collects events until pid has exited.
func receiveUntil(t testing.TB, s *EventSource, pid int, lives map[int]*life) {
	t.Helper()
	timeout := time.After(30 * time.Second)
	for {
		select {
		case e, ok := <-s.C():
			if !ok {
				t.Fatal("closed")
			}
			l := lives[e.PID]
			if l == nil {
				l = &life{}
				lives[e.PID] = l
			}
			switch e.Kind {
			case proc.Forked:
				l.forked = &e
			case proc.Execed:
				l.execed = &e
			case proc.Exited:
				l.exited = &e
				if e.PID == pid {
					return
				}
			}
		case <-timeout:
			t.Fatalf("process %d: no exit was told within 30 s", pid)
		}
	}
}

// shortLived runs a program that starts 500 /bin/true and exits with a status, and holds what was told against that.
func shortLived(t *testing.T, status int, name string, args ...string) {
	s := listen(t)
	c := exec.Command(name, args...)
	if err := c.Start(); err != nil {
		t.Skip(err)
	}
	shell := c.Process.Pid
	lives := map[int]*life{}
	receiveUntil(t, s, shell, lives)
	c.Wait()
	whole, sampled, timed := 0, 0, 0
	for pid, l := range lives {
		if l.exited == nil || l.exited.Name != "true" {
			continue
		}
		if l.forked == nil || l.execed == nil || l.forked.PPID != shell || l.exited.PPID != shell {
			t.Errorf("process %d: %+v", pid, l)
			continue
		}
		if st := l.exited.Status; !st.Known || st.Code != 0 || st.Signal != 0 {
			t.Errorf("process %d: status %+v", pid, st)
		}
		if s.Named() && (l.exited.CPU < 0 || l.exited.CPU > time.Second || l.exited.RSS == 0) {
			t.Errorf("process %d: cpu %v, rss %d", pid, l.exited.CPU, l.exited.RSS)
		}
		if l.exited.CPU > 0 {
			timed++
		}
		if l.forked.At > l.execed.At || l.execed.At > l.exited.At {
			t.Errorf("process %d: told in the wrong order", pid)
		}
		whole++
		if l.execed.Sample != nil {
			sampled++
		}
	}
	t.Logf("%d of 500 whole, %d of them could be read while they lived; CPU time of %d; named by the kernel: %v; lost %d", whole, sampled, timed, s.Named(), s.Lost())
	if s.Named() && whole != 500 {
		t.Errorf("%d of 500 /bin/true were told whole", whole)
	}
	if len(lives) < 501 {
		t.Errorf("%d processes were told, not the parent and 500", len(lives))
	}
	if l := lives[shell]; l.exited.Status.Code != status || l.exited.Name != name || l.forked == nil || l.forked.PPID != os.Getpid() {
		t.Errorf("the shell: %+v", l)
	}
	if s.Lost() != 0 {
		t.Errorf("overrun %d times", s.Lost())
	}
}

const loop = "for i in $(seq 500); do /bin/true; done; exit 3"

func TestEventsOfShortLived(t *testing.T) { shortLived(t, 3, "sh", "-c", loop) }

func TestEventsOfMake(t *testing.T) {
	var text strings.Builder
	text.WriteString("all:")
	for i := range 500 {
		fmt.Fprintf(&text, " t%d", i)
	}
	text.WriteString("\n")
	for i := range 500 {
		fmt.Fprintf(&text, "t%d:\n\t@/bin/true\n", i)
	}
	file := t.TempDir() + "/Makefile"
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	shortLived(t, 0, "make", "-s", "-j4", "-f", file)
}

// TestEventsUnderLoad: the same while both cores are busy.
func TestEventsUnderLoad(t *testing.T) {
	for range 2 {
		start(t, "sh", "-c", burn)
	}
	shortLived(t, 3, "sh", "-c", loop)
}

// TestEventsTellHowItEnded: exit status, signal, a program's name after exec, a grandchild whose parent has ended.
func TestEventsTellHowItEnded(t *testing.T) {
	s := listen(t)
	c := exec.Command("sh", "-c", `sh -c 'kill -SEGV $$'; (sleep 0.05; exit 7) & exec sh -c 'exit 5'`)
	c.Start()
	lives := map[int]*life{}
	receiveUntil(t, s, c.Process.Pid, lives)
	c.Wait()
	if st := lives[c.Process.Pid].exited.Status; st.Code != 5 || st.Signal != 0 {
		t.Errorf("exit 5: %+v", st)
	}
	var orphan int
	for pid, l := range lives {
		if l.exited == nil && pid != c.Process.Pid && l.forked.PPID == c.Process.Pid {
			orphan = pid
		}
	}
	if orphan == 0 {
		t.Fatal("no child was left")
	}
	receiveUntil(t, s, orphan, lives)
	unix.Wait4(orphan, nil, 0, nil)
	if st := lives[orphan].exited.Status; st.Code != 7 {
		t.Errorf("exit 7: %+v", st)
	}
	killed := 0
	for _, l := range lives {
		if l.exited != nil && l.exited.Status.Signal == int(unix.SIGSEGV) {
			killed++
		}
	}
	if killed != 1 {
		t.Errorf("%d processes ended by SIGSEGV", killed)
	}
}

// TestEventsOfThreads: threads are no processes, and a process whose first thread ends lives on.
func TestEventsOfThreads(t *testing.T) {
	s := listen(t)
	const script = `
import ctypes, os, threading, time
def burn():
    end = time.process_time() + 0.2
    while time.process_time() < end: pass
    time.sleep(0.1)
    os._exit(9)
threading.Thread(target=burn).start()
ctypes.CDLL(None).syscall(60 if os.uname().machine == "x86_64" else 93, 0) # exit of one thread
`
	c := exec.Command("python3", "-c", script)
	if err := c.Start(); err != nil {
		t.Skip("no python3: ", err)
	}
	lives := map[int]*life{}
	pid := c.Process.Pid
	receiveUntil(t, s, pid, lives)
	real, ok := cpuClock(pid) // a zombie's is there until it is collected, and without its children's
	if !ok {
		t.Fatal("no zombie is left")
	}
	c.Wait()
	e := lives[pid].exited
	if c.ProcessState.ExitCode() != e.Status.Code {
		t.Errorf("told status %d, waited for %d", e.Status.Code, c.ProcessState.ExitCode())
	}
	if e.CPU < real-5*time.Millisecond || e.CPU > real {
		t.Errorf("told %v of CPU, the kernel counted %v", e.CPU, real)
	}
}

// TestEventsKnowThosePresent: a process that was there before the subscription is followed.
func TestEventsKnowThosePresent(t *testing.T) {
	c := exec.Command("sh", "-c", "read line; /bin/true; exit 0")
	in, _ := c.StdinPipe()
	c.Start()
	s := listen(t)
	in.Close()
	lives := map[int]*life{}
	receiveUntil(t, s, c.Process.Pid, lives)
	c.Wait()
	if len(lives) != 2 {
		t.Errorf("%d lives told, not the shell's and its child's", len(lives))
	}
}

// TestEventsNeedAProbeThatIsSeen: a probe outside the tree is not proof.
func TestEventsNeedAProbeThatIsSeen(t *testing.T) {
	listen(t).Close()
	_, err := Events(os.Getpid(), func() (int, error) { return 1, nil })
	if err == nil || !strings.Contains(err.Error(), "short-lived processes may be missed") {
		t.Errorf("error %v", err)
	}
}

// TestEventsAfterAnOverrun: when the kernel's buffer was full it is counted, and who is there is found again.
func TestEventsAfterAnOverrun(t *testing.T) {
	s := listen(t)
	var size int
	size, err := unix.GetsockoptInt(s.connector, unix.SOL_SOCKET, unix.SO_RCVBUF)
	if err != nil {
		t.Fatal(err)
	}
	unix.SetsockoptInt(s.connector, unix.SOL_SOCKET, unix.SO_RCVBUF, 0) // the least that there is: two or three events
	var kept []*exec.Cmd
	defer func() {
		for _, c := range kept {
			c.Process.Kill()
			c.Wait()
		}
	}()
	until(t, "the buffer is full", func() bool {
		exec.Command("sh", "-c", "for i in 1 2 3 4 5 6 7 8; do true & /bin/true & done; wait").Run()
		c := exec.Command("sleep", "600")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		kept = append(kept, c)
		for len(s.C()) > 0 {
			<-s.C()
		}
		return s.Lost() > 0
	})
	unix.SetsockoptInt(s.connector, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, size)
	// Until the source has read all that there is, the kernel goes on dropping.
	until(t, "events come again", func() bool {
		c := exec.Command("true")
		c.Run()
		for late := time.After(100 * time.Millisecond); ; {
			select {
			case e := <-s.C():
				if e.Kind == proc.Exited && e.PID == c.Process.Pid {
					return true
				}
			case <-late:
				return false
			}
		}
	})
	for _, c := range kept {
		c.Process.Kill()
		receiveUntil(t, s, c.Process.Pid, map[int]*life{})
		c.Wait()
	}
	kept = nil
}
