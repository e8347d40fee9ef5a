//go:build linux

package sweep

import (
	"bufio"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Ordinary, stopped, double-forked, TERM-proof and environment-less processes, all in one tree.
const family = `
trap '' TERM INT HUP
(setsid sleep 300 & echo $! >&1)
env -i sleep 300 & echo $!
sleep 300 & kill -STOP $!; echo $!
sh -c 'trap "" TERM; (sleep 300 & echo $!); sleep 300 & echo $!; wait' & echo $!
echo ready
wait`

func TestAllLeavesNothing(t *testing.T) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	first, err := syscall.ForkExec(shell, []string{"sh", "-c", family}, &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, write.Fd(), 2}})
	if err != nil {
		t.Fatal(err)
	}
	write.Close()
	pids := []int{first}
	read.SetDeadline(time.Now().Add(10 * time.Second))
	for lines := bufio.NewScanner(read); len(pids) < 7 && lines.Scan(); {
		if pid, err := strconv.Atoi(strings.TrimSpace(lines.Text())); err == nil {
			pids = append(pids, pid)
		}
	}
	if len(pids) != 7 {
		t.Fatalf("the family is %v, want 7 processes", pids)
	}
	begin := time.Now()
	All()
	t.Logf("swept in %v", time.Since(begin))
	for _, pid := range pids {
		if err := syscall.Kill(pid, 0); err != syscall.ESRCH {
			t.Errorf("process %d is still there: %v", pid, err)
		}
	}
	if _, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); err != syscall.ECHILD {
		t.Errorf("children are left: %v", err)
	}
}
