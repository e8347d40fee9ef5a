package control

import (
	"os"

	"golang.org/x/sys/unix"
)

// Identity is what tells a process from a later one with the same pid: its parent and its start time (here milliseconds
// since the epoch). It fails with os.ErrNotExist when there is no such process.
func Identity(pid int) (ppid int, start uint64, err error) {
	p, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return 0, 0, os.ErrNotExist
	}
	at := p.Proc.P_starttime
	return int(p.Eproc.Ppid), uint64(at.Sec)*1000 + uint64(at.Usec)/1000, nil
}
