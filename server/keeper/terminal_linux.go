package keeper

import "golang.org/x/sys/unix"

// block sets whether SIGTTOU is blocked on the calling thread. A server in a background group writes its log to the
// terminal; with 'stty tostop' SIGTTOU would stop it for that. Blocked from its start it is blocked in every thread that
// the Go runtime makes, and unlike an ignored signal it can be freed again on the one thread that starts processes.
func block(ttou bool) {
	var set unix.Sigset_t
	set.Val[0] = 1 << (uint(unix.SIGTTOU) - 1)
	how := unix.SIG_UNBLOCK
	if ttou {
		how = unix.SIG_BLOCK
	}
	unix.PthreadSigmask(how, &set, nil)
}

// takeTerminal makes our group the terminal's foreground group again, as a shell does when a job has ended: a command
// that was killed may have left another one there.
func takeTerminal() {
	terminal, err := unix.Open("/dev/tty", unix.O_RDONLY|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer unix.Close(terminal)
	block(true) // a background group may do this only with SIGTTOU blocked
	unix.IoctlSetPointerInt(terminal, unix.TIOCSPGRP, unix.Getpgrp())
	block(false)
}

// Release puts /dev/null in place of standard input and output. Keeper and server do that once a command has them: who
// writes to that input, or reads that output, must see the command's end, not ours.
func Release() {
	null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	unix.Dup3(null, 0, 0)
	unix.Dup3(null, 1, 0)
	unix.Close(null)
}
