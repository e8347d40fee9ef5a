package live

import (
	"context"
	"os"
	"syscall"

	"vivero/server/proc"
	"vivero/server/spawn"
)

// command is a program that is not ours and that we started.
type command struct {
	pid   int // 0: there is none, or it has ended
	ended chan proc.Status
}

// Command starts a program that is not ours (path, argv), with our terminal, in the process group given. ended brings how
// it ended, once.
func (l *Live) Command(path string, argv []string, group int) (p spawn.Process, ended <-chan proc.Status, err error) {
	p, err = l.spawner.Command(path, argv, nil, [3]*os.File{os.Stdin, os.Stdout, os.Stderr}, group)
	if err != nil {
		return p, nil, err
	}
	err = l.call(context.Background(), func() { ended = l.command.ended })
	return p, ended, err
}

// Pass sends the program of Command a signal that was meant for it. One that has just ended is no error.
func (l *Live) Pass(p spawn.Process, s os.Signal) {
	if number, ok := s.(syscall.Signal); ok {
		_ = l.spawner.Signal(p.Key, number)
	}
}
