//go:build unix

package spawn

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"vivero/sim/python"
)

// CommandError says that a command could not be started; Status is what a shell's exit status would be.
type CommandError struct {
	Status   int // 127: not found, 126: not executable
	Sentence string
}

func (e *CommandError) Error() string { return e.Sentence }

// Command starts the program in the file path, with argv as its arguments (argv[0] is its name), with files as its stdin,
// stdout and stderr (nil: /dev/null) and env (nil: what other processes get) without our variables, but with what a Python
// program needs to be probed. It joins the process group, which must be of our session; 0: it leads one of its own. Its
// output does not come to us. Errors that are the command's are CommandErrors.
func (s *Spawner) Command(path string, argv, env []string, files [3]*os.File, group int) (Process, error) {
	release, err := s.admit(1)
	if err != nil {
		return Process{}, err
	}
	if env == nil {
		env = s.env
	}
	attr := &syscall.ProcAttr{Env: s.recorded(python.Probed(public(env), s.o.Python)), Sys: attributes(group)}
	for _, f := range files {
		if f == nil {
			f = s.null
		}
		attr.Files = append(attr.Files, f.Fd())
	}
	var p Process
	stopped := s.onThread(func() {
		var pid int
		pid, err = syscall.ForkExec(path, argv, attr)
		if errors.Is(err, unix.ENOEXEC) { // a script without '#!': shells give it to sh
			pid, err = syscall.ForkExec("/bin/sh", append([]string{"sh", path}, argv[1:]...), attr)
		}
		if err != nil {
			return
		}
		p = Process{Key: s.forked(pid), PPID: os.Getpid()}
		if s.o.OnStarted != nil {
			s.o.OnStarted(p)
		}
	})
	if stopped != nil {
		err = stopped
	}
	if err != nil {
		release(0)
		return Process{}, commandError(argv[0], err)
	}
	release(1)
	return p, nil
}

func commandError(command string, err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, unix.EISDIR), errors.Is(err, unix.ENOEXEC):
		return &CommandError{126, fmt.Sprintf("run %.200q: the file is there but cannot be executed", command)}
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENOTDIR):
		return &CommandError{127, fmt.Sprintf("run %.200q: there is no such command", command)}
	case errors.Is(err, errClosed):
		return err
	}
	return refused(command, err)
}
