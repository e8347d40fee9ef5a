package observe

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
)

// lingers is how long a channel that nobody holds any more is told: a process that ends closes its descriptors some time
// before it is a zombie, and is heard once more then.
const lingers = 100 * time.Millisecond

// node is one thing of the kernel's that descriptors lead to: a pipe, a queue, one end of a socket pair.
type node struct {
	key     proc.ChannelKey
	holders []holder // one for each descriptor
	channel *channel // nil: it is no part of a channel so far
	changed bool     // it is in Traffic.changed

	peer    uint64 // of a socket: the inode at the other end, 0: not known
	foreign bool   // a socket of a kind that has no other end here
	packets bool   // a datagram socket: the kernel tells the size of its first message only
}

// holder is one descriptor of one process.
type holder struct {
	member        *member
	fd            int
	reads, writes bool
}

// channel is a pipe, a queue, or a pair of sockets whose two ends are both held in the tree.
type channel struct {
	row     proc.Channel
	nodes   []*node // two of a pair of sockets, else one
	listed  bool
	left    time.Duration // when nobody was found to hold it any more; 0: it is held
	listing uint          // which listing that was; a reader of it that learned of an earlier one knows nothing of this
	stale   bool          // it is in Traffic.stale
}

// made is a channel that the server made.
type made struct {
	name  string
	slots int
	frame int // of a pipe: the bytes that each message takes in it, 0: they differ
	watch int // of a queue: our own descriptor to see its depth by, -1: none
}

func (m *made) close() {
	if m.watch >= 0 {
		unix.Close(m.watch)
		m.watch = -1
	}
}

// AddChannel tells of a channel that the server made, before a process that holds it is observed: its name, of a pipe
// the bytes that each of its messages takes (frame, else 0), and of a queue the slots and a descriptor open for reading,
// which is closed by RemoveChannel or Close; else 0 and -1.
func (t *Traffic) AddChannel(key proc.ChannelKey, name string, frame, slots, watch int) {
	t.RemoveChannel(key)
	if key.Kind == proc.Pipe || key.Kind == proc.Socket {
		key.Device = t.devices[key.Kind]
	}
	m := &made{name, proc.Unknown, frame, -1}
	if key.Kind == proc.Queue {
		m.slots, m.watch = slots, watch
	}
	t.made[key] = m
	if n := t.nodes[key]; n != nil {
		t.change(n)
	}
}

// RemoveChannel forgets a channel of AddChannel.
func (t *Traffic) RemoveChannel(key proc.ChannelKey) {
	if key.Kind == proc.Pipe || key.Kind == proc.Socket {
		key.Device = t.devices[key.Kind]
	}
	m := t.made[key]
	if m == nil {
		return
	}
	m.close()
	delete(t.made, key)
	if n := t.nodes[key]; n != nil {
		t.change(n)
	}
}

// Touch tells that somebody outside the tree put something into a channel: its content is counted anew at the next tick.
func (t *Traffic) Touch(key proc.ChannelKey) { t.soil(t.channels[key]) }

// soil tells that what is in c may have changed.
func (t *Traffic) soil(c *channel) {
	if c != nil && c.listed && !c.stale {
		c.stale = true
		t.stale = append(t.stale, c)
	}
}

func (t *Traffic) node(key proc.ChannelKey) *node {
	n := t.nodes[key]
	if n == nil {
		n = &node{key: key}
		t.nodes[key] = n
		t.change(n)
	}
	return n
}

func (t *Traffic) change(n *node) {
	if !n.changed {
		n.changed = true
		t.changed = append(t.changed, n)
	}
}

// list decides anew, for everything whose holders changed, whether it is a channel of the tree and who has its ends.
func (t *Traffic) list() {
	for _, n := range t.leaving {
		t.change(n)
	}
	t.leaving = t.leaving[:0]
	for _, n := range t.changed { // first all: a pair is looked at whole
		if n.key.Kind == proc.Socket && n.peer == 0 && !n.foreign && len(n.holders) > 0 {
			t.askPeer(n)
		}
	}
	for _, n := range t.changed {
		n.changed = false
		if c := t.channelOf(n); c != nil {
			t.judge(c)
		}
	}
	for _, n := range t.changed {
		t.forget(n)
	}
	clear(t.changed)
	t.changed = t.changed[:0]
}

// forget drops n if nobody holds it, and with it a channel that is not told of. What is listed stays whole: a descriptor
// may be on its way from one process to another.
func (t *Traffic) forget(n *node) {
	c := n.channel
	if c == nil {
		if len(n.holders) == 0 && t.nodes[n.key] == n {
			delete(t.nodes, n.key)
		}
		return
	}
	if c.listed || !slices.ContainsFunc(c.nodes, func(n *node) bool { return len(n.holders) == 0 }) {
		return
	}
	delete(t.channels, c.row.Key)
	for _, part := range c.nodes {
		part.channel = nil
		t.forget(part)
	}
}

// channelOf is the channel that n is part of, made if this is the moment; nil: none.
func (t *Traffic) channelOf(n *node) *channel {
	if n.channel != nil {
		return n.channel
	}
	nodes := []*node{n}
	if n.key.Kind == proc.Socket {
		peer := t.nodes[proc.ChannelKey{Kind: proc.Socket, Device: n.key.Device, Inode: n.peer}]
		if n.peer == 0 || peer == nil || peer == n || peer.channel != nil {
			return nil
		}
		if peer.peer == 0 {
			peer.peer = n.key.Inode
		}
		if peer.peer != n.key.Inode {
			return nil
		}
		nodes = append(nodes, peer)
		if peer.key.Inode < n.key.Inode {
			nodes[0], nodes[1] = peer, n
		}
	}
	c := &channel{nodes: nodes}
	c.row = proc.Channel{Key: nodes[0].key, Capacity: proc.Unknown, Fill: proc.Unknown, Slots: proc.Unknown, Depth: proc.Unknown}
	for _, n := range nodes {
		n.channel = c
	}
	t.channels[c.row.Key] = c
	return c
}

// judge says who has the ends of c, and whether it is told of: when it joins two processes, or did and has not lost all;
// when the server made it, as long as somebody holds it.
func (t *Traffic) judge(c *channel) {
	c.row.Ends = c.row.Ends[:0:0] // a new one: what was told before may still be read
	for _, n := range c.nodes {
		for _, h := range n.holders {
			i := slices.IndexFunc(c.row.Ends, func(e proc.End) bool { return e.PID == h.member.PID })
			if i < 0 {
				i = len(c.row.Ends)
				c.row.Ends = append(c.row.Ends, proc.End{PID: h.member.PID})
			}
			e := &c.row.Ends[i]
			e.Reads, e.Writes = e.Reads || h.reads, e.Writes || h.writes
		}
	}
	slices.SortFunc(c.row.Ends, func(a, b proc.End) int { return a.PID - b.PID })
	var m *made
	for _, n := range c.nodes {
		if m = t.made[n.key]; m != nil {
			c.row.Name, c.row.Made, c.row.Slots = m.name, true, m.slots
			break
		}
	}
	both, alone := c.sides()
	listed := len(c.row.Ends) > 0 && (m != nil || both || c.listed && (!alone || t.recorded(c)))
	if c.listed && !listed {
		if c.left == 0 {
			c.left = t.at
		}
		if t.at-c.left < lingers { // told a while longer, with nobody, until those who held it have said their last words
			t.leaving = append(t.leaving, c.nodes...)
			t.soil(c)
			return
		}
	}
	c.left = 0
	if listed == c.listed {
		t.soil(c)
		return
	}
	c.listed = listed
	if !listed {
		t.listed = slices.DeleteFunc(t.listed, func(other *channel) bool { return other == c })
		return
	}
	t.listings++
	c.listing = t.listings
	t.listed = append(t.listed, c)
	t.soil(c)
	for _, n := range c.nodes { // what they have said of it so far was told to nobody, nor that they wait for it
		for _, h := range n.holders {
			t.wantLook(h.member)
			if h.member.recorder != nil {
				t.wantRead(h.member.recorder)
			}
		}
	}
}

// sides says whether two different processes hold the two sides of c; alone: that one process holds both, and nobody
// else anything.
func (c *channel) sides() (both, alone bool) {
	writes := func(h holder) bool { return h.writes }
	reads := func(h holder) bool { return h.reads }
	a, b := c.nodes[0].holders, c.nodes[len(c.nodes)-1].holders
	if len(c.nodes) == 2 {
		writes = func(holder) bool { return true }
		reads = writes
	}
	var writer, reader *member
	for _, h := range a {
		if !writes(h) {
			continue
		}
		if writer != nil && writer != h.member { // two writers: any reader is another than one of them
			if slices.ContainsFunc(b, reads) {
				return true, false
			}
		}
		writer = h.member
	}
	for _, h := range b {
		if !reads(h) {
			continue
		}
		if writer != nil && h.member != writer {
			return true, false
		}
		reader = h.member
	}
	return false, writer != nil && reader != nil
}

// recorded is true if the only process that holds c tells of it itself.
func (t *Traffic) recorded(c *channel) bool {
	m := c.nodes[0].holders[0].member
	return m.recorder != nil && m.recorder.knows(c.row.Key)
}
