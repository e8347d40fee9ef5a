//go:build unix && !linux

package spawn

import "syscall"

const sendFlags = 0

// adoptOrphans cannot be done here: orphans go to init and leave the tree.
func adoptOrphans() error { return nil }

// attributes of every process that we fork. Nothing here ends it with us but the end of its control socket.
func attributes(group int) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pgid: group}
}

func prepareThread() {}

func killFirst(int) {}

// nextEnded cannot look without reaping here; −1: any child.
func nextEnded() int { return -1 }
