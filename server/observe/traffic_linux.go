package observe

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
	"vivero/sim/flight"
)

// What one tick does at most, so that a tree of thousands that all run cannot hold up the loop. What is left over comes
// in the next ticks, the longest waiting first.
const (
	readsATick  = 256 // processes whose descriptors are read
	looksATick  = 128 // processes whose system call is read
	fillsATick  = 64  // channels whose content is counted
	messageMost = 100 // steps of messages handed on, a thousand a second: nobody can follow more, and a page has to draw them
)

// Traffic reads what goes through the channels of a tree: the kernel's word (ends, bytes inside, who waits in which
// system call) and the processes' own (their flight recorders). It has no goroutine and is used by one at a time.
//
// Only what ran can have changed: a descriptor, the content of a pipe, a wait, a recorder. Who ran is told by the
// reader's samples, so an idle process costs one comparison each time the reader reads it in turn, and nothing else.
type Traffic struct {
	o       TrafficOptions
	devices [4]uint64 // of pipes and sockets, by ChannelKind
	diag    *diag     // nil: the kernel does not tell the other end of a socket
	at      time.Duration

	members map[int]*member
	unread  []*member // those whose descriptors are to be read again
	unseen  []*member // sleepers whose system call is to be read
	keepers []*member // those that hold a descriptor of their system call

	nodes    map[proc.ChannelKey]*node
	changed  []*node // whose holders are others now
	channels map[proc.ChannelKey]*channel
	listed   []*channel // those that are told
	leaving  []*node    // of channels that are told a last time
	listings uint       // how often one became listed
	stale    []*channel // whose content may have changed
	made     map[proc.ChannelKey]*made

	folder  *folder // nil: there are no recorders
	toRead  []*recorder
	born    map[int]birth
	late    []lateWord
	pace    time.Duration
	paused  bool
	skipped uint64
	said    int

	out     proc.Traffic
	view    flight.View
	sums    []proc.Counts
	records []record
	fds     []int
	line    [4096]byte
	link    [256]byte
}

// member is one process of the tree.
type member struct {
	proc.Key
	name, label string
	cpu         time.Duration
	state       byte
	threads     int
	ppid        int
	ended       bool
	execed      bool // of a child of the root: it runs its own program

	ends   []end
	readAt time.Duration // when its descriptors were read; 0: never, or it has another program since
	every  time.Duration // how long they are good
	unread bool          // it is in Traffic.unread

	unseen  bool // it is in Traffic.unseen
	ran     bool // since it was looked at
	waiting proc.Waiting
	call    held
	looked  time.Duration // when its system call was last read
	busy    int           // how many looks came shortly after another

	recorder *recorder // the newest; nil: it has none
	gate     proc.Gate
}

// NewTraffic opens what Observe needs. With an error the Traffic sees what it can all the same.
func NewTraffic(o TrafficOptions) (*Traffic, error) {
	t := &Traffic{
		o: o, members: map[int]*member{}, nodes: map[proc.ChannelKey]*node{}, channels: map[proc.ChannelKey]*channel{},
		made: map[proc.ChannelKey]*made{}, born: map[int]birth{},
	}
	if err := t.learnDevices(); err != nil {
		return t, fmt.Errorf("watch channels: %w", err)
	}
	t.diag, _ = openDiag() // without it there are no socket pairs on the map
	if o.FlightDir != "" {
		var err error
		if t.folder, err = openFolder(o.FlightDir); err != nil {
			return t, fmt.Errorf("watch the flight recorders in %s: %w", o.FlightDir, err)
		}
	}
	return t, nil
}

// learnDevices finds the device numbers that fstat tells of pipes and sockets: each kind has one for the whole system,
// and /proc tells the inode alone.
func (t *Traffic) learnDevices() error {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return err
	}
	defer unix.Close(p[0])
	defer unix.Close(p[1])
	s, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	for kind, fd := range map[proc.ChannelKind]int{proc.Pipe: p[0], proc.Socket: s} {
		var st unix.Stat_t
		if err := unix.Fstat(fd, &st); err != nil {
			return err
		}
		t.devices[kind] = uint64(st.Dev)
	}
	return nil
}

// Observe is one tick, after the reader's, whose word of who ran it takes. What it answers is valid until the next.
func (t *Traffic) Observe(o proc.Observation) proc.Traffic {
	t.at = Monotonic()
	t.out = proc.Traffic{At: t.at, Channels: t.out.Channels[:0], Waiting: t.out.Waiting[:0], Counts: t.out.Counts[:0],
		Messages: t.out.Messages[:0], Gates: t.out.Gates[:0]}
	for _, key := range o.Gone {
		if m := t.members[key.PID]; m != nil && m.Key == key {
			t.end(m)
			delete(t.members, key.PID)
		}
	}
	for i := range o.Samples {
		t.take(&o.Samples[i])
	}
	t.readDescriptors()
	t.list()
	t.findRecorders()
	t.readRecorders()
	t.fill()
	t.look()
	t.settle()
	for _, c := range t.listed {
		t.out.Channels = append(t.out.Channels, c.row)
	}
	t.out.Skipped = t.skipped
	return t.out
}

// take takes in a sample: whether its process is new, has run, runs another program, has ended.
func (t *Traffic) take(s *proc.Sample) {
	if s.PID == t.o.Root {
		return
	}
	m := t.members[s.PID]
	fresh := m == nil || m.Start != s.Start
	if fresh {
		if m != nil {
			t.end(m)
		}
		m = &member{Key: s.Key, name: s.Name, label: s.Label, ppid: s.PPID}
		m.call.fd = -1
		t.members[s.PID] = m
		if p := t.members[s.PPID]; p != nil {
			p.readAt = 0 // it made what it shares with its child just before it forked
		}
	}
	if m.ended {
		return
	}
	exec := s.Name != m.name || s.Label != m.label
	if !fresh && !exec && !t.o.Coarse && s.CPU == m.cpu && s.State == m.state && s.Threads == m.threads {
		return
	}
	m.name, m.label, m.cpu, m.state, m.threads = s.Name, s.Label, s.CPU, s.State, s.Threads
	// A first thread that has ended while others go on is a zombie too, with several threads.
	if s.State == 'X' || s.State == 'Z' && s.Threads <= 1 {
		t.end(m)
		return
	}
	if exec {
		m.readAt = 0
	}
	if !m.unread {
		m.unread = true
		t.unread = append(t.unread, m)
	}
	m.ran = true
	t.wantLook(m)
	for i := range m.ends {
		t.soil(m.ends[i].node.channel)
	}
	if m.recorder != nil {
		t.wantRead(m.recorder)
	}
}

// wantLook has m looked at, if it sleeps.
func (t *Traffic) wantLook(m *member) {
	if (m.state == 'S' || m.state == 'D') && !m.unseen {
		m.unseen = true
		t.unseen = append(t.unseen, m)
	}
}

// Look takes in a sample that the reader gave between two ticks, so that a process that was just started can be told to
// stand at once.
func (t *Traffic) Look(s proc.Sample) { t.take(&s) }

// Happened takes in an event of the kernel's, where there are any: a process may have lived and recorded between two
// ticks of the reader.
func (t *Traffic) Happened(e proc.Event) {
	switch e.Kind {
	case proc.Forked:
		if t.folder != nil && len(t.born) < birthMost {
			b := birth{at: Monotonic()}
			if e.Sample != nil {
				b.start = e.Sample.Start
			}
			t.born[e.PID] = b
		}
	case proc.Execed:
		if m := t.members[e.PID]; m != nil {
			m.readAt = 0
		}
	}
}

// end lets go of a process that has ended: it holds nothing any more, and has said its last words.
func (t *Traffic) end(m *member) {
	if m.ended {
		return
	}
	m.ended = true
	t.hold(m, nil)
	m.closeCall()
	if m.recorder != nil {
		m.recorder.last = true
		t.wantRead(m.recorder)
	}
}

// Close lets go of all descriptors and mappings.
func (t *Traffic) Close() error {
	for _, m := range t.members {
		m.closeCall()
		if m.recorder != nil {
			m.recorder.file.Close()
		}
	}
	for _, r := range t.toRead { // of processes that are gone
		if r.file != nil && (t.members[r.member.PID] != r.member || r.member.recorder != r) {
			r.file.Close()
		}
	}
	for _, m := range t.made {
		m.close()
	}
	clear(t.members)
	clear(t.made)
	t.toRead = nil
	if t.diag != nil {
		t.diag.close()
		t.diag = nil
	}
	if t.folder != nil {
		t.folder.close()
		t.folder = nil
	}
	return nil
}
