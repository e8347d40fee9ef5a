package observe

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
)

const (
	// threadsLooked bounds the threads that are looked at where the first one says nothing: 10 µs each.
	threadsLooked = 8
	// keepMost bounds the descriptors of system calls that are held, for processes that are looked at again and again
	// (3 µs instead of 12). One that was not looked at for keepFor gives its own back.
	keepMost = 256
	keepFor  = 2 * time.Second
)

// look reads the system call of each sleeper that has run since it was last looked at.
func (t *Traffic) look() {
	n := min(len(t.unseen), looksATick)
	for _, m := range t.unseen[:n] {
		m.unseen = false
		if !m.ended && (m.state == 'S' || m.state == 'D') {
			t.lookAt(m)
		}
	}
	left := copy(t.unseen, t.unseen[n:])
	clear(t.unseen[left:])
	t.unseen = t.unseen[:left]
	for i := 0; i < len(t.keepers); {
		if m := t.keepers[i]; m.ended || t.at-m.looked > keepFor {
			m.closeCall()
			last := len(t.keepers) - 1
			t.keepers[i] = t.keepers[last]
			t.keepers[last] = nil
			t.keepers = t.keepers[:last]
			continue
		}
		i++
	}
}

func (t *Traffic) lookAt(m *member) {
	w := t.waitOf(m)
	if w.For == proc.WaitNothing {
		return // it runs again: the next tick's sample tells
	}
	w.PID = m.PID
	// A process of one thread that ran waits anew. Of several, others may have run while this one still waits.
	w.Since = t.at
	if before := m.waiting; before.Since > 0 && w.For == before.For && (!m.ran || m.threads > 1 && w.Channel == before.Channel) {
		w.Since = before.Since
	}
	m.ran = false
	m.waiting = w
	t.out.Waiting = append(t.out.Waiting, w)
}

// waitOf finds what m waits for: its first thread, or another one if the first only waits for its fellows.
func (t *Traffic) waitOf(m *member) proc.Waiting {
	b, err := t.callText(m)
	if err != nil {
		if m.state == 'D' {
			return proc.Waiting{For: proc.WaitDisk}
		}
		return proc.Waiting{}
	}
	if bytes.HasPrefix(b, []byte("running")) {
		return proc.Waiting{For: proc.WaitNothing}
	}
	nr, args, ok := parseCall(b)
	if m.state == 'D' {
		if ok && (nr == oldVfork || nr == unix.SYS_CLONE || nr == unix.SYS_CLONE3) {
			return proc.Waiting{For: proc.WaitChild} // a parent in vfork is in state D
		}
		return proc.Waiting{For: proc.WaitDisk}
	}
	if !ok {
		return proc.Waiting{}
	}
	if nr == unix.SYS_RESTART_SYSCALL { // stopped and continued within a call: the number of that is gone
		switch m.waiting.For {
		case proc.WaitSleep, proc.WaitLock, proc.WaitEvents:
			return proc.Waiting{For: m.waiting.For}
		}
		return proc.Waiting{}
	}
	w := t.named(m, nr, args)
	if m.threads > 1 && (w.For == proc.WaitLock || w.For == proc.WaitUnknown) {
		t.fellows(m, &w)
	}
	return w
}

// named is what the call nr with args waits for.
func (t *Traffic) named(m *member, nr int64, args [6]uint64) proc.Waiting {
	c, ok := callOf(nr)
	if !ok {
		return proc.Waiting{}
	}
	w := proc.Waiting{For: c.what}
	switch {
	case nr == unix.SYS_FUTEX:
	case nr == unix.SYS_FCNTL && args[1] != unix.F_SETLKW && args[1] != unix.F_OFD_SETLKW:
		w.For = proc.WaitUnknown
	case c.fd >= 0:
		t.onWhat(m, int32(args[c.fd]), &w)
	case nr == oldPoll && args[1] == 1 && int32(args[2]) < 0, nr == unix.SYS_PPOLL && args[1] == 1 && args[2] == 0:
		t.polled(m, args[0], &w)
	}
	return w
}

// onWhat finds what descriptor fd of m leads to.
func (t *Traffic) onWhat(m *member, fd int32, w *proc.Waiting) {
	for i := range m.ends {
		if e := &m.ends[i]; e.fd == int(fd) {
			if c := e.node.channel; c != nil && c.listed {
				w.Channel = c.row.Key
			}
			return
		}
	}
	if w.For != proc.WaitRead || fd < 0 {
		return
	}
	n, err := unix.Readlink("/proc/"+strconv.Itoa(m.PID)+"/fd/"+strconv.Itoa(int(fd)), t.link[:])
	if err == nil && terminal(t.link[:n]) {
		w.For = proc.WaitInput
	}
}

// terminal tells a terminal by its path.
func terminal(link []byte) bool {
	return bytes.HasPrefix(link, []byte("/dev/pts/")) || bytes.HasPrefix(link, []byte("/dev/tty")) || string(link) == "/dev/console"
}

// polled reads which single descriptor m waits for without an end: if that is a channel, it is a read or a write as any
// other.
func (t *Traffic) polled(m *member, address uint64, w *proc.Waiting) {
	var b [8]byte // struct pollfd: descriptor 4, events 2, told 2
	n, err := readMemory(m.PID, address, b[:])
	if err != nil || n != len(b) {
		return
	}
	fd, wants := int32(binary.NativeEndian.Uint32(b[:])), binary.NativeEndian.Uint16(b[4:])
	p := proc.Waiting{For: proc.WaitRead}
	switch {
	case wants&(unix.POLLIN|unix.POLLOUT) == unix.POLLOUT:
		p.For = proc.WaitWrite
	case wants&(unix.POLLIN|unix.POLLOUT) != unix.POLLIN:
		return
	}
	if t.onWhat(m, fd, &p); p.Channel != (proc.ChannelKey{}) || p.For == proc.WaitInput {
		*w = p
	}
}

// readMemory reads a few bytes of another process.
func readMemory(pid int, address uint64, b []byte) (int, error) {
	local := unix.Iovec{Base: &b[0]}
	local.SetLen(len(b))
	remote := [2]uintptr{uintptr(address), uintptr(len(b))} // an Iovec whose address is no pointer of ours
	n, _, e := unix.Syscall6(unix.SYS_PROCESS_VM_READV, uintptr(pid), uintptr(unsafe.Pointer(&local)), 1, uintptr(unsafe.Pointer(&remote)), 1, 0)
	if e != 0 {
		return 0, e
	}
	return int(n), nil
}

// fellows looks at the other threads of m, of which the first one says nothing: one that waits at a channel of the tree
// says most, one that waits for events or input says more than a lock (a runtime parks its threads in futexes).
func (t *Traffic) fellows(m *member, w *proc.Waiting) {
	dir, err := unix.Open("/proc/"+strconv.Itoa(m.PID)+"/task", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	t.fds = listNumbers(dir, t.line[:], t.fds[:0], 1, threadsLooked)
	unix.Close(dir)
	looked := 0
	for _, tid := range t.fds {
		if tid == m.PID {
			continue
		}
		if looked++; looked > threadsLooked {
			return
		}
		fd, err := openRead("/proc/" + strconv.Itoa(m.PID) + "/task/" + strconv.Itoa(tid) + "/syscall")
		if err != nil {
			continue
		}
		n, err := pread(fd, t.line[:], 0)
		unix.Close(fd)
		if err != nil {
			continue
		}
		nr, args, ok := parseCall(t.line[:n])
		if !ok {
			continue
		}
		switch o := t.named(m, nr, args); o.For {
		case proc.WaitRead, proc.WaitWrite:
			if o.Channel != (proc.ChannelKey{}) {
				*w = o
				return
			}
		case proc.WaitEvents, proc.WaitInput, proc.WaitChild:
			if w.For == proc.WaitLock || w.For == proc.WaitUnknown {
				*w = o
			}
		}
	}
}

func (m *member) closeCall() {
	if m.call.fd >= 0 {
		unix.Close(m.call.fd)
		m.call.fd = -1
	}
}

// callText is the text of m's /proc/PID/syscall, read through a held descriptor if m is looked at often.
func (t *Traffic) callText(m *member) ([]byte, error) {
	if m.looked > 0 && t.at-m.looked < keepFor {
		m.busy++
	} else {
		m.busy = 0
	}
	m.looked = t.at
	if m.call.fd < 0 {
		fd, err := openRead("/proc/" + strconv.Itoa(m.PID) + "/syscall")
		if err != nil {
			return nil, err
		}
		m.call.fd = fd
		if m.call.keep = m.busy > 2 && len(t.keepers) < keepMost; m.call.keep {
			t.keepers = append(t.keepers, m)
		}
	}
	n, err := pread(m.call.fd, t.line[:], 0)
	m.call.release()
	return t.line[:n], err
}
