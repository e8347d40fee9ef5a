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

func TestSpareLeavesWhatWasThereBefore(t *testing.T) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	before, after := exec.Command("sleep", "300"), exec.Command("sh", "-c", "setsid sleep 300 & sleep 300")
	ended := exec.Command("true")
	for _, c := range []*exec.Cmd{before, ended} {
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
	}
	Spare()
	defer func() { spared = [64]int32{} }()
	if err := after.Start(); err != nil {
		t.Fatal(err)
	}
	All()
	if n := childrenOf(int32(os.Getpid()), 0); n != 1 || found[0] != int32(before.Process.Pid) {
		t.Errorf("%d children are left, %v; want just %d, that was spared", n, found[:n], before.Process.Pid)
	}
	if isSpared(int32(ended.Process.Pid)) {
		t.Errorf("%d has been reaped and is still spared", ended.Process.Pid)
	}
	if err := before.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	before.Wait()
	after.Wait() // All reaped them: only os/exec's own descriptors are freed here
	ended.Wait()
}
