package observe

import "golang.org/x/sys/unix"

var oldCalls = map[int64]call{
	unix.SYS_POLL: events, unix.SYS_SELECT: events, unix.SYS_EPOLL_WAIT: events,
	unix.SYS_VFORK: child, // the parent of a vfork sleeps until its child has another program
}

const (
	oldPoll  = unix.SYS_POLL
	oldVfork = unix.SYS_VFORK
)
