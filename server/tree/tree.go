// Package tree is the one state of the program: which processes live, who is whose child, what each is doing and waits
// for, which channels join them, and what happened lately. The live loop feeds it what was seen (Observe, Traffic,
// Happened, Started, Reaped, …) and takes out what changed (Take) or all of it (Snapshot).
//
// Of channels it has the kernel's word (who holds it, what is inside, who sleeps in a call on it) and the processes' own
// (their recorders' counts), and makes them agree: sent = received + inside + lost (channel.go).
//
// It has no I/O, no clock and no goroutine: times are parameters, and the caller owns it alone.
package tree

import (
	"math"
	"sort"
	"time"

	"vivero/server/proc"
)

// Root is the id of the serving process.
const Root = 1

// kept is how many events a snapshot brings, and how many ended processes can still be looked up.
const kept = 1000

// Tree holds the processes that live, zombies included.
type Tree struct {
	host   proc.Host
	reader string

	nodes  map[int]*node // by id
	byPID  map[int]*node // the same, by pid
	warm   map[*node]struct{}
	dirty  []*node
	lastID int
	ended  ring[Ended]

	events ring[Event]
	fresh  int // how many of the newest events no delta has carried yet
	seq    uint64
	gone   []int
	tick   time.Duration // when the last observation was made

	vanished []*node // no longer there; the kernel has yet to tell how they ended, oldest first

	flows        map[proc.ChannelKey]*flow
	lastChannel  int
	goneChannels []int
	messages     []Message

	machine  changed[proc.Machine]
	observer changed[Observer]
	control  changed[Control]
}

// Ended is a process that has left the tree.
type Ended struct {
	Process
	Status proc.Status
	born   time.Duration
}

// changed is a value and whether a delta still has to carry it.
type changed[T any] struct {
	value T
	dirty bool
}

// New is a tree of one process: the serving one.
func New(root proc.Sample, host proc.Host, reader string) *Tree {
	t := &Tree{host: host, reader: reader, nodes: map[int]*node{}, byPID: map[int]*node{}, warm: map[*node]struct{}{}, flows: map[proc.ChannelKey]*flow{},
		events: newRing[Event](kept), ended: newRing[Ended](kept)}
	n := t.add(root.PID, 0, 0)
	n.Name, n.Label = "vivero", "vivero"
	n.fixed = true
	n.see(root, 0)
	n.PPID, n.Parent = root.PPID, 0
	return t
}

// Observe takes in what one tick saw. The order of the samples does not matter. wall is the same moment in
// milliseconds since the epoch.
func (t *Tree) Observe(o proc.Observation, wall int64) {
	waiting := t.vanished[:0]
	for _, n := range t.vanished {
		switch {
		case t.nodes[n.ID] != n: // the kernel has told meanwhile
		case o.At-n.vanished > lateness:
			t.remove(n, wall)
		default:
			waiting = append(waiting, n)
		}
	}
	clear(t.vanished[len(waiting):])
	t.vanished = waiting
	for i := range o.Samples {
		t.Look(o.Samples[i], o.At, wall)
	}
	for _, key := range o.Gone {
		if n := t.byPID[key.PID]; n != nil && (n.Key == key || n.Key.Start == 0) {
			t.vanish(n, o.At, wall)
		}
	}
	for n := range t.warm {
		n.advance(o.At)
		t.touch(n, values)
		if n.cold() {
			delete(t.warm, n)
		}
	}
	t.tick = o.At
}

// Look takes in one sample, read at the moment at. A process that the tree does not know joins it.
func (t *Tree) Look(s proc.Sample, at time.Duration, wall int64) {
	n := t.byPID[s.PID]
	if n != nil && n.Key.Start != 0 && n.Key.Start != s.Start {
		t.remove(n, wall) // the pid was reused and nobody told us of the end
		n = nil
	}
	if n == nil {
		n = t.spawned(s.PID, s.PPID, at, wall)
	}
	before := n.Process
	if _, warm := t.warm[n]; !warm && n.ranSince(s) {
		n.warm(t.tick)
		t.warm[n] = struct{}{}
	}
	n.see(s, at)
	if n.ID != Root {
		t.place(n, s.PPID)
	}
	t.compare(n, before)
}

// Happened takes in one event of the kernel's. An exited process stays until Reaped, Observe or Gone says that
// its parent has collected it.
func (t *Tree) Happened(e proc.Event, wall int64) {
	n := t.byPID[e.PID]
	switch e.Kind {
	case proc.Forked:
		if n != nil && e.Sample != nil && n.Key.Start != 0 && n.Key.Start != e.Sample.Start {
			t.remove(n, wall)
			n = nil
		}
		if n == nil && t.byPID[e.PPID] != nil && !t.overtaken(e) {
			n = t.spawned(e.PID, e.PPID, e.At, wall)
			p := t.byPID[e.PPID]
			n.Name, n.Label = p.Name, p.Label // a fork keeps its parent's name until it execs
		}
	case proc.Exited:
		if n == nil {
			return
		}
		n.status = e.Status
		n.finalCPU, n.finalRSS, n.finalPPID = e.CPU, e.RSS, e.PPID
		if e.Name != "" && !n.ours() && n.Name != e.Name {
			n.Name, n.Label = e.Name, e.Name // it had no time to be looked at: the kernel's word at its end
			t.touch(n, row)
		}
		if n.vanished > 0 {
			t.remove(n, wall)
		}
		return
	}
	if n != nil && e.Kind == proc.Execed {
		n.called = "" // another program has its own names
	}
	if n != nil && e.Sample != nil {
		t.Look(*e.Sample, e.At, wall)
	}
}

// overtaken is true of a fork that is told when its process has ended already: we started and collected it ourselves, and
// the kernel's events came late. No pid is reused within a second.
func (t *Tree) overtaken(e proc.Event) bool {
	was := t.left(func(was *Ended) bool { return was.PID == e.PID })
	return was != nil && e.At > 0 && e.At < was.born+time.Second
}

// Started tells that we started a process, and gives its id; workload is "" for a program that is not ours. It may
// come before or after the kernel's event.
func (t *Tree) Started(key proc.Key, ppid int, workload, role string, at time.Duration, wall int64) int {
	n := t.byPID[key.PID]
	if n != nil && n.Key.Start != 0 && key.Start != 0 && n.Key.Start != key.Start {
		t.remove(n, wall)
		n = nil
	}
	if n == nil {
		if e := t.left(func(e *Ended) bool { return e.Key == key }); e != nil {
			return e.ID // it ended before anybody could say that it was ours
		}
		n = t.spawned(key.PID, ppid, at, wall)
	}
	n.Key, n.claimed = key, true
	if workload != "" {
		n.Name, n.Label, n.Workload, n.Role, n.fixed = workload, workload, workload, role, true
		t.touch(n, row)
	}
	return n.ID
}

// Reaped tells that a child of the serving process has been collected: it is gone, and this is how it ended.
func (t *Tree) Reaped(pid int, status proc.Status, wall int64) {
	if n := t.byPID[pid]; n != nil && n.ID != Root {
		n.status = status
		t.remove(n, wall)
	}
}

// Gone tells that a process is no longer there.
func (t *Tree) Gone(pid int, wall int64) {
	if n := t.byPID[pid]; n != nil && n.ID != Root {
		t.vanish(n, t.tick, wall)
	}
}

// Progress is what a worker says of itself, 0..1.
func (t *Tree) Progress(pid int, share float64) {
	if n := t.byPID[pid]; n != nil && !math.IsNaN(share) {
		share = math.Round(min(max(share, 0), 1)*1000) / 1000
		if n.Progress == nil || *n.Progress != share {
			n.Progress = &share
			t.touch(n, values)
		}
	}
}

// Signalled tells that we sent a signal.
func (t *Tree) Signalled(id int, signal string, wall int64) {
	if n := t.nodes[id]; n != nil {
		t.happen(Event{Kind: "signalled", At: wall, ID: n.ID, PID: n.PID, Signal: signal})
	}
}

// everID is the id of a process, also of one that has ended lately.
func (t *Tree) everID(pid int) int {
	id := t.ID(pid)
	if id == 0 {
		if e := t.left(func(e *Ended) bool { return e.PID == pid }); e != nil {
			id = e.ID
		}
	}
	return id
}

// Output is something that a process wrote; skipped bytes before it were left out. It may come a moment after the end
// of the process: what it wrote last is often why it ended.
func (t *Tree) Output(pid int, stream, text string, skipped int, wall int64) {
	if id := t.everID(pid); id != 0 {
		t.happen(Event{Kind: "output", At: wall, ID: id, PID: pid, Stream: stream, Text: text, Skipped: skipped})
	}
}

// Machine is the state of the computer, once a tick.
func (t *Tree) Machine(m proc.Machine) {
	busy := make([]float64, len(m.Busy))
	for i, b := range m.Busy {
		busy[i] = thousandths(b)
	}
	m.Busy = busy
	const page = 1 << 20 // smaller steps of memory are noise
	if len(busy) == len(t.machine.value.Busy) && equal(busy, t.machine.value.Busy) &&
		m.MemoryUsed/page == t.machine.value.MemoryUsed/page {
		return
	}
	t.machine = changed[proc.Machine]{m, true}
}

// Missed is how many processes may have been too short-lived to be seen, nil when that is unknown.
func (t *Tree) Missed(missed *int, events bool) {
	o := t.observer.value
	o.Missed, o.Events = missed, events
	t.observe(o)
}

// observe keeps what watching costs: the root's own row.
func (t *Tree) observe(o Observer) {
	was := t.observer.value
	same := was.CPU == o.CPU && was.RSS == o.RSS && was.Events == o.Events &&
		(was.Missed == o.Missed || was.Missed != nil && o.Missed != nil && *was.Missed == *o.Missed)
	if !same {
		t.observer = changed[Observer]{o, true}
	}
}

// Control keeps what the presenter asks of time.
func (t *Tree) Control(c Control) {
	if c != t.control.value {
		t.control = changed[Control]{c, true}
	}
}

// Process is one that lives.
func (t *Tree) Process(id int) (Process, bool) {
	n := t.nodes[id]
	if n == nil {
		return Process{}, false
	}
	return n.Process, true
}

// Ended is one that has left, while it is remembered.
func (t *Tree) Ended(id int) (Ended, bool) {
	if e := t.left(func(e *Ended) bool { return e.ID == id }); e != nil {
		return *e, true
	}
	return Ended{}, false
}

// left is the latest of those that have left, and are remembered, of which is is true; nil: none.
func (t *Tree) left(is func(*Ended) bool) *Ended {
	for i := t.ended.len() - 1; i >= 0; i-- {
		if e := t.ended.ref(i); is(e) {
			return e
		}
	}
	return nil
}

// ID of a pid that lives, 0 if none.
func (t *Tree) ID(pid int) int {
	if n := t.byPID[pid]; n != nil {
		return n.ID
	}
	return 0
}

// Known is the highest id given so far: an id up to it that no longer lives has ended.
func (t *Tree) Known() int { return t.lastID }

// Len is how many live, the root not counted.
func (t *Tree) Len() int { return len(t.nodes) - 1 }

// Unclaimed is how many of them were forked by us or by a worker of ours and not told by Started yet: the kernel was
// faster.
func (t *Tree) Unclaimed() (n int) {
	for _, c := range t.nodes {
		if p := t.nodes[c.Parent]; !c.claimed && !c.Adopted && p != nil && p.ours() {
			n++
		}
	}
	return n
}

// Below is every descendant of id, parents before children, siblings by id; id itself is not among them.
func (t *Tree) Below(id int) []Process {
	children := map[int][]*node{}
	for _, n := range t.nodes {
		if n.ID != Root {
			children[n.Parent] = append(children[n.Parent], n)
		}
	}
	var out []Process
	level := []int{id}
	for len(level) > 0 {
		var next []int
		for _, parent := range level {
			kids := children[parent]
			sort.Slice(kids, func(i, j int) bool { return kids[i].ID < kids[j].ID })
			for _, n := range kids {
				out = append(out, n.Process)
				next = append(next, n.ID)
			}
		}
		level = next
	}
	return out
}
