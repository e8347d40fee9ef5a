package observe

import (
	"encoding/binary"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
)

var hostBigEndian = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

// procfs is the fast reader. A tick asks each process's CPU clock (0.36 µs) and reads only those whose clock moved: a
// process that has not run cannot have changed its state. What moves no clock (a new parent, 'runnable but not yet
// run', the freezer) is caught by reading a tenth of all in each tick, so within ten ticks, and a new parent at once.
type procfs struct {
	root   string
	pid    int
	timed  bool // CPU clocks belong to the processes under root
	boot   time.Time
	page   uint64
	budget *budget

	told     bool  // the kernel tells each fork: children are looked for only now and then
	expected []int // pids that were forked and not watched yet

	tick    uint
	turns   uint
	byPID   map[int]*watched
	order   []*watched // parents before the children they were found by
	orphans bool       // somebody ended: its children have another parent now
	buried  bool       // order holds dead ones
	err     error

	samples []proc.Sample
	gone    []proc.Key
	late    []proc.Key // gone by a Look, to be told by the next Observe

	line    [4096]byte // a stat, a schedstat, a run of directory entries
	command [4096]byte
	text    []byte // a list of children
	tids    []int
	parsed  stat
}

// Procfs opens the fast reader of Linux on the process pid and its descendants. root is "/proc", or a captured tree
// in tests.
func Procfs(root string, pid int) (Reader, error) {
	r := &procfs{
		root: root, pid: pid, timed: root == "/proc", boot: bootTime(), page: uint64(os.Getpagesize()),
		budget: newBudget(), byPID: map[int]*watched{}, text: make([]byte, 1<<14),
	}
	if _, err := os.Stat(fmt.Sprintf("%s/task/%d/children", r.path(pid), pid)); err != nil {
		if _, e := os.Stat(r.path(pid) + "/stat"); e != nil {
			return nil, fmt.Errorf("watch process %d: %w", pid, e)
		}
		return nil, fmt.Errorf("watch process %d: this kernel does not list children (CONFIG_PROC_CHILDREN); use --reader gopsutil: %w", pid, err)
	}
	if r.watch(pid) == nil {
		return nil, fmt.Errorf("watch process %d: its stat file could not be read", pid)
	}
	return r, nil
}

// bootTime is when clock ticks count from. btime in /proc/stat is whole seconds only.
func bootTime() time.Time {
	up, _ := clock(unix.CLOCK_BOOTTIME)
	return time.Now().Add(-up).Round(0)
}

func (r *procfs) Name() string { return "procfs" }

func (r *procfs) Observe() (proc.Observation, error) {
	at := Monotonic()
	r.tick++
	r.err = nil
	r.samples = r.samples[:0]
	r.gone = append(r.gone[:0], r.late...)
	r.late = r.late[:0]
	for _, pid := range r.expected {
		if r.byPID[pid] == nil {
			r.watch(pid)
		}
	}
	r.expected = r.expected[:0]
	// watch appends to order: new processes are visited in the same round.
	for i := 0; i < len(r.order); i++ {
		r.visit(r.order[i])
	}
	if r.orphans {
		r.orphans = false
		for _, w := range r.order {
			if !w.dead && w.tick != r.tick && w.PID != r.pid && r.lostParent(w) {
				r.visitFully(w)
			}
		}
	}
	if r.buried {
		r.buried = false
		alive := r.order[:0]
		for _, w := range r.order {
			if !w.dead {
				alive = append(alive, w)
			}
		}
		clear(r.order[len(alive):])
		r.order = alive
	}
	return proc.Observation{At: at, Samples: r.samples, Gone: r.gone}, r.err
}

// visit reads w if it ran or if it is its turn.
func (r *procfs) visit(w *watched) {
	if w.dead {
		return
	}
	if r.timed && w.known != 0 && !w.due && w.turn != r.tick%10 {
		if cpu, ok := cpuClock(w.PID); ok && cpu == w.clock {
			if w.State == 'R' { // waits for a core: that number may move when it is handed to another one
				before := w.Wait
				if r.wait(w); w.Wait != before {
					r.samples = append(r.samples, w.Sample)
				}
			}
			return
		}
	}
	r.visitFully(w)
}

func (r *procfs) visitFully(w *watched) {
	cpu, timed := time.Duration(0), false
	if r.timed {
		cpu, timed = cpuClock(w.PID)
	}
	ran := !timed || cpu != w.clock || w.known == 0 || w.due
	w.due = false
	if !r.read(w, cpu, timed) {
		r.gone = append(r.gone, w.Key)
		r.drop(w)
		return
	}
	if ran || w.State == 'R' {
		r.wait(w)
	}
	r.samples = append(r.samples, w.Sample)
	if turn := w.turn == r.tick%10; !r.told || turn && r.tick/10%10 == w.turn {
		r.children(w, turn)
	}
}

// Told says whether the kernel tells each fork (EventSource), and Expect is called for each. Looking for children in the
// files of all threads is then left to every hundredth tick: it was half of the cost of a thousand idle processes.
func (r *procfs) Told(told bool) { r.told = told }

// Expect names a process that was forked: the next Observe watches it, if it still lives.
func (r *procfs) Expect(pid int) { r.expected = append(r.expected, pid) }

// lostParent is true if w's parent is gone or a zombie: the kernel gave w another one.
func (r *procfs) lostParent(w *watched) bool {
	p := r.byPID[w.PPID]
	return p == nil || p.State == 'Z' || p.State == 'X'
}

func (r *procfs) Look(pid int) (proc.Sample, bool) {
	if w := r.byPID[pid]; w != nil {
		cpu, timed := time.Duration(0), false
		if r.timed {
			cpu, timed = cpuClock(pid)
		}
		if r.read(w, cpu, timed) {
			r.wait(w)
			w.due = true
			return w.Sample, true
		}
		old := w.Key
		r.drop(w)
		r.late = append(r.late, old) // whoever follows by observations alone has to hear of it too
		n := r.watch(pid)
		if n == nil {
			return proc.Sample{}, false
		}
		return n.Sample, true
	}
	if w := r.watch(pid); w != nil {
		return w.Sample, true
	}
	return proc.Sample{}, false
}

// watch reads pid and follows it from now on, if it is the root or descends from somebody who is watched.
func (r *procfs) watch(pid int) *watched {
	w := &watched{Sample: proc.Sample{Key: proc.Key{PID: pid}, Core: -1, Wait: -1}, turn: r.turns % 10}
	w.stat.fd, w.statm.fd, w.sched.fd, w.dir.fd = -1, -1, -1, -1
	cpu, timed := time.Duration(0), false
	if r.timed {
		cpu, timed = cpuClock(pid)
	}
	if !r.read(w, cpu, timed) || w.Start == 0 || (pid != r.pid && !r.descends(w.PPID)) {
		w.stat.close(r.budget)
		w.statm.close(r.budget)
		return nil
	}
	r.wait(w)
	w.tick = r.tick - 1 // the next round, or the rest of this one, reports it and lists its children
	r.turns++
	r.byPID[pid] = w
	r.order = append(r.order, w)
	return w
}

// descends climbs from pid to somebody who is watched; a few steps where a fork was told before its parent was read.
func (r *procfs) descends(pid int) bool {
	for range 64 {
		if r.byPID[pid] != nil {
			return true
		}
		if pid <= 1 {
			return false
		}
		s, ok := r.once(pid)
		if !ok {
			return false
		}
		pid = s.ppid
	}
	return false
}

// once reads the stat of a process that is not watched.
func (r *procfs) once(pid int) (*stat, bool) {
	fd, err := openRead(r.path(pid) + "/stat")
	if err != nil {
		return nil, false
	}
	defer unix.Close(fd)
	n, err := pread(fd, r.line[:], 0)
	return &r.parsed, err == nil && parseStat(r.line[:n], &r.parsed)
}

func (r *procfs) Close() error {
	for _, w := range r.order {
		if !w.dead {
			r.drop(w)
		}
	}
	r.order = nil
	return nil
}
