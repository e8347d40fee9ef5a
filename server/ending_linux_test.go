package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
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

// ends are all the ways in which vivero may end, and the exit status of what was started (−1: it was killed itself).
var ends = []struct {
	name   string
	end    func(p *program)
	status int
}{
	{"SIGTERM", func(p *program) { p.cmd.Process.Signal(unix.SIGTERM) }, 0},
	{"SIGHUP", func(p *program) { p.cmd.Process.Signal(unix.SIGHUP) }, 0},
	{"keeper killed", func(p *program) { p.cmd.Process.Kill() }, -1},
	{"server killed", func(p *program) { unix.Kill(p.server, unix.SIGKILL) }, 137},
	{"server stopped, keeper killed", func(p *program) {
		unix.Kill(p.server, unix.SIGSTOP)
		p.cmd.Process.Kill()
	}, -1},
	{"server stopped and killed", func(p *program) {
		unix.Kill(p.server, unix.SIGSTOP)
		unix.Kill(p.server, unix.SIGKILL)
	}, 137},
	{"panic", func(p *program) { p.cmd.Process.Signal(unix.SIGUSR1) }, 2},
	{"abort", func(p *program) { unix.Kill(p.server, unix.SIGABRT) }, 2},
}

// TestNothingIsLeftOfACommand ends 'vivero run' in every way while the family lives.
func TestNothingIsLeftOfACommand(t *testing.T) {
	for i, c := range ends {
		t.Run(c.name, func(t *testing.T) {
			mark := fmt.Sprintf("%d%03d", os.Getpid(), i)
			p := start(t, []string{panicVariable + "=1"},
				"run", "--addr", "127.0.0.1:0", "--", "sh", "-c", family, "sh", mark)
			p.serving(p.stderr)
			p.stdout.await(t, "family is there")
			for begin := time.Now(); ; time.Sleep(5 * time.Millisecond) {
				if found := marked(mark); len(found) >= 13 { // keeper, server, 10 that stay, one of those that hop
					break
				} else if time.Since(begin) > 20*time.Second {
					t.Fatalf("the family has only %s", describe(found))
				}
			}
			c.end(p)
			status, want := p.status(), c.status
			if want == 0 {
				want = 137 // the family is deaf: only SIGKILL ended it, and its status is ours
			}
			if status != want {
				t.Errorf("exit status %d, want %d; stderr: %s", status, want, p.stderr)
			}
			p.nothingLeft()
			if found := marked(mark); len(found) > 0 {
				t.Errorf("still there: %s", describe(found))
			}
		})
	}
}

// TestExitStatuses ends a vivero that only serves.
func TestExitStatuses(t *testing.T) {
	for _, c := range append(ends, struct {
		name   string
		end    func(p *program)
		status int
	}{"SIGINT", func(p *program) { p.cmd.Process.Signal(unix.SIGINT) }, 0}) {
		t.Run(c.name, func(t *testing.T) {
			p := start(t, []string{panicVariable + "=1"}, "--addr", "127.0.0.1:0", "--empty")
			link := p.serving(p.stdout)
			if first, _, _ := strings.Cut(p.stdout.String(), "\n"); first != link || !strings.HasPrefix(link, "http://127.0.0.1:") {
				t.Errorf("the first line is %q, want the link", first)
			}
			c.end(p)
			if status := p.status(); status != c.status {
				t.Errorf("exit status %d, want %d; stderr: %s", status, c.status, p.stderr)
			}
			if killed := strings.Contains(p.stderr.String(), "the server was ended by SIGKILL"); killed != (c.status == 137) {
				t.Errorf("stderr: %s", p.stderr)
			}
		})
	}
}

// TestCommandStatus is what a shell would say of the command.
func TestCommandStatus(t *testing.T) {
	for _, c := range []struct {
		script string
		status int
	}{
		{"exit 0", 0},
		{"exit 7", 7},
		{"kill -KILL $$", 137},
		{"kill -TERM $$", 143},
		{"setsid sleep 300 & exit 3", 3}, // what it leaves running is ended
	} {
		p := start(t, nil, "run", "--addr", "127.0.0.1:0", "--", "sh", "-c", c.script)
		if status := p.status(); status != c.status {
			t.Errorf("%s: exit status %d, want %d; stderr: %s", c.script, status, c.status, p.stderr)
		}
		p.nothingLeft()
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
		args   []string
		status int
		want   string
	}{
		{[]string{"--rate", "0"}, 2, "vivero: --rate must be a whole number, 1..50, got '0'\n"},
		{[]string{"run", "--", "nosuch-command"}, 127, "vivero: cannot run nosuch-command: no such command in PATH\n"},
		{[]string{"run", "--", "/dev/null"}, 126, "vivero: cannot run /dev/null: permission denied\n"},
		{[]string{"--addr", taken.Addr().String()}, 1, "is in use by another program"},
		{[]string{"--token-file", "/nonexistent"}, 2, "vivero: cannot read --token-file: open /nonexistent: no such file or directory\n"},
	} {
		p := start(t, nil, c.args...)
		if status := p.status(); status != c.status || !strings.Contains(p.stderr.String(), c.want) || strings.Count(p.stderr.String(), "\n") != 1 {
			t.Errorf("%q: exit status %d, stderr %q; want %d and %q", c.args, status, p.stderr, c.status, c.want)
		}
		if p.stdout.String() != "" {
			t.Errorf("%q: stdout %q", c.args, p.stdout)
		}
		p.nothingLeft()
	}
}

// TestInterruptByKill: without a terminal an interrupt is passed on to the command, which may do with it what it likes.
func TestInterruptByKill(t *testing.T) {
	p := start(t, nil, "run", "--addr", "127.0.0.1:0", "--", "sh", "-c", `trap 'echo caught' INT; echo begun; read x; echo "got $x"; kill -INT $$; exit 5`)
	p.serving(p.stderr)
	p.stdout.await(t, "begun")
	p.cmd.Process.Signal(unix.SIGINT)
	p.stdout.await(t, "caught")
	if status := p.status(); status != 5 {
		t.Errorf("exit status %d, want 5", status)
	}
	p = start(t, nil, "run", "--addr", "127.0.0.1:0", "--", "sh", "-c", "echo begun; exec sleep 300")
	p.stdout.await(t, "begun")
	p.cmd.Process.Signal(unix.SIGINT)
	if status := p.status(); status != 130 {
		t.Errorf("exit status %d, want 130", status)
	}
}

// TestSecretsStayOut: no process of the tree has a token in its environment or arguments, the server included.
func TestSecretsStayOut(t *testing.T) {
	token, viewer := "presenter-0123456789", "viewer-0123456789abc"
	p := start(t, []string{tokenVariable + "=" + token, viewerVariable + "=" + viewer, "KEPT_FOR_THE_COMMAND=yes"},
		"run", "--addr", "127.0.0.1:0", "--", "sh", "-c", "env; echo end of env; exec sleep 300")
	if link := p.serving(p.stderr); !strings.Contains(link, token) {
		t.Errorf("the link %q does not hold VIVERO_TOKEN", link)
	}
	p.stdout.await(t, "end of env")
	if out := p.stdout.String(); strings.Contains(out, token) || strings.Contains(out, viewer) || strings.Contains(out, "VIVERO_KEEPER") || !strings.Contains(out, "KEPT_FOR_THE_COMMAND=yes") {
		t.Errorf("the command's environment: %s", out)
	}
	for _, secret := range []string{token, viewer} {
		for _, pid := range marked(secret) {
			if pid != p.cmd.Process.Pid { // the keeper was given it, and isn't in the tree
				t.Errorf("a secret stands in %s", describe([]int{pid}))
			}
		}
	}
}

// TestInheritedDescriptor: the command gets the descriptors that the user opened, as under a shell.
func TestInheritedDescriptor(t *testing.T) {
	p := start(t, nil, "run", "--addr", "127.0.0.1:0", "--", "sh", "-c", "exec 3</dev/null 4<&3; exec "+
		"/proc/$PPID/exe run --addr 127.0.0.1:0 -- sh -c 'test -e /proc/self/fd/3 && test -e /proc/self/fd/4 && echo both are there'")
	p.stdout.await(t, "both are there")
	if status := p.status(); status != 0 {
		t.Errorf("exit status %d", status)
	}
}

// TestServesSoon is the time from the start to the link; it is logged, for a machine may stand still.
func TestServesSoon(t *testing.T) {
	begin := time.Now()
	p := start(t, nil, "--addr", "127.0.0.1:0", "--empty")
	p.serving(p.stdout)
	t.Logf("the link came after %v", time.Since(begin))
}
