package main

import (
	"fmt"
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

// terminal is a shell with job control on a real pseudo-terminal, as a student has it.
type terminal struct {
	t      *testing.T
	keys   *os.File // our side
	screen *client.Log
	read   int // of the screen, by expect
}

// openTerminal starts the shell with 'vivero' on its PATH: a link to this test binary.
func openTerminal(t *testing.T) *terminal {
	t.Helper()
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	number := 0
	err = control(keys, func(fd int) error {
		var err error
		if err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err == nil {
			number, err = unix.IoctlGetInt(fd, unix.TIOCGPTN)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	screen, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer screen.Close()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "vivero")); err != nil {
		t.Fatal(err)
	}
	shell := exec.Command("sh", "-i")
	shell.Env = []string{"PS1=$ ", "PATH=" + dir + ":" + os.Getenv("PATH"), "TERM=dumb", "GORACE=atexit_sleep_ms=0"}
	shell.Stdin, shell.Stdout, shell.Stderr = screen, screen, screen
	shell.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	tty := &terminal{t: t, keys: keys, screen: client.NewLog()}
	copied := make(chan struct{})
	go func() {
		defer close(copied)
		b := make([]byte, 4096)
		for {
			n, err := keys.Read(b) // an error once nobody has the terminal open any more
			if err != nil {
				return
			}
			tty.screen.Write(b[:n])
		}
	}()
	t.Cleanup(func() {
		shell.Process.Kill()
		shell.Wait()
		keys.Close() // hangs up
		<-copied
		client.NothingLeft(t, shell.Process.Pid)
	})
	return tty
}

func control(f *os.File, do func(fd int) error) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = do(int(fd)) }); err != nil {
		return err
	}
	return inner
}

// typed sends keys.
func (tty *terminal) typed(keys string) {
	tty.t.Helper()
	if _, err := tty.keys.WriteString(keys); err != nil {
		tty.t.Fatal(err)
	}
}

// expect waits until text stands on the screen, after what was expected before.
func (tty *terminal) expect(text string) {
	tty.t.Helper()
	tty.screen.Until(tty.t, fmt.Sprintf("%q on the screen", text), func(all string) bool {
		at := strings.Index(all[tty.read:], text)
		if at < 0 {
			return false
		}
		tty.read += at + len(text)
		return true
	})
}

// The keys that the terminal turns into signals.
const (
	ctrlC         = "\x03"
	ctrlZ         = "\x1a"
	ctrlBackslash = "\x1c"
)

// run types a 'vivero run' of a shell script without apostrophes. The echo of what is typed must not look like its
// answer: words that a test waits for are broken by "" in the script.
func (tty *terminal) run(flags, script string) {
	tty.t.Helper()
	tty.typed("vivero run --addr 127.0.0.1:0 " + flags + " -- sh -c '" + script + "'\n")
	tty.expect("#token=") // the link comes before the command starts
}

// status waits for the prompt and holds the last exit status against want.
func (tty *terminal) status(want int) {
	tty.t.Helper()
	tty.expect("$ ")
	tty.typed("echo status=$?.\n")
	tty.expect(fmt.Sprintf("status=%d.", want))
	tty.expect("$ ")
}

func TestTerminalInput(t *testing.T) {
	tty := openTerminal(t)
	tty.expect("$ ")
	for _, mode := range []string{"-tostop", "tostop"} { // with tostop a background group is stopped when it writes
		tty.typed("stty " + mode + "\n")
		tty.expect("$ ")
		tty.run("", `echo be""gun; read x; echo "got <$x>"`)
		tty.expect("begun")
		tty.typed("some words\n")
		tty.expect("got <some words>")
		tty.status(0)
	}
}

func TestTerminalInterrupt(t *testing.T) {
	tty := openTerminal(t)
	tty.expect("$ ")
	for _, c := range []struct {
		script, keys string
		status       int
	}{
		{`echo be""gun; exec sleep 300`, ctrlC, 130},
		{`ulimit -c 0; echo be""gun; exec sleep 300`, ctrlBackslash, 131},
		{`trap "exit 3" INT; echo be""gun; while :; do sleep 0.02; done`, ctrlC, 3},
	} {
		tty.run("", c.script)
		tty.expect("begun")
		tty.typed(c.keys)
		tty.status(c.status)
	}
}

// TestTerminalInterruptHandled: a command that goes on after Ctrl-C goes on, and gets it once.
func TestTerminalInterruptHandled(t *testing.T) {
	tty := openTerminal(t)
	tty.expect("$ ")
	tty.run("", `trap "n=x\$n; echo caught \$n" INT; echo be""gun; until [ "$x" = bye ]; do read x; done; echo "got <$n>"`)
	tty.expect("begun")
	tty.typed(ctrlC)
	tty.expect("caught x")
	tty.typed("bye\n")
	tty.expect("got <x>")
	tty.status(0)
}

// TestTerminalInterruptIsTheTerminals: what the keyboard sends is not sent again by us. A command in a session of its own,
// which the keyboard does not reach, hears nothing of Ctrl-C; the SIGHUP after it does come through.
func TestTerminalInterruptIsTheTerminals(t *testing.T) {
	script := filepath.Join(t.TempDir(), "script")
	err := os.WriteFile(script, []byte(`
n=none
trap "n=INT" INT
trap 'echo "came: $n"; exit 6' TERM
read -r pid name state keeper rest </proc/$PPID/stat
echo begun
until [ "$line" = bye ]; do read line; done
kill -HUP $keeper
while :; do sleep 0.02; done
`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	tty := openTerminal(t)
	tty.expect("$ ")
	tty.typed("vivero run --addr 127.0.0.1:0 -- setsid sh " + script + "\n")
	tty.expect("begun")
	tty.typed(ctrlC)
	tty.expect("^C") // the terminal shows it after it has sent the signal
	tty.typed("bye\n")
	tty.expect("came: none")
	tty.status(6)
}

func TestTerminalStopAndContinue(t *testing.T) {
	tty := openTerminal(t)
	tty.expect("$ ")
	tty.run("", `echo be""gun; read x; echo "got <$x>"`)
	tty.expect("begun")
	tty.typed(ctrlZ)
	tty.expect("Stopped")
	tty.expect("$ ")
	for stopped := false; !stopped; time.Sleep(5 * time.Millisecond) { // else it may yet read what is typed for the shell
		for _, pid := range marked("be\"\"gun") {
			stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
			stopped = stopped || strings.Contains(string(stat), "(sh) T")
		}
	}
	tty.typed("echo the shell is ba\"\"ck\n")
	tty.expect("the shell is back")
	tty.typed("fg\nafter all\n")
	tty.expect("got <after all>")
	tty.status(0)
}

// TestTerminalKeep: with --keep Ctrl-C ends the dashboard once the command has ended, even if that gave the terminal to
// another group, which is still there.
func TestTerminalKeep(t *testing.T) {
	tty := openTerminal(t)
	tty.expect("$ ")
	for script, status := range map[string]int{
		`echo do""ne; exit 4`: 4,
		`set -m; (echo do""ne; kill -KILL $$; exec sleep 300); exit 5`: 137,
	} {
		tty.typed("vivero run --addr 127.0.0.1:0 --keep -- sh -c '" + script + "'; echo status=$?.\n")
		tty.expect("done")
		for gone := false; !gone; { // the command, not what it left
			gone = true
			for _, pid := range marked("do\"\"ne") {
				content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
				gone = gone && !strings.HasPrefix(string(content), "sh\x00-c")
			}
			time.Sleep(5 * time.Millisecond)
		}
		want := fmt.Sprintf("status=%d.", status)
		for came := false; !came; { // the keeper hears of the command's end a moment later, then Ctrl-C is its own
			tty.typed(ctrlC)
			for look := 0; look < 200 && !came; look++ { // a second Ctrl-C at once would hit the shell in its line
				time.Sleep(5 * time.Millisecond)
				came = strings.Contains(tty.screen.String()[tty.read:], want)
			}
		}
		tty.expect(want)
	}
}

// TestTerminalDashboard: without a command Ctrl-C ends the server; closing the terminal ends it and a command alike.
func TestTerminalDashboard(t *testing.T) {
	tty := openTerminal(t)
	tty.expect("$ ")
	tty.typed("vivero --empty --addr 127.0.0.1:0\n")
	tty.expect("#token=")
	tty.typed(ctrlC)
	tty.status(0)
	tty.run("", `trap "" HUP; echo be""gun; sleep 300; sleep 300`)
	tty.expect("begun") // the end of the test closes the terminal, and expects that nothing is left
}
