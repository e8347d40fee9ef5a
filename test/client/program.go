//go:build linux

// Package client boots the real program for a test and talks to it as any client would: the API with a token, the
// stream with a hello. It knows only what docs/stream.md and the issue promise, and takes no type of the server's: a
// field that changes its name there fails here.
//
// A Program is stopped by the test's cleanup, which fails the test if any process is left. Nothing here sleeps to be
// right: whoever waits waits for a condition, with Patience as its deadline, never as a measure (machines stall).
package client

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
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

// The tokens of every program that is booted here.
const (
	Presenter = "presenter-token-0123456789"
	Viewer    = "viewer-token-0123456789abc"
)

// Patience is the deadline of every condition.
const Patience = 30 * time.Second

// Options say what to boot.
type Options struct {
	Program string   // path of the executable; "": this test binary itself
	Flags   []string // beside --addr, which is a free port
	Command []string // of 'vivero run'; nil: the server alone
	Env     []string // beside what the test has
	Stdin   io.Reader
	Group   string // folder of the cgroup to run in; "": the test's
}

// Program is a vivero that runs for a test. The test process is a subreaper: what escapes both keeper and server becomes
// its own child, so that nothing can hide.
type Program struct {
	t      testing.TB
	cmd    *exec.Cmd
	run    bool
	http   *http.Client
	URL    string // http://127.0.0.1:PORT
	Keeper int    // pid of what was started
	Server int    // pid of the serving process, the root of the tree
	Stdout *Log
	Stderr *Log
}

// Boot starts the program and returns once it serves.
func Boot(t testing.TB, o Options) *Program {
	t.Helper()
	p := Begin(t, o)
	p.Serving()
	return p
}

// Begin starts the program and returns at once: for what may refuse to serve, or ends soon.
func Begin(t testing.TB, o Options) *Program {
	t.Helper()
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	if o.Program == "" {
		o.Program = fmt.Sprintf("/proc/%d/exe", os.Getpid())
	}
	args := append([]string{"--addr", "127.0.0.1:0"}, o.Flags...)
	if o.Command != nil {
		args = append(append(append([]string{"run"}, args...), "--"), o.Command...)
	}
	cmd := exec.Command(o.Program, args...)
	if o.Group != "" { // a shell goes there, and becomes the program
		cmd = exec.Command("/bin/sh", append([]string{"-c", `echo $$ >"$0"/cgroup.procs && exec "$@"`, o.Group, o.Program}, args...)...)
	}
	p := &Program{t: t, cmd: cmd, run: o.Command != nil, Stdout: NewLog(), Stderr: NewLog(),
		http: &http.Client{Transport: &http.Transport{}, Timeout: Patience}}
	p.cmd.Env = append(append(os.Environ(), "VIVERO_TOKEN="+Presenter, "VIVERO_VIEWER_TOKEN="+Viewer,
		"GORACE=atexit_sleep_ms=0"), // the race detector sleeps for a second at each exit otherwise
		o.Env...)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = o.Stdin, p.Stdout, p.Stderr
	p.cmd.WaitDelay = time.Second
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // out of the test's terminal, if it has one
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.Keeper = p.cmd.Process.Pid
	t.Cleanup(p.end)
	return p
}

// Serving waits for the presenter's link, and gives it.
func (p *Program) Serving() string {
	p.t.Helper()
	on := p.Stdout
	if p.run {
		on = p.Stderr
	}
	link := on.Await(p.t, "#token=")
	u, err := url.Parse(link)
	if err != nil {
		p.t.Fatal(err)
	}
	p.URL = u.Scheme + "://" + u.Host
	children := childrenOf(p.Keeper)
	if len(children) != 1 {
		p.t.Fatalf("the keeper has the children %v, want just the server", children)
	}
	p.Server = children[0]
	return link
}

// Send sends a signal to what was started, the keeper.
func (p *Program) Send(signal syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		p.t.Fatal(err)
	}
}

// Stop ends the program with SIGTERM and gives its exit status, −1 when a signal ended it.
func (p *Program) Stop() int {
	p.t.Helper()
	if p.cmd.ProcessState == nil {
		p.cmd.Process.Signal(unix.SIGTERM)
		p.Wait()
	}
	return p.cmd.ProcessState.ExitCode()
}

// Wait returns when the program has ended by itself, and gives its exit status, −1 when a signal ended it.
func (p *Program) Wait() int {
	p.t.Helper()
	timer := time.AfterFunc(Patience, func() { p.cmd.Process.Kill() })
	defer timer.Stop()
	p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode()
}

func (p *Program) end() {
	p.t.Helper()
	p.Stop()
	p.http.CloseIdleConnections()
	p.NothingLeft()
	if p.t.Failed() {
		p.t.Logf("its stderr: %s", p.Stderr)
	}
	if strings.Contains(p.Stderr.String(), "DATA RACE") || strings.Contains(p.Stdout.String(), "DATA RACE") {
		p.t.Errorf("the race detector complains: %s", p.Stderr)
	}
}

// NothingLeft fails the test if a descendant or the run's folder is left 2 s from now.
func (p *Program) NothingLeft() {
	p.t.Helper()
	NothingLeft(p.t, p.Keeper)
}

// NothingLeft fails if any child of the test's, or the folder of that keeper's run, stays for 400 looks, 5 ms apart: time
// in which the machine stood still is not ours. No other program may run meanwhile: all children are reaped.
func NothingLeft(t testing.TB, keeper int) {
	t.Helper()
	var left []int
	var folders []string
	for range 400 {
		for _, child := range childrenOf(os.Getpid()) {
			unix.Wait4(child, nil, unix.WNOHANG, nil)
		}
		left = childrenOf(os.Getpid())
		folders, _ = filepath.Glob(fmt.Sprintf("/dev/shm/vivero-%d-*", keeper))
		if len(left) == 0 && len(folders) == 0 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("after 2 s there is left: processes %v, folders %v", left, folders)
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

// Log keeps what a process wrote and lets a test wait for it.
type Log struct {
	mu   sync.Mutex
	all  bytes.Buffer
	more chan struct{} // closed and replaced at each write
}

// NewLog is an empty one.
func NewLog() *Log { return &Log{more: make(chan struct{})} }

// Write appends.
func (l *Log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.more)
	l.more = make(chan struct{})
	return l.all.Write(b)
}

// String is all that was written so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// Await gives the first whole line that holds text.
func (l *Log) Await(t testing.TB, text string) (found string) {
	t.Helper()
	l.Until(t, fmt.Sprintf("a line with %q", text), func(all string) bool {
		for rest := all; ; {
			line, after, whole := strings.Cut(rest, "\n")
			if whole && strings.Contains(line, text) {
				found = strings.TrimSpace(line)
			}
			if !whole || found != "" {
				return found != ""
			}
			rest = after
		}
	})
	return found
}

// Until returns once ok says yes of all that was written; ok is asked after each write.
func (l *Log) Until(t testing.TB, what string, ok func(all string) bool) {
	t.Helper()
	deadline := time.After(Patience)
	for {
		l.mu.Lock()
		more, now := l.more, l.all.String()
		l.mu.Unlock()
		if ok(now) {
			return
		}
		select {
		case <-more:
		case <-deadline:
			t.Fatalf("%s: not within %v; this was written: %q", what, Patience, now)
		}
	}
}

// Eventually looks again and again, for Patience at most, until ok; the last complaint of ok's fails the test.
func Eventually(t testing.TB, what string, ok func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if err = ok(); err == nil {
			return
		}
	}
	t.Fatalf("%s: not within %v: %v", what, Patience, err)
}
