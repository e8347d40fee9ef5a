package truth_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"vivero/test/client"
)

// grip is a descriptor of a channel in the hand of a process.
type grip struct {
	pid, fd int
	writes  bool
}

// object is what the kernel calls a pipe or a queue.
type object struct{ device, inode uint64 }

// grips are the pipes and queues that a process holds.
func grips(pid int) map[object][]grip {
	all := map[object][]grip{}
	names, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, name := range names {
		fd, _ := strconv.Atoi(filepath.Base(name))
		var st unix.Stat_t
		target, _ := os.Readlink(name)
		if fd < 4 || unix.Stat(name, &st) != nil { // below are its console and what it is steered by
			continue
		}
		if st.Mode&unix.S_IFMT != unix.S_IFIFO && !strings.HasPrefix(target, "/vivero-") { // the name that a queue had
			continue
		}
		info, _ := os.ReadFile(fmt.Sprintf("/proc/%d/fdinfo/%d", pid, fd))
		var writes bool
		for line := range bytes.Lines(info) {
			if text, found := bytes.CutPrefix(line, []byte("flags:")); found {
				flags, _ := strconv.ParseInt(string(bytes.TrimSpace(text)), 8, 64)
				writes = flags&unix.O_ACCMODE == unix.O_WRONLY
			}
		}
		key := object{uint64(st.Dev), st.Ino}
		all[key] = append(all[key], grip{pid, fd, writes})
	}
	return all
}

// inside is what the kernel counts in the channel of a row: bytes of a pipe, messages of a queue. It asks through a
// descriptor of one of the processes that the row names, and sees that all of them hold the same thing by the right end.
// of is what the channel was known to be before, so that it can be told apart when only one end is left.
func inside(t testing.TB, p client.Traffic, c client.Channel, of map[int]object) (int64, error) {
	t.Helper()
	common := map[object]int{}
	held := map[object]grip{}
	ask := func(ids []int, writes bool) {
		for _, id := range ids {
			for key, all := range grips(p.Worker(id).PID) {
				for _, g := range all {
					if g.writes == writes {
						common[key]++
						held[key] = g
						break
					}
				}
			}
		}
	}
	ask(c.Writers, true)
	ask(c.Readers, false)
	var found []object
	for key, n := range common {
		if known, is := of[c.ID]; n == len(c.Writers)+len(c.Readers) && (!is || known == key) {
			found = append(found, key)
		}
	}
	if len(found) != 1 {
		return 0, fmt.Errorf("%d objects of the kernel's could be %s", len(found), c)
	}
	of[c.ID] = found[0]
	return content(held[found[0]], c.Kind)
}

// content asks the kernel, of a pipe through an own description of its, of a queue through a copy of the descriptor.
func content(g grip, kind string) (int64, error) {
	if kind == "pipe" {
		f, err := unix.Open(fmt.Sprintf("/proc/%d/fd/%d", g.pid, g.fd), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if err != nil {
			return 0, err
		}
		defer unix.Close(f)
		n, err := unix.IoctlGetInt(f, unix.TIOCINQ) // FIONREAD
		return int64(n), err
	}
	process, err := unix.PidfdOpen(g.pid, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(process)
	queue, err := unix.PidfdGetfd(process, g.fd, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(queue)
	var attr [8]int64 // struct mq_attr: flags, maxmsg, msgsize, curmsgs
	if _, _, e := unix.Syscall(unix.SYS_MQ_GETSETATTR, uintptr(queue), 0, uintptr(unsafe.Pointer(&attr))); e != 0 {
		return 0, e
	}
	return attr[3], nil
}

// agrees compares a row of a system that stands still with the kernel's count. frame is what a message takes in a pipe.
func agrees(t testing.TB, p client.Traffic, c client.Channel, frame int64, of map[int]object) error {
	t.Helper()
	n, err := inside(t, p, c, of)
	if err != nil {
		return err
	}
	if c.Kind == "queue" {
		if c.Depth == nil || *c.Depth != n {
			return fmt.Errorf("mq_getattr says %d messages: %s", n, c)
		}
		return nil
	}
	var wrong error
	if c.Fill == nil || *c.Fill != n {
		wrong = fmt.Errorf("FIONREAD says %d bytes: %s", n, c)
	}
	if c.Depth == nil || *c.Depth*frame != n {
		wrong = errors.Join(wrong, fmt.Errorf("%d bytes by FIONREAD are no %d-byte messages of this depth: %s", n, frame, c))
	}
	return wrong
}
