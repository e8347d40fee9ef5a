//go:build unix

package keeper

import "golang.org/x/sys/unix"

func processGroup() int { return unix.Getpgrp() }

// inForeground is true when our group is the one that the keyboard's signals go to.
func inForeground() bool {
	terminal, err := unix.Open("/dev/tty", unix.O_RDONLY|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(terminal)
	group, err := unix.IoctlGetInt(terminal, unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}
