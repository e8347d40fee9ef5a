package observe

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
)

func TestInspect(t *testing.T) {
	dir := t.TempDir()
	c := exec.Command("sleep", "600")
	c.Dir, c.Env = dir, []string{"VIVERO_TEST=secret"}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c.Stdin = r
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { w.Close(); c.Process.Kill(); c.Wait() }()
	pid := c.Process.Pid
	key := keyOf(t, pid)
	unix.Setpriority(unix.PRIO_PROCESS, pid, 7)
	until(t, "sleeps", func() bool { s, _ := statOf("/proc", pid); return string(s.comm) == "sleep" && s.state == 'S' })

	d, err := Inspect(key, true)
	if err != nil {
		t.Fatal(err)
	}
	if d.Exe == nil || !strings.HasSuffix(*d.Exe, "/sleep") && !strings.Contains(*d.Exe, "coreutils") {
		t.Errorf("exe %v", d.Exe)
	}
	if d.Cwd == nil || *d.Cwd != dir {
		t.Errorf("cwd %v", d.Cwd)
	}
	if d.User == nil || *d.User == "" {
		t.Errorf("user %v", d.User)
	}
	if d.Nice == nil || *d.Nice != 7 {
		t.Errorf("nice %v", d.Nice)
	}
	if d.Affinity == nil || !strings.HasPrefix(*d.Affinity, "0") {
		t.Errorf("affinity %v", d.Affinity)
	}
	if m := d.Memory; m == nil || m.PSS == nil || m.USS == nil || *m.USS > *m.PSS || *m.PSS > m.RSS || *m.PSS == 0 {
		t.Errorf("memory %+v", m)
	}
	if d.Switches == nil || d.Switches.Voluntary == 0 {
		t.Errorf("switches %+v", d.Switches)
	}
	if len(d.Tasks) != 1 || d.Tasks[0].TID != pid || d.Tasks[0].Name != "sleep" || d.Tasks[0].State != "S" || d.Tasks[0].CPU <= 0 {
		t.Errorf("tasks %+v", d.Tasks)
	}
	if len(d.Descriptors) < 3 || !strings.HasPrefix(d.Descriptors[0].Target, "pipe:[") || d.Descriptors[2].FD != 2 {
		t.Errorf("descriptors %+v", d.Descriptors)
	}
	if !slices.Equal(d.Cmdline, []string{"sleep", "600"}) || !slices.Equal(d.Environ, []string{"VIVERO_TEST=secret"}) {
		t.Errorf("cmdline %q, environ %q", d.Cmdline, d.Environ)
	}

	d, err = Inspect(key, false)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"secret", "600", "cmdline", "environ"} {
		if strings.Contains(string(b), word) {
			t.Errorf("a viewer is told %q: %s", word, b)
		}
	}

	c.Process.Kill()
	until(t, "zombie", func() bool { s, _ := statOf("/proc", pid); return s.state == 'Z' })
	d, err = Inspect(key, true)
	if err != nil {
		t.Fatal(err)
	}
	if d.Signal == nil || *d.Signal != "KILL" || d.Status != nil || d.Memory != nil || d.Exe != nil || d.Nice == nil {
		t.Errorf("zombie: %+v", d)
	}
	if _, err := Inspect(proc.Key{PID: pid, Start: key.Start - 1}, true); err == nil {
		t.Error("another process with that pid was inspected")
	}
	c.Wait()
	if _, err := Inspect(key, true); err == nil {
		t.Error("a process that is gone was inspected")
	}
}

func keyOf(t *testing.T, pid int) proc.Key {
	t.Helper()
	start, err := startOf(pid)
	if err != nil {
		t.Fatal(err)
	}
	return proc.Key{PID: pid, Start: start}
}

// TestInspectThreads: this test's own threads, each by number.
func TestInspectThreads(t *testing.T) {
	d, err := Inspect(keyOf(t, os.Getpid()), true)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Tasks) < 2 || !slices.IsSortedFunc(d.Tasks, func(a, b Task) int { return a.TID - b.TID }) {
		t.Errorf("tasks %+v", d.Tasks)
	}
	if !slices.Equal(d.Cmdline, os.Args) {
		t.Errorf("cmdline %q", d.Cmdline)
	}
}

func TestMachine(t *testing.T) {
	m := NewMachine("/proc")
	defer m.Close()
	start(t, "sh", "-c", burn)
	until(t, "a busy process keeps a core busy", func() bool {
		got, err := m.Read()
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Busy) == 0 || got.MemoryTotal == 0 || got.MemoryUsed == 0 || got.MemoryUsed > got.MemoryTotal {
			t.Fatalf("%+v", got)
		}
		most := slices.Max(got.Busy)
		if most > 1 || slices.Min(got.Busy) < 0 {
			t.Fatalf("busy %v", got.Busy)
		}
		return most > 0.5
	})
	if n := testing.AllocsPerRun(20, func() { m.Read() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestForks(t *testing.T) {
	before, err := Forks()
	if err != nil {
		t.Fatal(err)
	}
	exec.Command("true").Run()
	if after, err := Forks(); err != nil || after <= before {
		t.Errorf("%d, then %d, %v", before, after, err)
	}
}

func TestHost(t *testing.T) {
	h := Host()
	name, _ := os.Hostname()
	if h.Name != name || h.OS != "linux" || h.Kernel == "" || h.Arch == "" || h.Cores < 1 || h.Boot == 0 {
		t.Errorf("%+v", h)
	}
}
