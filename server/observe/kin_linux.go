package observe

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
)

// handle passes on what concerns the tree, and keeps the set of its processes.
func (s *EventSource) handle(e *connectorEvent) {
	switch e.what {
	case whatFork:
		if parent := s.kin[e.parent]; parent != nil {
			s.forked(e, parent)
		}
	case whatExec:
		if k := s.kin[e.tgid]; k != nil {
			s.execed(e, k)
		}
	case whatExit:
		o, told := s.obits[e.pid]
		delete(s.obits, e.pid)
		k := s.kin[e.tgid]
		if k == nil {
			return
		}
		if e.pid == e.tgid {
			k.leader, k.status = o, e.status
			if e.parent > 0 {
				k.ppid = e.parent
			}
		} else {
			k.threads += o.cpu
			if !k.led {
				return
			}
			if k.status == 0 {
				k.status = e.status // the first thread ended quietly; the process ends as its last one does
			}
		}
		if told && o.tgid != 0 {
			if !o.last {
				k.led = k.led || e.pid == e.tgid
				return
			}
		} else if s.alive(e.tgid) {
			k.led = true
			return
		}
		s.exited(e, k)
	}
}

func (s *EventSource) forked(e *connectorEvent, parent *kin) {
	k := &kin{ppid: e.parent, name: parent.name, label: parent.label}
	s.kin[e.pid] = k
	out := proc.Event{Kind: proc.Forked, At: e.at, PID: e.pid, PPID: e.parent}
	if sample, ok := s.look.read(e.pid, k, false); ok {
		out.Sample = sample
	}
	s.emit(out)
}

func (s *EventSource) execed(e *connectorEvent, k *kin) {
	k.led = false // a thread that replaces the program ends all others, the first included
	out := proc.Event{Kind: proc.Execed, At: e.at, PID: e.tgid, PPID: k.ppid}
	if sample, ok := s.look.read(e.tgid, k, true); ok {
		out.Sample = sample
	}
	s.emit(out)
}

func (s *EventSource) exited(e *connectorEvent, k *kin) {
	delete(s.kin, e.tgid)
	out := proc.Event{Kind: proc.Exited, At: e.at, PID: e.tgid, PPID: k.ppid, Name: k.name}
	out.Status = proc.StatusOf(syscall.WaitStatus(k.status))
	if k.leader.pid != 0 {
		out.Name, out.RSS = k.leader.name, k.leader.rss
		out.CPU = k.leader.cpu + k.threads
	} else if st, ok := s.look.stat(e.tgid); ok && (st.state == 'Z' || st.state == 'X') {
		out.Name = string(st.comm)
		out.CPU = time.Duration(st.utime+st.stime) * tickNanoseconds
	}
	// The accounting leaves out what ran since the scheduler last looked. While its parent has not collected it, the
	// clock is exact.
	if cpu, ok := cpuClock(e.tgid); ok && cpu > out.CPU {
		out.CPU = cpu
	}
	s.emit(out)
}

// alive is true while a process whose first thread ended has others, or goes on as another program.
func (s *EventSource) alive(pid int) bool {
	st, ok := s.look.stat(pid)
	if !ok {
		return false
	}
	return st.threads > 1 || (st.state != 'Z' && st.state != 'X')
}

// scan finds the processes of the tree that are there already.
func (s *EventSource) scan() {
	queue := []int{s.root}
	for len(queue) > 0 {
		pid := queue[0]
		queue = queue[1:]
		k := &kin{}
		sample, ok := s.look.read(pid, k, true)
		if ok {
			k.ppid = sample.PPID
			s.kin[pid] = k
		}
		for _, child := range childrenOf(pid) {
			if s.kin[child] == nil {
				queue = append(queue, child)
			}
		}
	}
}

// rescan mends the set after events were lost.
func (s *EventSource) rescan() {
	old := s.kin
	s.kin = map[int]*kin{}
	s.scan()
	for pid, k := range old {
		if now := s.kin[pid]; now != nil {
			now.threads, now.led, now.leader, now.status = k.threads, k.led, k.leader, k.status
		} else if st, ok := s.look.stat(pid); ok && st.state != 'Z' && st.state != 'X' {
			s.kin[pid] = k // it left the tree, but not the watch
		}
	}
}

// childrenOf lists the children of all threads of one process.
func childrenOf(pid int) (pids []int) {
	dir := "/proc/" + strconv.Itoa(pid) + "/task/"
	threads, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, t := range threads {
		b, err := os.ReadFile(dir + t.Name() + "/children")
		if err != nil {
			continue
		}
		for _, f := range strings.Fields(string(b)) {
			if n, err := strconv.Atoi(f); err == nil {
				pids = append(pids, n)
			}
		}
	}
	return pids
}

// look reads a process that was just told of, once.
type look struct {
	line    [4096]byte
	parsed  stat
	command [4096]byte
}

func (l *look) file(pid int, name string, b []byte) (int, bool) {
	fd, err := openRead("/proc/" + strconv.Itoa(pid) + name)
	if err != nil {
		return 0, false
	}
	defer unix.Close(fd)
	n, err := pread(fd, b, 0)
	return n, err == nil
}

// stat is valid until the next call of any method.
func (l *look) stat(pid int) (*stat, bool) {
	n, ok := l.file(pid, "/stat", l.line[:])
	return &l.parsed, ok && parseStat(l.line[:n], &l.parsed)
}

// read makes a sample, and keeps name and label in k. The command line is read after an exec only, or if the name
// shows that one has come already.
func (l *look) read(pid int, k *kin, execed bool) (*proc.Sample, bool) {
	st, ok := l.stat(pid)
	if !ok {
		return nil, false
	}
	name := string(st.comm)
	if execed || name != k.name {
		k.name = name
		n := 0
		if st.state != 'Z' && st.state != 'X' {
			n, _ = l.file(pid, "/cmdline", l.command[:])
		}
		k.label = Label(name, l.command[:n])
	}
	s := &proc.Sample{
		Key: proc.Key{PID: pid, Start: st.start}, PPID: st.ppid, Name: name, Label: k.label, State: st.state,
		CPU: time.Duration(st.utime+st.stime) * tickNanoseconds, Wait: -1, RSS: st.rss * uint64(os.Getpagesize()),
		Threads: st.threads, Core: st.core, Started: startedAt(st.start),
	}
	if cpu, ok := cpuClock(pid); ok {
		s.CPU = cpu
	}
	if n, ok := l.file(pid, "/statm", l.line[:]); ok {
		if pages, ok := parseStatm(l.line[:n]); ok {
			s.RSS = pages * uint64(os.Getpagesize())
		}
	}
	if n, ok := l.file(pid, "/schedstat", l.line[:]); ok {
		if _, waited, ok := parseSchedstat(l.line[:n]); ok {
			s.Wait = time.Duration(waited)
		}
	}
	return s, true
}
