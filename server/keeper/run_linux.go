package keeper

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"vivero/server/sweep"
)

// marker is the environment variable that makes a process the server: the number of its end of the socket pair.
const marker = "VIVERO_KEEPER"

// passed are the signals that go on to the server. The others do to the keeper what they do to any program; the terminal
// gives SIGTSTP and SIGWINCH to the command itself.
var passed = []os.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT, unix.SIGUSR1, unix.SIGUSR2}

// Run starts this program again, with the same arguments, as the server, and returns once it and everything that it
// started has ended: its exit status, or 128 + n with an error that says so if signal n ended it. Status 1 with an error:
// no server was started. Call it once, from main, and exit with the status: the calling goroutine stays on its thread.
func Run(o Options) (int, error) {
	runtime.LockOSThread() // Pdeathsig fires when the thread that forked ends
	runtime.GOMAXPROCS(1)
	sweep.Spare() // what a shell started before it became us by exec is not ours to end
	if err := adoptOrphans(); err != nil {
		return 1, err
	}
	warm(4)
	folder, err := makeFolder(places())
	if err != nil {
		return 1, err
	}
	defer folder.remove()
	sweepFolders(places())

	signals := make(chan os.Signal, 16)
	for _, s := range passed {
		if !signal.Ignored(s) { // nohup, or a shell's '&': it stays ignored, here and in the server
			signal.Notify(signals, s)
		}
	}
	server, err := start(o, folder)
	if err != nil {
		return 1, err
	}
	var ended atomic.Bool // the command of 'run' has ended
	go server.awaitCommand(&ended)
	go func() {
		for s := range signals {
			fromKeyboard := s == unix.SIGINT || s == unix.SIGQUIT
			if o.Terminal && fromKeyboard && !ended.Load() && inForeground() {
				continue // the command got it from the terminal, and decides
			}
			server.signal(s.(syscall.Signal))
		}
	}()
	sweep.Hasten()
	status, err := server.wait()
	sweep.All()
	return status, err
}

// adoptOrphans makes this process a child subreaper.
func adoptOrphans() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("cannot adopt orphans (PR_SET_CHILD_SUBREAPER): %w", err)
	}
	return nil
}

// child is the server as its keeper sees it.
type child struct {
	pid    int
	pidfd  int // -1: the kernel has none (before 5.3)
	socket int
}

// start forks the server: it leads a session of its own, or under 'run' a background group of ours.
func start(o Options, f *folder) (*child, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot make the socket pair to the server: %w", err)
	}
	ours, theirs := pair[0], pair[1]
	defer unix.Close(theirs)
	// The server inherits the two descriptors under the numbers they have here: none of those that the user opened
	// (make's job server, for one) is overwritten.
	lock := int(f.lock.Fd())
	for _, fd := range []int{theirs, lock} {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, 0); err != nil {
			return nil, err
		}
	}
	line, err := json.Marshal(order{Dir: f.path, Group: unix.Getpgrp(), Lock: lock, Secret: o.Secret})
	if err != nil {
		return nil, err
	}
	if _, err := unix.Write(ours, append(line, '\n')); err != nil {
		return nil, fmt.Errorf("cannot write to the server: %w", err)
	}
	pidfd := -1
	attributes := &syscall.SysProcAttr{Pdeathsig: unix.SIGCONT, PidFD: &pidfd}
	if o.Terminal {
		attributes.Setpgid = true
		block(true)
		defer block(false)
	} else {
		attributes.Setsid = true
	}
	pid, err := syscall.ForkExec("/proc/self/exe", os.Args, &syscall.ProcAttr{
		Files: []uintptr{0, 1, 2},
		Env:   append(os.Environ(), marker+"="+strconv.Itoa(theirs)),
		Sys:   attributes,
	})
	if err != nil {
		return nil, fmt.Errorf("cannot start the server (/proc/self/exe): %w", err)
	}
	unix.CloseOnExec(lock)
	if o.Terminal {
		Release()
	}
	return &child{pid, pidfd, ours}, nil
}

func (c *child) signal(s syscall.Signal) {
	if c.pidfd >= 0 {
		unix.PidfdSendSignal(c.pidfd, s, nil, 0)
		return
	}
	unix.Kill(c.pid, s)
}

// awaitCommand returns when the server says that the command has ended, or has ended itself.
func (c *child) awaitCommand(ended *atomic.Bool) {
	var b [1]byte
	for {
		n, err := unix.Read(c.socket, b[:])
		if err == unix.EINTR {
			continue
		}
		if n == 1 {
			takeTerminal()
			ended.Store(true)
		}
		return
	}
}

// wait reaps whatever ends (as pid 1 of a container the keeper gets strangers too) until it is the server.
func (c *child) wait() (int, error) {
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, 0, nil)
		switch {
		case err == unix.EINTR:
		case err == nil && pid != c.pid:
			sweep.Reaped(pid)
		case err != nil:
			return 1, fmt.Errorf("cannot wait for the server: %w", err)
		case status.Signaled():
			return 128 + int(status.Signal()), fmt.Errorf("the server was ended by %s, and with it everything that it had started", unix.SignalName(status.Signal()))
		default:
			return status.ExitStatus(), nil
		}
	}
}
