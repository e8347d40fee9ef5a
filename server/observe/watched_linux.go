package observe

import (
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
)

// watched is one process that the reader follows.
type watched struct {
	proc.Sample
	stat  held
	statm held
	sched held
	tasks []task
	dir   held // its task folder, while it has several threads
	known int  // threads when tasks were listed; 0: never

	clock time.Duration // its CPU clock when last read
	stack uint64        // tells an exec: the kernel puts each new program's stack elsewhere
	turn  uint          // it is read fully in every tenth tick: those with tick%10 == turn
	tick  uint          // when it was last read
	due   bool          // it was looked at between ticks: the next one reads it fully
	dead  bool
}

// task is one thread: a child is listed with the thread that forked it.
type task struct {
	tid      int
	children held
}

func (r *procfs) path(pid int) string { return r.root + "/" + strconv.Itoa(pid) }

// read takes in the stat file; false: the process is gone. ran tells that its CPU clock moved since.
func (r *procfs) read(w *watched, cpu time.Duration, timed bool) bool {
	w.tick = r.tick
	if w.stat.fd < 0 {
		if err := w.stat.open(r.budget, r.path(w.PID)+"/stat"); err != nil {
			r.fault(err)
			return !vanished(err)
		}
	}
	n, err := pread(w.stat.fd, r.line[:], 0)
	w.stat.release()
	s := &r.parsed
	if err != nil || n == 0 {
		return err != nil && !vanished(err)
	}
	if !parseStat(r.line[:n], s) {
		return true
	}
	if w.Start != 0 && s.start != w.Start {
		return false // not held, and the pid means another process by now
	}
	r.take(w, s, cpu, timed)
	r.memory(w)
	return true
}

// memory takes in the resident pages. Since Linux 6.2 those in stat are a sum that lags by up to a few hundred kB on
// each core; the ones in statm are exact (1.0 µs).
func (r *procfs) memory(w *watched) {
	if w.statm.fd < 0 && w.statm.open(r.budget, r.path(w.PID)+"/statm") != nil {
		return
	}
	n, err := pread(w.statm.fd, r.line[:], 0)
	w.statm.release()
	if err != nil {
		return
	}
	if pages, ok := parseStatm(r.line[:n]); ok {
		w.RSS = pages * r.page
	}
}

// take copies what stat said into the sample.
func (r *procfs) take(w *watched, s *stat, cpu time.Duration, timed bool) {
	if s.state == 'x' {
		s.state = 'X'
	}
	ended := s.state == 'Z' || s.state == 'X'
	if ended && w.State != s.state {
		r.orphans = true
	}
	renamed := w.Name != string(s.comm)
	if renamed {
		w.Name = string(s.comm)
	}
	fresh := w.Start == 0
	if fresh {
		w.Start = s.start
		w.Started = r.boot.Add(time.Duration(s.start) * tickNanoseconds)
		w.Wait = -1
	}
	if fresh || (!ended && (renamed || s.stack != w.stack)) {
		w.Label = r.label(w.PID, s)
	}
	if s.stack != 0 {
		w.stack = s.stack
	}
	w.State, w.PPID, w.Threads, w.Core = s.state, s.ppid, s.threads, s.core
	w.RSS = s.rss * r.page
	if timed {
		w.clock, w.CPU = cpu, cpu
	} else if t := time.Duration(s.utime+s.stime) * tickNanoseconds; t > w.CPU {
		w.CPU = t // ticks are coarser than a clock that was read before
	}
}

// label reads the command line, which costs more than a tick may: only when first seen and after an exec.
func (r *procfs) label(pid int, s *stat) string {
	if s.state == 'Z' || s.state == 'X' {
		return Label(string(s.comm), nil)
	}
	fd, err := openRead(r.path(pid) + "/cmdline")
	if err != nil {
		return Label(string(s.comm), nil)
	}
	defer unix.Close(fd)
	n, err := pread(fd, r.command[:], 0)
	if err != nil {
		n = 0
	}
	return Label(string(s.comm), r.command[:n])
}

// wait takes in how long the main thread was ready but had no core.
func (r *procfs) wait(w *watched) {
	if w.sched.fd < 0 && w.sched.open(r.budget, r.path(w.PID)+"/schedstat") != nil {
		return
	}
	n, err := pread(w.sched.fd, r.line[:], 0)
	w.sched.release()
	if err != nil {
		return
	}
	if _, waited, ok := parseSchedstat(r.line[:n]); ok {
		w.Wait = time.Duration(waited)
	}
}

// children watches every child that w's threads list and that is not watched yet.
func (r *procfs) children(w *watched, list bool) {
	if w.known == 0 || w.known != w.Threads || (list && w.Threads > 1) {
		r.list(w)
	}
	for i := range w.tasks {
		r.childrenOf(w, &w.tasks[i])
	}
}

func (r *procfs) childrenOf(w *watched, t *task) {
	f := &t.children
	if f.fd < 0 {
		if err := f.open(r.budget, r.path(w.PID)+"/task/"+strconv.Itoa(t.tid)+"/children"); err != nil {
			r.fault(err)
			return
		}
	}
	defer f.release()
	// The kernel fills a page at most in one read. One that stopped well short of the smallest page was not cut.
	const surelyWhole = 4000
	size := 0
	for {
		if len(r.text)-size < 4096 {
			r.text = append(r.text, make([]byte, max(4096, len(r.text)))...)
		}
		n, err := pread(f.fd, r.text[size:], int64(size))
		if err != nil {
			return // gone, or going: a missing child is no exit anyway
		}
		size += n
		if n < surelyWhole {
			break
		}
	}
	for b := r.text[:size]; ; {
		pid, rest, ok := nextPID(b)
		if !ok {
			return
		}
		b = rest
		if r.byPID[pid] == nil {
			r.watch(pid)
		}
	}
}

// list finds the threads of w again.
func (r *procfs) list(w *watched) {
	w.known = w.Threads
	r.tids = r.tids[:0]
	if w.Threads > 1 {
		if w.dir.fd < 0 && w.dir.open(r.budget, r.path(w.PID)+"/task") != nil {
			return
		}
		r.tids = listNumbers(w.dir.fd, r.line[:], r.tids, 1, threadMost)
		w.dir.release()
	} else {
		w.dir.close(r.budget)
		r.tids = append(r.tids, w.PID)
	}
	same := len(r.tids) == len(w.tasks)
	for i := 0; same && i < len(w.tasks); i++ {
		same = w.tasks[i].tid == r.tids[i]
	}
	if same {
		return
	}
	old := make(map[int]held, len(w.tasks))
	for _, t := range w.tasks {
		old[t.tid] = t.children
	}
	w.tasks = w.tasks[:0]
	for _, tid := range r.tids {
		h, ok := old[tid]
		if !ok {
			h.fd = -1
		}
		delete(old, tid)
		w.tasks = append(w.tasks, task{tid, h})
	}
	for _, h := range old {
		h.close(r.budget)
	}
}

// threadMost is far above what the kernel allows in one process by default.
const threadMost = 1 << 20

// listNumbers appends the names in an open folder that are numbers from least on, some most of them. os.ReadDir would
// allocate each name.
func listNumbers(fd int, b []byte, to []int, least int64, most int) []int {
	if _, err := unix.Seek(fd, 0, 0); err != nil {
		return to
	}
	for {
		n, err := unix.Getdents(fd, b)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n <= 0 || len(to) >= most {
			return to
		}
		// struct linux_dirent64: inode 8, offset 8, length of the record 2, type 1, name.
		for d := b[:n]; len(d) > 19; {
			size := int(d[16]) | int(d[17])<<8
			if hostBigEndian {
				size = int(d[17]) | int(d[16])<<8
			}
			if size < 20 || size > len(d) {
				return to
			}
			if v, _, ok := number(d[19:size]); ok && v >= least {
				to = append(to, int(v))
			}
			d = d[size:]
		}
	}
}

func (r *procfs) drop(w *watched) {
	w.dead = true
	w.stat.close(r.budget)
	w.statm.close(r.budget)
	w.sched.close(r.budget)
	w.dir.close(r.budget)
	for i := range w.tasks {
		w.tasks[i].children.close(r.budget)
	}
	w.tasks = nil
	if r.byPID[w.PID] == w {
		delete(r.byPID, w.PID)
	}
	r.orphans, r.buried = true, true
}

// fault remembers the first error that is about us and not about a process: no descriptors left.
func (r *procfs) fault(err error) {
	if r.err == nil && (err == unix.EMFILE || err == unix.ENFILE) {
		r.err = os.NewSyscallError("open", err)
	}
}
