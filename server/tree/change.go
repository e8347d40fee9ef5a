package tree

import (
	"sort"
	"syscall"
	"time"

	"vivero/server/proc"
)

// add makes a node; the caller fills it.
func (t *Tree) add(pid, ppid int, born time.Duration) *node {
	t.lastID++
	n := &node{Process: Process{ID: t.lastID, PID: pid, PPID: ppid, State: "R", Core: -1, Threads: 1}, born: born, wait: -1}
	n.Key.PID = pid
	t.nodes[n.ID], t.byPID[pid] = n, n
	t.touch(n, row)
	return n
}

// spawned adds a process and tells of it. Its name is told when the events are taken, for it may come a moment later.
func (t *Tree) spawned(pid, ppid int, at time.Duration, wall int64) *node {
	n := t.add(pid, ppid, at)
	n.Started = wall
	t.place(n, ppid)
	t.happen(Event{Kind: "spawned", At: wall, ID: n.ID, PID: pid, PPID: n.PPID, Parent: n.Parent})
	return n
}

// place puts a node under the parent that the kernel names. A parent that we do not know has just vanished: its
// children come to the root, the subreaper.
func (t *Tree) place(n *node, ppid int) {
	if ppid == 0 && n.PPID != 0 {
		return // what the kernel says of one that is being collected at this moment
	}
	was := n.Parent
	n.PPID = ppid
	n.Parent = Root
	if p := t.byPID[ppid]; p != nil && p != n {
		n.Parent = p.ID
	}
	if was != 0 && was != n.Parent && n.Parent == Root {
		n.Adopted = true
	}
}

// lateness is how long after a look at /proc the kernel's events may come. On a machine with forty busy processes a core
// the goroutine that reads them came 0.5 s late; machines stall for 1.4 s.
const lateness = 3 * time.Second

// vanish takes a process out that is no longer there. If the kernel tells events it has yet to tell how this one ended, or
// even that it began: it stays until then, so that its end is told once and whole.
func (t *Tree) vanish(n *node, at time.Duration, wall int64) {
	if n.status.Known || !t.observer.value.Events {
		t.remove(n, wall)
	} else if n.vanished == 0 {
		n.vanished = max(at, 1)
		t.vanished = append(t.vanished, n)
	}
}

// remove takes a process out, tells how it ended, and gives its children to the root until a sample says otherwise.
func (t *Tree) remove(n *node, wall int64) {
	delete(t.nodes, n.ID)
	delete(t.byPID, n.PID)
	delete(t.warm, n)
	root := t.nodes[Root]
	for _, child := range t.nodes {
		if child.Parent == n.ID {
			t.place(child, root.PID)
			t.touch(child, row)
		}
	}
	e := Event{Kind: "exited", At: wall, ID: n.ID, PID: n.PID, PPID: n.PPID, Name: n.Name, Label: n.Label}
	if n.finalPPID != 0 {
		e.PPID = n.finalPPID // its parent may have ended since, after collecting it
	}
	if n.status.Known && n.status.Signal != 0 {
		e.Signal = proc.SignalName(syscall.Signal(n.status.Signal))
	} else if n.status.Known {
		e.Status = &n.status.Code
	}
	cpu := max(n.cpu, n.finalCPU)
	if n.seen || n.finalCPU > 0 {
		s := thousandths(cpu.Seconds())
		e.CPU = &s
	}
	if rss := max(n.peak, n.finalRSS); rss > 0 {
		e.RSS = &rss
	}
	t.fill(n)
	t.happen(e)
	if n.announced {
		t.gone = append(t.gone, n.ID)
	}
	n.dirty = clean
	t.ended.push(Ended{n.Process, n.status, n.born})
}

// compare marks what a new sample changed.
func (t *Tree) compare(n *node, before Process) {
	switch {
	case n.PPID != before.PPID || n.Parent != before.Parent || n.Name != before.Name || n.Label != before.Label ||
		n.Started != before.Started || n.Adopted != before.Adopted || n.Key != before.Key:
		t.touch(n, row)
	case n.State != before.State || n.RSS != before.RSS || n.Threads != before.Threads || n.Core != before.Core:
		t.touch(n, values)
	}
}

// touch marks a node for the next delta.
func (t *Tree) touch(n *node, d dirtiness) {
	if n.dirty == clean {
		t.dirty = append(t.dirty, n)
	}
	n.dirty = max(n.dirty, d)
}

// happen numbers an event and keeps it.
func (t *Tree) happen(e Event) {
	t.seq++
	e.Seq = t.seq
	t.events.push(e)
	t.fresh = min(t.fresh+1, t.events.len())
}

// fill completes the spawned event of n, if it has not been taken yet, with what is known of n by now.
func (t *Tree) fill(n *node) {
	for i := t.events.len() - t.fresh; i < t.events.len(); i++ {
		if e := t.events.ref(i); e.Kind == "spawned" && e.ID == n.ID {
			e.fill(n)
			return
		}
	}
}

// fill says of a spawned event what is known of its process by now. Its parent stays the one that forked it, even if
// that has ended since and the process was adopted.
func (e *Event) fill(n *node) {
	e.Name, e.Label, e.Workload, e.Role = n.Name, n.Label, n.Workload, n.Role
	if e.PPID == n.PPID {
		e.Parent = n.Parent
	}
}

// Pending is true when there are events that no delta has carried.
func (t *Tree) Pending() bool { return t.fresh > 0 }

// Take is what changed since the last Take. wall is now, in milliseconds since the epoch. The slices are the caller's.
func (t *Tree) Take(wall int64) Delta {
	d := Delta{At: wall, Gone: t.gone}
	t.gone = nil
	root := t.nodes[Root]
	o := t.observer.value
	o.CPU, o.RSS = root.CPU, root.RSS
	t.observe(o)
	for i := t.events.len() - t.fresh; i < t.events.len(); i++ {
		if e := t.events.ref(i); e.Kind == "spawned" {
			if n := t.nodes[e.ID]; n != nil {
				e.fill(n)
			}
		}
		d.Events = append(d.Events, t.events.at(i))
	}
	t.fresh = 0
	sort.Slice(t.dirty, func(i, j int) bool { return t.dirty[i].ID < t.dirty[j].ID })
	for _, n := range t.dirty {
		switch n.dirty {
		case row:
			d.Rows = append(d.Rows, n.Process)
			n.announced = true
		case values:
			d.Values = append(d.Values, n.Process)
		}
		n.dirty = clean
	}
	t.dirty = t.dirty[:0]
	t.takeTraffic(&d)
	if t.machine.dirty {
		d.Cores = t.machine.value.Busy
		d.Memory = &Memory{t.machine.value.MemoryTotal, t.machine.value.MemoryUsed}
		t.machine.dirty = false
	}
	if t.observer.dirty {
		o := t.observer.value
		d.Observer = &o
		t.observer.dirty = false
	}
	if t.control.dirty {
		c := t.control.value
		d.Control = &c
		t.control.dirty = false
	}
	return d
}

// Snapshot is everything, as of the last Take and what came after it.
func (t *Tree) Snapshot(wall int64) Snapshot {
	root := t.nodes[Root]
	s := Snapshot{Host: t.host, Reader: t.reader, At: wall, Seq: t.seq, Observer: t.observer.value, Control: t.control.value,
		Memory:    Memory{t.machine.value.MemoryTotal, t.machine.value.MemoryUsed},
		Cores:     make([]Core, len(t.machine.value.Busy)),
		Processes: make([]Process, 0, len(t.nodes)), Events: make([]Event, 0, t.events.len())}
	s.Observer.CPU, s.Observer.RSS = root.CPU, root.RSS
	for i, busy := range t.machine.value.Busy {
		s.Cores[i] = Core{i, busy}
	}
	for _, n := range t.nodes {
		s.Processes = append(s.Processes, n.Process)
	}
	sort.Slice(s.Processes, func(i, j int) bool { return s.Processes[i].ID < s.Processes[j].ID })
	s.Channels = t.channels()
	for i := range t.events.len() {
		s.Events = append(s.Events, t.events.at(i))
	}
	return s
}
