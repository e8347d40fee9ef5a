package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vivero/test/client"
)

// family starts processes of every kind that likes to stay behind, all with the mark, and says when they are there:
// deaf to signals, stopped, double-forked daemons without an environment, a shell's grandchildren, one that changes its
// pid all the time, one that computes.
const family = `
trap '' TERM INT HUP
mark=$1
sleep 300.$mark &
sleep 300.$mark & kill -STOP $!
(setsid sleep 300.$mark &)
(setsid env -i sh -c "trap '' TERM; sleep 300.$mark & wait" &)
env -i setsid sh -c "(setsid sleep 300.$mark & kill -STOP \$!) & sleep 300.$mark" &
hop='sleep 0.002; sh -c "$0" "$0" "$1" &'
sh -c "$hop" "$hop" hop.$mark
sh -c 'while :; do :; done' busy.$mark &
echo family is there
wait
wait
sleep 300.$mark`

// end is one of the ways in which vivero may end, and the exit status of what was started (−1: it was killed itself).
type end struct {
	name   string
	by     func(p *client.Program)
	status int
}

func send(s syscall.Signal) func(p *client.Program) { return func(p *client.Program) { p.Send(s) } }

func sendServer(signals ...syscall.Signal) func(p *client.Program) {
	return func(p *client.Program) {
		for _, s := range signals {
			unix.Kill(p.Server, s)
		}
	}
}

var ends = []end{
	{"SIGTERM", send(unix.SIGTERM), 0},
	{"SIGHUP", send(unix.SIGHUP), 0},
	{"keeper killed", send(unix.SIGKILL), -1},
	{"server killed", sendServer(unix.SIGKILL), 137},
	{"server stopped, keeper killed", func(p *client.Program) {
		sendServer(unix.SIGSTOP)(p)
		p.Send(unix.SIGKILL)
	}, -1},
	{"server stopped and killed", sendServer(unix.SIGSTOP, unix.SIGKILL), 137},
	{"panic", send(unix.SIGUSR1), 2}, // main_test.go
	{"abort", sendServer(unix.SIGABRT), 2},
}

var panics = []string{panicVariable + "=1"}

// endIt ends p and holds it to its status, to 2 s (400 ticks of 5 ms, fewer when the machine stands still), and to leaving
// nothing, not even what has the mark.
func endIt(t *testing.T, p *client.Program, e end, status int, mark string) {
	t.Helper()
	begin, ticks := time.Now(), make(chan int)
	done := make(chan struct{})
	go func() {
		clock := time.NewTicker(5 * time.Millisecond)
		defer clock.Stop()
		for n := 0; ; n++ {
			select {
			case <-clock.C:
			case <-done:
				ticks <- n
				return
			}
		}
	}()
	e.by(p)
	if got := p.Wait(); got != status {
		t.Errorf("exit status %d, want %d; stderr: %s", got, status, p.Stderr)
	}
	p.NothingLeft()
	close(done)
	n := <-ticks
	t.Logf("nothing left after %v, %d ticks", time.Since(begin).Round(time.Millisecond), n)
	if n > 400 {
		t.Errorf("it took %d ticks of 5 ms until nothing was left", n)
	}
	if found := marked(mark); len(found) > 0 {
		t.Errorf("still there: %s", describe(found))
	}
}

// TestNothingIsLeftOfACommand ends 'vivero run' in every way while the family lives.
func TestNothingIsLeftOfACommand(t *testing.T) {
	for i, e := range ends {
		t.Run(e.name, func(t *testing.T) {
			mark := fmt.Sprintf("%d%03d", os.Getpid(), i)
			p := client.Boot(t, client.Options{Env: panics, Command: []string{"sh", "-c", family, "sh", mark}})
			p.Stdout.Await(t, "family is there")
			client.Eventually(t, "the family", func() error {
				if found := marked(mark); len(found) < 12 { // keeper, server, 10 that stay; those that hop are rarely caught
					return fmt.Errorf("there are only %s", describe(found))
				}
				return nil
			})
			status := e.status
			if status == 0 {
				status = 137 // the family is deaf: only SIGKILL ended it, and its status is ours
			}
			endIt(t, p, e, status, mark)
		})
	}
}

// TestNothingIsLeftOfWorkers ends a dashboard in every way while 100 workers live, in trees, adopted and stopped ones.
func TestNothingIsLeftOfWorkers(t *testing.T) {
	for i, e := range append(ends, end{"SIGINT", send(unix.SIGINT), 0}) {
		t.Run(e.name, func(t *testing.T) {
			mark := fmt.Sprintf("KEPT_MARK=%d%03d", os.Getpid(), i)
			p := client.Boot(t, client.Options{Env: append(panics, mark), Flags: []string{"--empty"}})
			if first, _, _ := strings.Cut(p.Stdout.String(), "\n"); first != p.URL+"/#token="+client.Presenter {
				t.Errorf("the first line is %q, want the link", first)
			}
			idle := p.Start("idle", nil, 0, 80)
			p.Start("idle", nil, idle[0].ID, 5)
			p.Start("orphan", nil, 0, 2)
			p.Start("zombie", nil, 0, 2)
			p.Start("primes", client.M{"n": 1_000_000_000}, 0, 2)
			p.Start("tree", nil, 0, 1)
			for _, worker := range idle[:10] {
				p.Signal(worker.ID, "STOP", true)
			}
			client.Eventually(t, "the workers", func() error {
				if n := len(p.Tree().Processes); n < 100 {
					return fmt.Errorf("there are only %d", n)
				}
				return nil
			})
			endIt(t, p, e, e.status, mark)
			if killed := strings.Contains(p.Stderr.String(), "the server was ended by SIGKILL"); killed != (e.status == 137) {
				t.Errorf("stderr: %s", p.Stderr)
			}
		})
	}
}

// TestCommandStatus is what a shell would say of the command.
func TestCommandStatus(t *testing.T) {
	for script, want := range map[string]int{
		"exit 0":                     0,
		"exit 7":                     7,
		"kill -KILL $$":              137,
		"kill -TERM $$":              143,
		"setsid sleep 300 & exit 3":  3, // what it leaves running is ended
		"exec /dev/null 2>/dev/null": 126,
	} {
		p := client.Begin(t, client.Options{Command: []string{"sh", "-c", script}})
		if status := p.Wait(); status != want {
			t.Errorf("%s: exit status %d, want %d; stderr: %s", script, status, want, p.Stderr)
		}
		p.NothingLeft()
	}
}

// TestRefusals are those that need a process: their exit status and their one sentence.
func TestRefusals(t *testing.T) {
	taken, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, c := range []struct {
		options client.Options
		status  int
		want    string
	}{
		{client.Options{Flags: []string{"--rate", "0"}}, 2, "vivero: --rate must be a whole number, 1..50, got '0'\n"},
		{client.Options{Command: []string{"nosuch-command"}}, 127, "vivero: cannot run nosuch-command: no such command in PATH\n"},
		{client.Options{Command: []string{"/dev/null"}}, 126, "vivero: cannot run /dev/null: permission denied\n"},
		{client.Options{Flags: []string{"--addr", taken.Addr().String()}}, 1, "is in use by another program"},
		{client.Options{Flags: []string{"--addr", taken.Addr().String()}, Command: []string{"true"}}, 1, "is in use by another program"},
		{client.Options{Flags: []string{"--tls-cert", "/nonexistent", "--tls-key", "/nonexistent"}}, 2, "vivero: cannot use --tls-cert and --tls-key: open /nonexistent: no such file or directory\n"},
	} {
		p := client.Begin(t, c.options)
		status := p.Wait()
		if stderr := p.Stderr.String(); status != c.status || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%+v: exit status %d, stderr %q; want %d and %q", c.options, status, stderr, c.status, c.want)
		}
		if p.Stdout.String() != "" {
			t.Errorf("%+v: stdout %q", c.options, p.Stdout)
		}
		p.NothingLeft()
	}
}

// TestInterruptByKill: without a terminal an interrupt is passed on to the command, which may do with it what it likes.
func TestInterruptByKill(t *testing.T) {
	p := client.Boot(t, client.Options{Command: []string{"sh", "-c", `trap 'echo caught; exit 5' INT; echo begun; while :; do sleep 0.02; done`}})
	p.Stdout.Await(t, "begun")
	p.Send(unix.SIGINT)
	p.Stdout.Await(t, "caught")
	if status := p.Wait(); status != 5 {
		t.Errorf("exit status %d, want 5", status)
	}
	p = client.Boot(t, client.Options{Command: []string{"sh", "-c", "echo begun; exec sleep 300"}})
	p.Stdout.Await(t, "begun")
	p.Send(unix.SIGINT)
	if status := p.Wait(); status != 130 {
		t.Errorf("exit status %d, want 130", status)
	}
}

// TestSecretsStayOut: no process of the tree has a token in its environment or arguments, the server included.
func TestSecretsStayOut(t *testing.T) {
	presenter, viewer := fmt.Sprintf("presenter-of-test-%d", os.Getpid()), fmt.Sprintf("viewer-of-test-%d", os.Getpid())
	p := client.Boot(t, client.Options{
		Env:     []string{tokenVariable + "=" + presenter, viewerVariable + "=" + viewer, "KEPT_FOR_THE_COMMAND=yes"},
		Command: []string{"sh", "-c", "env; echo end of env; exec sleep 300"},
	})
	p.Stdout.Await(t, "end of env")
	if out := p.Stdout.String(); strings.Contains(out, "VIVERO_KEEPER") || !strings.Contains(out, "KEPT_FOR_THE_COMMAND=yes") {
		t.Errorf("the command's environment: %s", out)
	}
	for _, secret := range []string{presenter, viewer} {
		if strings.Contains(p.Stdout.String(), secret) {
			t.Errorf("the command has %s in its environment", secret)
		}
		for _, pid := range marked(secret) {
			if pid != p.Keeper { // it was given them, and isn't in the tree
				t.Errorf("%s stands in %s", secret, describe([]int{pid}))
			}
		}
	}
}

// TestInheritedDescriptor: the command gets the descriptors that the user opened, as under a shell.
func TestInheritedDescriptor(t *testing.T) {
	p := client.Boot(t, client.Options{Command: []string{"sh", "-c", "exec 3</dev/null 4<&3; exec " +
		"/proc/$PPID/exe run --addr 127.0.0.1:0 -- sh -c 'test -e /proc/self/fd/3 && test -e /proc/self/fd/4 && echo both are there'"}})
	p.Stdout.Await(t, "both are there")
	if status := p.Wait(); status != 0 {
		t.Errorf("exit status %d", status)
	}
}

// TestForeignChildIsSpared: a shell that becomes vivero by exec may have started something before, which is not ours.
func TestForeignChildIsSpared(t *testing.T) {
	script := fmt.Sprintf("sleep 300 & echo $!; exec /proc/%d/exe run --addr 127.0.0.1:0 -- true", os.Getpid())
	cmd := exec.Command("sh", "-c", script)
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	cmd.Stdout = write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	var sleeper int
	if _, err := fmt.Fscan(read, &sleeper); err != nil {
		t.Fatal(err)
	}
	if err := unix.Kill(sleeper, unix.SIGKILL); err != nil {
		t.Errorf("what the shell had started was ended too: %v", err)
	}
	client.NothingLeft(t, cmd.Process.Pid)
}

// TestOutputEndsWithTheCommand: under --keep, who reads the command's output sees its end although the page is still up.
func TestOutputEndsWithTheCommand(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	cmd := exec.Command("/proc/self/exe", "run", "--keep", "--addr", "127.0.0.1:0", "--", "echo", "hello")
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	stderr := client.NewLog()
	cmd.Stdout, cmd.Stderr = write, stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	if err := read.SetReadDeadline(time.Now().Add(client.Patience)); err != nil {
		t.Fatal(err)
	}
	if out, err := io.ReadAll(read); err != nil || string(out) != "hello\n" {
		t.Errorf("the output is %q, %v", out, err)
	}
	page, _, _ := strings.Cut(stderr.Await(t, "#token="), "#")
	alone := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: client.Patience}
	if answer, err := alone.Get(page + "healthz"); err != nil {
		t.Errorf("the page is not up any more: %v", err)
	} else {
		answer.Body.Close()
	}
	if err := cmd.Process.Signal(unix.SIGTERM); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // the status is the command's: 0, or 143 if it closed its output and had not quite ended
	client.NothingLeft(t, cmd.Process.Pid)
}

// TestFolderOfAKilledPair: both killed at once leave processes, which is not covered, and a folder, which the next run
// removes.
func TestFolderOfAKilledPair(t *testing.T) {
	p := client.Boot(t, client.Options{Flags: []string{"--empty"}})
	p.Send(unix.SIGSTOP) // so that it cannot act on the server's death
	sendServer(unix.SIGKILL)(p)
	p.Send(unix.SIGKILL)
	p.Wait()
	folders := fmt.Sprintf("/dev/shm/vivero-%d-*", p.Keeper)
	if left, _ := filepath.Glob(folders); len(left) != 1 {
		t.Fatalf("the folders are %v, want the one of the killed run", left)
	}
	next := client.Boot(t, client.Options{Flags: []string{"--empty"}})
	if left, _ := filepath.Glob(folders); len(left) != 0 {
		t.Errorf("the next run left %v", left)
	}
	next.Stop()
}
