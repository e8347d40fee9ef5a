package tree

import (
	"slices"
	"sort"
	"time"

	"vivero/server/proc"
)

// Traffic takes in what one tick saw of channels. epoch is the wall clock, in ms since the epoch, at the zero of the
// monotonic clock.
func (t *Tree) Traffic(o proc.Traffic, epoch float64) {
	for _, w := range o.Waiting {
		if n := t.byPID[w.PID]; n != nil {
			n.waiting = w
		}
	}
	for _, g := range o.Gates {
		if n := t.byPID[g.PID]; n != nil {
			n.gate = g
			if g.Called != "" && !n.fixed && n.Label != g.Called {
				n.called, n.Label = g.Called, g.Called
				t.touch(n, row)
			}
		}
	}
	for _, c := range o.Counts {
		f := t.flow(c.Channel)
		f.counts[c.PID] = c
		if c.Ended {
			f.end(c)
		}
		f.now.Ended = f.now.Ended || c.EndRead
		f.now.Broken = f.now.Broken || c.Broken
	}
	for _, m := range o.Messages {
		t.message(m, epoch)
	}
	held := make(map[proc.ChannelKey]bool, len(o.Channels))
	for _, c := range o.Channels {
		held[c.Key] = true
		f := t.flow(c.Key)
		f.count(c, o.At)
		t.join(f, c)
		f.now.Latency = f.latency()
	}
	for key, f := range t.flows {
		if !held[key] {
			delete(t.flows, key)
			if f.told {
				t.goneChannels = append(t.goneChannels, f.now.ID)
			}
		}
	}
	t.block(o.At, epoch)
}

// Injected tells how many messages, and bytes of payload, the teacher has put into a channel so far.
func (t *Tree) Injected(key proc.ChannelKey, messages, bytes uint64) {
	f := t.flow(key)
	f.teacher.sent = max(f.teacher.sent, messages)
	f.teacher.sentBytes = max(f.teacher.sentBytes, bytes)
}

// Channel is one that lives.
func (t *Tree) Channel(id int) (Channel, proc.ChannelKey, bool) {
	for key, f := range t.flows {
		if f.now.ID == id {
			return f.now, key, true
		}
	}
	return Channel{}, proc.ChannelKey{}, false
}

// flow is the channel of that key, new if it is not known.
func (t *Tree) flow(key proc.ChannelKey) *flow {
	f := t.flows[key]
	if f == nil {
		t.lastChannel++
		f = &flow{key: key, counts: map[int]proc.Counts{}}
		f.now = Channel{ID: t.lastChannel, Kind: kindWords[key.Kind], Depth: proc.Unknown, Latency: Latency{proc.Unknown, proc.Unknown}}
		t.flows[key] = f
	}
	return f
}

// join says who writes and who reads. A process whose recorder knows the channel is taken at its word: after a fork it
// may hold ends that it never uses.
func (t *Tree) join(f *flow, c proc.Channel) {
	f.now.Writers, f.now.Readers = nil, nil
	var writers, readers []int // that hold an end and have not used it so far
	for _, e := range c.Ends {
		n := t.byPID[e.PID]
		if n == nil {
			continue
		}
		writes, reads := e.Writes, e.Reads
		if used, ok := f.counts[e.PID]; ok {
			writes = writes && (used.Writes || used.Begun > 0 || used.Sent > 0)
			reads = reads && (used.Reads || used.Received > 0 || used.Reading > 0)
		} else if len(f.counts) > 0 && n.Workload == "" {
			writes, reads = false, false
		}
		if writes {
			f.now.Writers = append(f.now.Writers, n.ID)
		} else if e.Writes {
			writers = append(writers, n.ID)
		}
		if reads {
			f.now.Readers = append(f.now.Readers, n.ID)
		} else if e.Reads {
			readers = append(readers, n.ID)
		}
	}
	// Those that used an end have ended: whoever still holds one is what keeps the channel open.
	if len(f.now.Writers) == 0 {
		f.now.Writers = writers
	}
	if len(f.now.Readers) == 0 {
		f.now.Readers = readers
	}
	slices.Sort(f.now.Writers)
	slices.Sort(f.now.Readers)
}

// block says who waits for which channel: the kernel's word on what a process sleeps in, and since when by its recorder.
func (t *Tree) block(now time.Duration, epoch float64) {
	for _, f := range t.flows {
		f.now.Blocked = nil
	}
	ms := func(at time.Duration) int64 { return int64(epoch + float64(at)/1e6) }
	for _, n := range t.nodes {
		waits, on := "", 0
		if n.State == "S" || n.State == "D" {
			waits = waitWords[n.waiting.For]
			f := t.flows[n.waiting.Channel]
			if f != nil && (n.waiting.For == proc.WaitRead || n.waiting.For == proc.WaitWrite) {
				on = f.now.ID
				since := n.waiting.Since
				if c := f.counts[n.PID]; n.waiting.For == proc.WaitRead && c.Reading > 0 {
					since = c.Reading
				} else if n.waiting.For == proc.WaitWrite && c.Writing > 0 {
					since = c.Writing
				}
				f.now.Blocked = append(f.now.Blocked, Blocked{n.ID, waits, ms(since)})
			}
		}
		held := n.gate.Held > 0 && n.State != "Z" && n.State != "T"
		if waits != n.Waits || on != n.On || held != n.Held || n.gate.Has != n.Gates {
			n.Waits, n.On, n.Held, n.Gates = waits, on, held, n.gate.Has
			t.touch(n, values)
		}
	}
	for _, f := range t.flows {
		sort.Slice(f.now.Blocked, func(i, j int) bool { return f.now.Blocked[i].Process < f.now.Blocked[j].Process })
	}
}

// What the API calls the kinds of channels, the steps of messages, and what a process waits for.
var kindWords = map[proc.ChannelKind]string{proc.Pipe: "pipe", proc.Queue: "queue", proc.Socket: "socket"}
var stepWords = map[proc.Step]string{proc.Sent: "sent", proc.Received: "received", proc.Lost: "lost"}
var waitWords = map[proc.WaitKind]string{
	proc.WaitChild: "child", proc.WaitRead: "read", proc.WaitWrite: "write", proc.WaitInput: "input",
	proc.WaitSleep: "sleep", proc.WaitLock: "lock", proc.WaitEvents: "events", proc.WaitDisk: "disk",
}

// message takes in one step of a message, for the dots and the list of the last ones.
func (t *Tree) message(m proc.Message, epoch float64) {
	f := t.flow(m.Channel)
	if m.Step == proc.Received && m.SentAt > 0 && m.At >= m.SentAt {
		f.late(m.At, m.At-m.SentAt)
	}
	ms := func(at time.Duration) float64 {
		if at <= 0 {
			return 0
		}
		return thousandths(epoch + float64(at)/1e6)
	}
	sender := t.everID(m.Sender)
	if sender == Root { // the teacher, by us
		sender = 0
	}
	t.messages = append(t.messages, Message{Channel: f.now.ID, Step: stepWords[m.Step], Process: t.everID(m.PID), Sender: sender,
		Number: m.Number, Size: m.Size, At: ms(m.At), SentAt: ms(m.SentAt), Text: m.Text})
	if m.Step != proc.Lost {
		f.steps++
	}
	if over := len(t.messages) - messagesMost; over > 0 {
		for _, f := range t.flows {
			for i := range t.messages[:over] {
				if t.messages[i].Channel == f.now.ID && t.messages[i].Step != "lost" {
					f.steps--
				}
			}
		}
		t.messages = append(t.messages[:0], t.messages[over:]...)
	}
}

// messagesMost bounds the steps that one delta brings: more cannot be followed.
const messagesMost = 400

// takeTraffic puts what changed of channels into d.
func (t *Tree) takeTraffic(d *Delta) {
	for _, f := range t.flows {
		if len(f.now.Writers)+len(f.now.Readers) == 0 && !f.told {
			continue // nobody whom we know holds it yet
		}
		if !f.told || !same(&f.shown, &f.now) {
			f.shown = f.now
			// Copies, for a delta is its reader's; and never nil, which JSON calls null.
			f.shown.Writers = append([]int{}, f.now.Writers...)
			f.shown.Readers = append([]int{}, f.now.Readers...)
			f.shown.Blocked = append([]Blocked{}, f.now.Blocked...)
			f.told = true
			d.Channels = append(d.Channels, f.shown)
		}
	}
	sort.Slice(d.Channels, func(i, j int) bool { return d.Channels[i].ID < d.Channels[j].ID })
	d.GoneChannels, t.goneChannels = t.goneChannels, nil
	d.Messages, t.messages = t.messages, nil
}

// channels are those that the last delta told of, by id.
func (t *Tree) channels() []Channel {
	out := []Channel{}
	for _, f := range t.flows {
		if f.told {
			out = append(out, f.shown)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}
