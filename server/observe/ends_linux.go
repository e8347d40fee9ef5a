package observe

import (
	"bytes"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
)

// Descriptors of a process that runs are read again after readAgain; while nothing changes that doubles up to readMost.
// A process that is new or has another program is read at once.
const (
	readAgain = 250 * time.Millisecond
	readMost  = time.Second
	// descriptorMost bounds what is read of one process: 1 µs and more for each.
	descriptorMost = 1024
)

// end is one descriptor of a process that leads to a channel, or to something that may be one side of a channel.
type end struct {
	fd            int
	node          *node
	reads, writes bool
}

// readDescriptors reads the ends of those that ran, are new, or whose turn has come.
func (t *Traffic) readDescriptors() {
	done := 0
	left := t.unread[:0]
	for _, m := range t.unread {
		switch {
		case m.ended:
			m.unread = false
			continue
		case done >= readsATick, m.readAt != 0 && t.at-m.readAt < m.every:
			left = append(left, m)
			continue
		}
		done++
		if t.ours(m) { // for a moment yet: look again at the next tick
			left = append(left, m)
			continue
		}
		m.unread = false
		fresh := m.readAt == 0
		m.readAt = t.at
		ends := t.endsOf(m)
		if t.hold(m, ends) || fresh {
			m.every = readAgain
		} else {
			m.every = min(2*m.every, readMost)
		}
	}
	clear(t.unread[len(left):])
	t.unread = left
}

// ours is true while m, a child of the root, has not become its own program: all that it holds until then are copies of
// the root's descriptors, the other ends of everybody's consoles among them.
func (t *Traffic) ours(m *member) bool {
	const forkedNotExeced = 0x40 // PF_FORKNOEXEC
	if m.ppid != t.o.Root || m.execed {
		return false
	}
	s, err := statOf("/proc", m.PID)
	m.execed = err != nil || s.flags&forkedNotExeced == 0
	return !m.execed
}

// endsOf lists the ends that m holds; none where that may not be read.
func (t *Traffic) endsOf(m *member) []end {
	dir, err := unix.Open("/proc/"+strconv.Itoa(m.PID)+"/fd", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(dir)
	t.fds = listNumbers(dir, t.line[:], t.fds[:0], 0, descriptorMost)
	var ends []end
	for _, fd := range t.fds {
		name := strconv.Itoa(fd)
		n, err := unix.Readlinkat(dir, name, t.link[:])
		if err != nil || n <= 0 {
			continue
		}
		key, ok := t.target(dir, name, t.link[:n])
		if !ok {
			continue
		}
		e := end{fd: fd, reads: true, writes: true}
		if key.Kind != proc.Socket { // the link's own permissions are how the descriptor was opened
			var st unix.Stat_t
			if unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW) != nil {
				continue
			}
			e.reads, e.writes = st.Mode&0o400 != 0, st.Mode&0o200 != 0
		}
		e.node = t.node(key)
		ends = append(ends, e)
	}
	return ends
}

// target tells what the link of a descriptor leads to; false: nothing that could be a channel.
func (t *Traffic) target(dir int, name string, link []byte) (proc.ChannelKey, bool) {
	if inode, ok := bracketed(link, "pipe:["); ok {
		return proc.ChannelKey{Kind: proc.Pipe, Device: t.devices[proc.Pipe], Inode: inode}, true
	}
	if inode, ok := bracketed(link, "socket:["); ok {
		return proc.ChannelKey{Kind: proc.Socket, Device: t.devices[proc.Socket], Inode: inode}, true
	}
	// A queue's link looks like that of a file in the root folder. Followed without opening, it tells what it is.
	if len(t.made) > 0 && len(link) > 1 && link[0] == '/' && bytes.IndexByte(link[1:], '/') < 0 {
		var st unix.Stat_t
		if unix.Fstatat(dir, name, &st, 0) == nil {
			key := proc.ChannelKey{Kind: proc.Queue, Device: uint64(st.Dev), Inode: st.Ino}
			return key, t.made[key] != nil
		}
	}
	return proc.ChannelKey{}, false
}

// bracketed takes the inode out of 'pipe:[123]'.
func bracketed(link []byte, before string) (uint64, bool) {
	if !bytes.HasPrefix(link, []byte(before)) {
		return 0, false
	}
	n, rest, ok := number(link[len(before):])
	return uint64(n), ok && n > 0 && len(rest) == 1 && rest[0] == ']'
}

// hold makes ends those that m holds, and tells whether they are others than before.
func (t *Traffic) hold(m *member, ends []end) bool {
	for i := range ends { // a socket that is not connected yet may be by now
		if n := ends[i].node; n.key.Kind == proc.Socket && n.peer == 0 && !n.foreign {
			t.change(n)
		}
	}
	if slices.Equal(m.ends, ends) {
		return false
	}
	for i := range m.ends {
		n := m.ends[i].node
		n.holders = slices.DeleteFunc(n.holders, func(h holder) bool { return h.member == m })
		t.change(n)
	}
	for i := range ends {
		e := &ends[i]
		e.node.holders = append(e.node.holders, holder{m, e.fd, e.reads, e.writes})
		t.change(e.node)
	}
	m.ends = ends
	if m.recorder != nil { // what it did with an end that it has closed is final
		t.wantRead(m.recorder)
	}
	return true
}
