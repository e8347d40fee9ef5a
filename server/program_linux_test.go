package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// program is a vivero that runs for a test. The test process is a subreaper: what escapes both keeper and server becomes
// the test's own child, so that nothing can hide.
type program struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdout *lines
	stderr *lines
	server int
}

// start runs vivero with the arguments, on a free port, and waits for its link. Setsid keeps the test's terminal, if it
// has one, out of it.
func start(t *testing.T, environment []string, args ...string) *program {
	t.Helper()
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, cmd: exec.Command("/proc/self/exe", args...), stdout: newLines(), stderr: newLines()}
	p.cmd.Env = append(os.Environ(), environment...)
	p.cmd.Env = append(p.cmd.Env, "GORACE=atexit_sleep_ms=0") // the race detector sleeps for a second at each exit otherwise
	p.cmd.Stdout, p.cmd.Stderr = p.stdout, p.stderr
	p.cmd.WaitDelay = time.Second
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			p.cmd.Process.Kill()
			p.cmd.Wait()
		}
		p.nothingLeft()
	})
	return p
}

// serving waits until the server has printed its link.
func (p *program) serving(on *lines) string {
	p.t.Helper()
	link := on.await(p.t, "#token=")
	if children := childrenOf(p.cmd.Process.Pid); len(children) == 1 {
		p.server = children[0]
	} else {
		p.t.Fatalf("the keeper has the children %v, want just the server", children)
	}
	return link
}

// status waits for the end of what was started and gives its exit status, −1 when a signal ended it.
func (p *program) status() int {
	p.t.Helper()
	timer := time.AfterFunc(20*time.Second, func() { p.cmd.Process.Kill() })
	defer timer.Stop()
	p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode()
}

// nothingLeft fails if within 2 s any descendant or the run's folder is left. The 2 s are 400 looks, 5 ms apart: time
// in which the machine stood still is not ours.
func (p *program) nothingLeft() {
	p.t.Helper()
	begin := time.Now()
	var left []int
	var folders []string
	for range 400 {
		for _, child := range childrenOf(os.Getpid()) {
			unix.Wait4(child, nil, unix.WNOHANG, nil) // no os/exec command is running now
		}
		left = childrenOf(os.Getpid())
		folders, _ = filepath.Glob(fmt.Sprintf("/dev/shm/vivero-%d-*", p.cmd.Process.Pid))
		if len(left) == 0 && len(folders) == 0 {
			p.t.Logf("nothing left after %v", time.Since(begin).Round(time.Millisecond))
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	p.t.Errorf("after 2 s there is left: %s, folders %v", describe(left), folders)
	for len(left) > 0 { // leave the machine clean
		for _, pid := range left {
			unix.Kill(pid, unix.SIGKILL)
			unix.Wait4(pid, nil, 0, nil)
		}
		left = childrenOf(os.Getpid())
	}
}

// childrenOf reads the kernel's own list.
func childrenOf(pid int) []int {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	var children []int
	for _, file := range files {
		content, _ := os.ReadFile(file)
		for _, field := range bytes.Fields(content) {
			child, _ := strconv.Atoi(string(field))
			children = append(children, child)
		}
	}
	return children
}

// marked finds all processes that have the mark in their command line or environment.
func marked(mark string) []int {
	var pids []int
	seen := map[int]bool{os.Getpid(): true}
	for _, what := range []string{"cmdline", "environ"} {
		files, _ := filepath.Glob("/proc/[0-9]*/" + what)
		for _, file := range files {
			if content, err := os.ReadFile(file); err == nil && bytes.Contains(content, []byte(mark)) {
				pid, _ := strconv.Atoi(strings.Split(file, "/")[2])
				if !seen[pid] {
					seen[pid] = true
					pids = append(pids, pid)
				}
			}
		}
	}
	return pids
}

func describe(pids []int) string {
	var all []string
	for _, pid := range pids {
		stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		all = append(all, string(stat[:min(60, len(stat))]))
	}
	return fmt.Sprintf("%d processes %q", len(pids), all)
}

// lines keeps what a process wrote and lets a test wait for it.
type lines struct {
	mu   sync.Mutex
	all  bytes.Buffer
	more chan struct{} // closed and replaced at each write
}

func newLines() *lines { return &lines{more: make(chan struct{})} }

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.more)
	l.more = make(chan struct{})
	return l.all.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// await gives the first whole line that holds text.
func (l *lines) await(t *testing.T, text string) string {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		l.mu.Lock()
		more, now := l.more, l.all.String()
		l.mu.Unlock()
		for reader := bufio.NewReader(strings.NewReader(now)); ; {
			line, err := reader.ReadString('\n')
			if err == io.EOF {
				break
			}
			if strings.Contains(line, text) {
				return strings.TrimSpace(line)
			}
		}
		select {
		case <-more:
		case <-deadline:
			t.Fatalf("no line with %q came; this did: %q", text, now)
		}
	}
}
