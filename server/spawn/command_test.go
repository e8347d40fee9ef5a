//go:build linux

package spawn

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
	"vivero/sim/control"
)

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
