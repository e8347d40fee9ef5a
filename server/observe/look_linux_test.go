package observe

import (
	"os"
	"os/exec"
	"slices"
	"testing"
)

// TestGoneByALook: an end that a look between two observations finds is told by the next one too, once.
func TestGoneByALook(t *testing.T) {
	for name, open := range map[string]func() (Reader, error){
		"procfs":   func() (Reader, error) { return Procfs("/proc", os.Getpid()) },
		"gopsutil": func() (Reader, error) { return Gopsutil(os.Getpid()) },
	} {
		t.Run(name, func(t *testing.T) {
			r, err := open()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			c := exec.Command("sleep", "600")
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			s, ok := r.Look(c.Process.Pid)
			c.Process.Kill()
			c.Wait()
			if !ok {
				t.Fatal("it was not found")
			}
			if _, there := r.Look(s.PID); there {
				t.Error("it is still found")
			}
			for told, want := range []bool{true, false} {
				o, err := r.Observe()
				if err != nil || slices.Contains(o.Gone, s.Key) != want {
					t.Errorf("observation %d: gone %v, %v; the process was %v", told+1, o.Gone, err, s.Key)
				}
			}
		})
	}
}
