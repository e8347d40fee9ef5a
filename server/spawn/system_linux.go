package spawn

import (
	"fmt"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sendFlags: a worker that is gone is an error, not SIGPIPE.
const sendFlags = unix.MSG_NOSIGNAL

// adoptOrphans makes this process a child subreaper.
func adoptOrphans() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("cannot adopt orphans (PR_SET_CHILD_SUBREAPER): %w", err)
	}
	return nil
}

// attributes of every process that we fork: it dies with the forking thread, and is in a process group of its own or,
// if group is not 0, in that one. (Go checks in the child that its parent has not died before Pdeathsig was set.)
func attributes(group int) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pgid: group, Pdeathsig: syscall.SIGKILL}
}

// prepareThread undoes, for what this thread forks, that our keeper has blocked SIGTTOU: a child inherits the mask of the
// thread that forks it.
func prepareThread() {
	var set unix.Sigset_t
	set.Val[0] = 1 << (uint(unix.SIGTTOU) - 1)
	_ = unix.PthreadSigmask(unix.SIG_UNBLOCK, &set, nil) // cannot fail with these arguments
}

// killFirst makes the kernel, out of memory, choose this process before the server. Its children inherit that. 500 of
// 1,000 is as if it used half of the memory more than it does. Where it cannot be set the process is as any other.
func killFirst(pid int) {
	fd, err := unix.Open("/proc/"+strconv.Itoa(pid)+"/oom_score_adj", unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	_, _ = unix.Write(fd, []byte("500"))
	unix.Close(fd)
}

// nextEnded is the pid of a child that has ended and is not reaped yet, 0 if there is none.
func nextEnded() int {
	for {
		var info unix.Siginfo
		err := unix.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return 0
		}
		// si_pid is the first member of a union that follows three ints and has the alignment of a pointer.
		const word = unsafe.Sizeof(uintptr(0))
		at := (unsafe.Sizeof(int32(0))*3 + word - 1) / word * word
		return int(*(*int32)(unsafe.Add(unsafe.Pointer(&info), at)))
	}
}
