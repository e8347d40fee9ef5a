package observe

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"vivero/server/proc"
	"vivero/sim/flight"
)

const (
	recordersATick = 256               // recorders that are read in one tick
	recordsATick   = 256 * messageMost // messages that are taken out of them, before some are chosen
	lateMost       = 1024              // last words that wait for their channel
	lateFor        = 2 * time.Second
)

// recorder is one process's flight recorder.
type recorder struct {
	member  *member
	file    *flight.File
	first   *flight.View // what was read when it was opened
	last    bool         // nothing more will be written: its process has ended, or has another recorder
	queued  bool         // it is in Traffic.toRead
	skipped uint64

	keys [flight.Channels]proc.ChannelKey // of its entries, as far as the kernel knows them
	told map[proc.ChannelKey]told
	hand [flight.Channels]flight.Event // what was received last
}

// told is what the tree was told of one channel, and in which listing of it.
type told struct {
	counts  proc.Counts
	listing uint
}

// lateWord is what a process said last of a channel that was not known when it ended.
type lateWord struct {
	counts proc.Counts
	at     time.Duration
}

// adopt makes file the recorder of m.
func (t *Traffic) adopt(m *member, file *flight.File, first *flight.View) {
	if old := m.recorder; old != nil { // that of the program before an exec
		old.last = true
		t.wantRead(old)
	}
	r := &recorder{member: m, file: file, first: first, last: m.ended, told: map[proc.ChannelKey]told{}}
	m.recorder = r
	if err := t.control(r); err != nil { // also when nothing is asked: it may have been when the process began
		t.lose(r, err)
		return
	}
	t.wantRead(r)
}

func (t *Traffic) wantRead(r *recorder) {
	if !r.queued {
		r.queued = true
		t.toRead = append(t.toRead, r)
	}
}

// readRecorders reads those whose process has run, or has ended.
func (t *Traffic) readRecorders() {
	n := min(len(t.toRead), recordersATick)
	for _, r := range t.toRead[:n] {
		r.queued = false
		t.read(r)
	}
	left := copy(t.toRead, t.toRead[n:])
	clear(t.toRead[left:])
	t.toRead = t.toRead[:left]
	t.choose()
}

func (t *Traffic) read(r *recorder) {
	if r.file == nil {
		return
	}
	if r.first != nil {
		t.digest(r, r.first, false)
		r.first = nil
	}
	if err := r.file.Read(&t.view, r.last); err != nil {
		t.lose(r, err)
		return
	}
	t.digest(r, &t.view, r.last)
	if r.last {
		t.drop(r)
	}
}

// lose gives up a recorder that can no longer be read.
func (t *Traffic) lose(r *recorder, err error) {
	t.say(fmt.Sprintf("process %d (%s): %v; what it does is no longer recorded", r.member.PID, r.member.label, err))
	t.drop(r)
}

func (t *Traffic) drop(r *recorder) {
	r.file.Close()
	r.file = nil
	if r.member.recorder == r {
		r.member.recorder = nil
	}
}

// digest hands on what changed.
func (t *Traffic) digest(r *recorder, v *flight.View, last bool) {
	const most = 1 << 50
	if now := min(v.Unrecorded, most) + min(v.Lost, most); now > r.skipped {
		t.skipped += now - r.skipped
		r.skipped = now
	}
	t.sums = t.sums[:0]
	for i := range v.Entries {
		if e := &v.Entries[i]; t.resolve(r, e) {
			t.add(r.keys[e.Index], countsOf(e, t.at))
		}
	}
	for i := range t.sums {
		c := &t.sums[i]
		c.PID = r.member.PID
		t.tell(r, *c, last)
	}
	for i := range v.Events {
		t.step(r, v, &v.Events[i])
	}
	if last {
		for i := range v.Entries {
			t.inHand(r, &v.Entries[i])
		}
	}
	if r.member.recorder == r && !last {
		g := gateOf(v.Gate, t.at)
		g.PID = r.member.PID
		if v.Language == flight.Python {
			// Each send and each receive is one, should it come to that.
			g.Has = true
			if v.Name != "MainProcess" { // that one is known by its script
				g.Called = clean(v.Name)
			}
		}
		g.Channel = r.keys[v.Gate.Channel%flight.Channels]
		if g != r.member.gate {
			r.member.gate = g
			t.out.Gates = append(t.out.Gates, g)
		}
	}
}

// resolve finds the channel that an entry is about. A pipe's and a socket's device are the system's own: whatever the
// process wrote there, the kernel's key is meant.
func (t *Traffic) resolve(r *recorder, e *flight.Entry) bool {
	key := &r.keys[e.Index]
	switch e.Kind {
	case flight.Pipe:
		*key = proc.ChannelKey{Kind: proc.Pipe, Device: t.devices[proc.Pipe], Inode: e.Inode}
	case flight.Queue:
		*key = proc.ChannelKey{Kind: proc.Queue, Device: e.Device, Inode: e.Inode}
	case flight.Socket: // one end; the pair is known once both are, and stays known
		n := t.nodes[proc.ChannelKey{Kind: proc.Socket, Device: t.devices[proc.Socket], Inode: e.Inode}]
		if n != nil && n.channel != nil {
			*key = n.channel.row.Key
		}
	}
	return key.Kind != 0
}

// add adds c to what this process has done with the channel: it may have an entry for each end.
func (t *Traffic) add(key proc.ChannelKey, c proc.Counts) {
	c.Channel = key
	for i := range t.sums {
		if t.sums[i].Channel == key {
			unite(&t.sums[i], &c)
			return
		}
	}
	t.sums = append(t.sums, c)
}

// tell hands on counts that the tree does not have, once the channel is listed.
func (t *Traffic) tell(r *recorder, c proc.Counts, last bool) {
	before, known := r.told[c.Channel]
	channel := t.channels[c.Channel]
	c.Ended = last
	if channel == nil || !channel.listed {
		if last && (c.Sent > 0 || c.Received > 0) && len(t.late) < lateMost {
			t.late = append(t.late, lateWord{c, t.at})
		}
		return
	}
	if known && before.counts == c && before.listing == channel.listing {
		return
	}
	r.told[c.Channel] = told{c, channel.listing}
	t.out.Counts = append(t.out.Counts, c)
}

// settle hands on last words whose channel is known by now.
func (t *Traffic) settle() {
	t.late = slices.DeleteFunc(t.late, func(w lateWord) bool {
		if c := t.channels[w.counts.Channel]; c != nil && c.listed {
			t.out.Counts = append(t.out.Counts, w.counts)
			return true
		}
		return t.at-w.at > lateFor
	})
}

// record is one record of a message, as it was read.
type record struct {
	key proc.ChannelKey
	pid int
	at  time.Duration
	flight.Event
	lost bool // with the process that had it in its hand
}

// step takes in one record.
func (t *Traffic) step(r *recorder, v *flight.View, e *flight.Event) {
	if e.Kind != flight.Sent && e.Kind != flight.Received || e.Channel >= len(v.Entries) {
		return
	}
	key := r.keys[e.Channel]
	if c := t.channels[key]; c == nil || !c.listed {
		return
	}
	at := moment(e.At, t.at)
	if at == 0 || len(t.records) >= recordsATick {
		t.skipped++
		return
	}
	if e.Kind == flight.Received {
		r.hand[e.Channel] = *e
	}
	t.records = append(t.records, record{key: key, pid: r.member.PID, at: at, Event: *e})
}

// inHand tells of the message that a process had in its hand when it ended: it is lost with it.
func (t *Traffic) inHand(r *recorder, e *flight.Entry) {
	c, key := countsOf(e, t.at), r.keys[e.Index]
	if channel := t.channels[key]; c.InHand == 0 || channel == nil || !channel.listed {
		return
	}
	lost := record{key: key, pid: r.member.PID, at: t.at, lost: true}
	if h := &r.hand[e.Index]; h.Number == e.InHand {
		lost.Event = *h
	}
	lost.Number = e.InHand
	t.records = append(t.records, lost)
}

// choose hands on as many messages as can be followed. Those with the same number are kept or left out together, so that
// one that was sent is also seen to arrive.
func (t *Traffic) choose() {
	all := len(t.records)
	if all > messageMost {
		each := uint64((all + messageMost - 1) / messageMost)
		t.records = slices.DeleteFunc(t.records, func(r record) bool { return !r.lost && r.Number%each != 0 })
	}
	slices.SortStableFunc(t.records, func(a, b record) int { return cmp.Compare(a.at, b.at) })
	for i := max(0, len(t.records)-messageMost); i < len(t.records); i++ {
		r := &t.records[i]
		m := messageOf(&r.Event, t.at)
		m.At, m.Channel, m.PID = r.at, r.key, r.pid
		switch {
		case r.lost:
			m.Step = proc.Lost
		case m.Step == proc.Sent:
			m.Sender, m.SentAt = m.PID, m.At
		}
		t.out.Messages = append(t.out.Messages, m)
	}
	t.records = t.records[:0]
	t.skipped += uint64(all - len(t.out.Messages))
}

// knows is true if the process tells of the channel key.
func (r *recorder) knows(key proc.ChannelKey) bool { return slices.Contains(r.keys[:], key) }
