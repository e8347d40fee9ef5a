package observe

import (
	"bytes"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
	"vivero/sim/ipc"
)

// fill counts what is in the channels of which a holder has run: no other's content can have changed.
func (t *Traffic) fill() {
	n := min(len(t.stale), fillsATick)
	for _, c := range t.stale[:n] {
		c.stale = false
		if !c.listed {
			continue
		}
		switch c.row.Key.Kind {
		case proc.Pipe:
			fill, capacity := t.inPipe(c)
			c.row.Fill, c.row.Depth = fill, proc.Unknown
			if capacity >= 0 { // else as it was
				c.row.Capacity = capacity
			}
			// What is no multiple was not written by a worker of ours alone.
			if m := t.made[c.row.Key]; m != nil && m.frame > 0 && fill >= 0 && fill%m.frame == 0 {
				c.row.Depth = fill / m.frame
			}
		case proc.Queue:
			t.inQueue(c)
		case proc.Socket:
			c.row.Fill = t.inSockets(c)
		}
	}
	left := copy(t.stale, t.stale[n:])
	clear(t.stale[left:])
	t.stale = t.stale[:left]
}

// inPipe asks through a descriptor of a holder's, taken for some 3 µs. A read end first: while we hold it a writer would
// learn a moment later that the last reader is gone, as a reader would of its writers. Nothing is opened, so a named FIFO
// is never touched.
func (t *Traffic) inPipe(c *channel) (fill, capacity int) {
	tried := 0
	for _, reads := range []bool{true, false} {
		for _, h := range c.nodes[0].holders {
			if h.reads != reads || h.member.ended {
				continue
			}
			if tried++; tried > 4 {
				return proc.Unknown, proc.Unknown
			}
			if fill, capacity, ok := peek(h.member.PID, h.fd, c.row.Key); ok {
				return fill, capacity
			}
		}
	}
	return proc.Unknown, proc.Unknown
}

// peek asks the pipe key through descriptor fd of process pid; false: it may not, or the descriptor means another file
// by now.
func peek(pid, fd int, key proc.ChannelKey) (fill, capacity int, ok bool) {
	process, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return 0, 0, false
	}
	defer unix.Close(process)
	end, err := unix.PidfdGetfd(process, fd, 0)
	if err != nil {
		return 0, 0, false
	}
	defer unix.Close(end)
	var st unix.Stat_t
	if unix.Fstat(end, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFIFO || st.Ino != key.Inode || uint64(st.Dev) != key.Device {
		return 0, 0, false
	}
	if fill, err = unix.IoctlGetInt(end, unix.TIOCINQ); err != nil { // FIONREAD
		return 0, 0, false
	}
	if capacity, err = unix.FcntlInt(uintptr(end), unix.F_GETPIPE_SZ, 0); err != nil {
		capacity = proc.Unknown
	}
	return fill, capacity, true
}

// inQueue asks through our own descriptor of the queue.
func (t *Traffic) inQueue(c *channel) {
	m := t.made[c.row.Key]
	if m == nil || m.watch < 0 {
		c.row.Depth, c.row.Fill = proc.Unknown, proc.Unknown
		return
	}
	q, err := ipc.State(m.watch)
	if err != nil {
		c.row.Depth, c.row.Fill = proc.Unknown, proc.Unknown
		return
	}
	c.row.Slots, c.row.Depth, c.row.Capacity = q.Slots, q.Depth, q.Slots*q.Size
	c.row.Fill = proc.Unknown
	if n, err := pread(m.watch, t.line[:], 0); err == nil { // 'QSIZE:129 NOTIFY:0 …': bytes, not messages
		if text, found := bytes.CutPrefix(t.line[:n], []byte("QSIZE:")); found {
			if bytes, _, ok := number(text); ok && bytes >= 0 {
				c.row.Fill = int(bytes)
			}
		}
	}
}
