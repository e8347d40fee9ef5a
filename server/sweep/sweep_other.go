//go:build unix && !linux

// Package sweep ends every descendant of this process. This system has no child subreaper and no /proc: only direct
// children can be found; their orphans are init's. Workers end by themselves when their control socket does.
package sweep

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// All ends every direct child with SIGKILL, reaps each and returns when none is left.
func All() {
	self := int32(os.Getpid())
	for {
		processes, _ := unix.SysctlKinfoProcSlice("kern.proc.all")
		for i := range processes {
			if processes[i].Eproc.Ppid == self {
				syscall.Kill(int(processes[i].Proc.P_pid), syscall.SIGKILL)
			}
		}
		if _, err := syscall.Wait4(-1, nil, 0, nil); err != nil && err != syscall.EINTR {
			return
		}
	}
}
