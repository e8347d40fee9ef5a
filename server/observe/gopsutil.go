package observe

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/shirou/gopsutil/v3/process"

	"vivero/server/proc"
	"vivero/sim/control"
)

// gopsutilBudget bounds one tick: a process costs 0.17 ms on Linux, and where gopsutil calls ps(1) several ms. Those
// that are left come first in the next tick.
const gopsutilBudget = 60 * time.Millisecond

// portable reads through gopsutil only, on any system that it knows. It has no events of its own, does not know the
// core a process ran on nor how long it waited for one, and lists all processes of the machine in each tick, for that
// is the only portable way to find children that starts no program.
type portable struct {
	pid     int
	byPID   map[int]*followed
	order   []*followed
	next    int          // where the next tick goes on
	foreign map[int]bool // known to be outside the tree, forgotten now and then
	ticks   int
	parents map[int]int  // of those that this tick found, by pid
	alive   map[int]bool // all pids that this tick found
	samples []proc.Sample
	gone    []proc.Key
	late    []proc.Key // replaced in a Look, to be told by the next Observe
}

// followed is one process of the tree.
type followed struct {
	proc.Sample
	fresh bool // found by this tick, and read in finding it
	dead  bool
}

var bootTimeOnce sync.Once

// cacheBootTime keeps gopsutil from reading the boot time again for each process.
func cacheBootTime() { bootTimeOnce.Do(func() { process.EnableBootTimeCache(true) }) }

// Gopsutil opens the portable reader on the process pid and its descendants.
func Gopsutil(pid int) (Reader, error) {
	cacheBootTime()
	r := &portable{
		pid: pid, byPID: map[int]*followed{}, foreign: map[int]bool{}, parents: map[int]int{}, alive: map[int]bool{},
	}
	if r.follow(pid) == nil {
		return nil, fmt.Errorf("watch process %d: %w", pid, os.ErrNotExist)
	}
	return r, nil
}

func (r *portable) Name() string { return "gopsutil" }

func (r *portable) Observe() (proc.Observation, error) {
	began := time.Now()
	at := Monotonic()
	r.samples = r.samples[:0]
	r.gone = append(r.gone[:0], r.late...)
	r.late = r.late[:0]
	pids, err := process.Pids()
	if err != nil {
		return proc.Observation{At: at}, fmt.Errorf("list processes: %w", err)
	}
	r.discover(pids)
	r.bury(func(f *followed) bool { return r.alive[f.PID] })
	n := len(r.order)
	next, late := 0, false
	for i := range n {
		at := (r.next + i) % n
		f := r.order[at]
		switch {
		case f.fresh:
			f.fresh = false
			r.samples = append(r.samples, f.Sample)
		case late:
		case i > 0 && time.Since(began) > gopsutilBudget:
			next, late = at, true
		case r.read(f):
			r.samples = append(r.samples, f.Sample)
		default:
			f.dead = true
		}
	}
	r.next = next
	r.bury(func(f *followed) bool { return !f.dead })
	return proc.Observation{At: at, Samples: r.samples, Gone: r.gone}, nil
}

// discover follows every process that descends from somebody who is followed.
func (r *portable) discover(pids []int32) {
	clear(r.alive)
	clear(r.parents)
	if r.ticks++; r.ticks%100 == 0 {
		clear(r.foreign) // a pid may have been reused since
	}
	for _, p := range pids {
		pid := int(p)
		r.alive[pid] = true
		if r.byPID[pid] != nil || r.foreign[pid] {
			continue
		}
		if parent, err := (&process.Process{Pid: p}).Ppid(); err == nil {
			r.parents[pid] = int(parent)
		}
	}
	for pid := range r.foreign {
		if !r.alive[pid] {
			delete(r.foreign, pid)
		}
	}
	for pid := range r.parents {
		r.adopt(pid, 0)
	}
}

// adopt follows pid, and its parents first, if they lead to the tree.
func (r *portable) adopt(pid, depth int) bool {
	if r.byPID[pid] != nil {
		return true
	}
	parent, ok := r.parents[pid]
	if !ok || depth > 1000 || r.foreign[pid] {
		return false
	}
	if !r.adopt(parent, depth+1) {
		r.foreign[pid] = true
		return false
	}
	return r.follow(pid) != nil
}

func (r *portable) follow(pid int) *followed {
	start, err := startOf(pid)
	if err != nil {
		return nil
	}
	f := &followed{Sample: proc.Sample{Key: proc.Key{PID: pid, Start: start}, Core: -1, Wait: -1, Started: startedAt(start)}, fresh: true}
	if !r.read(f) {
		return nil
	}
	r.byPID[pid] = f
	r.order = append(r.order, f)
	return f
}

// startOf is when pid started, as spawn reads it too, which checks signals against it. gopsutil rounds it to seconds.
func startOf(pid int) (uint64, error) {
	_, start, err := control.Identity(pid)
	return start, err
}

// read takes in what gopsutil says; false: the process is gone.
func (r *portable) read(f *followed) bool {
	start, err := startOf(f.PID)
	if err != nil || start != f.Start {
		return false
	}
	// A fresh one each time, for gopsutil keeps what it read of name and status in it; and not by NewProcess, which
	// sends signal 0 to see whether the process exists.
	p := &process.Process{Pid: int32(f.PID)}
	status, err := p.Status()
	if err != nil || len(status) == 0 {
		return false
	}
	f.State = letter(status[0])
	if ppid, err := p.Ppid(); err == nil {
		f.PPID = int(ppid)
	}
	if n, err := p.NumThreads(); err == nil {
		f.Threads = int(n)
	}
	if t, err := p.Times(); err == nil {
		f.CPU = time.Duration((t.User + t.System) * float64(time.Second)).Round(time.Millisecond)
	}
	if m, err := p.MemoryInfo(); err == nil && m != nil {
		f.RSS = m.RSS
	}
	if f.State == 'Z' {
		f.RSS = 0
	}
	name, err := p.Name()
	if err != nil {
		return f.Name != ""
	}
	// Name is cut at 15 bytes by Linux; gopsutil lengthens it from the command line, which is the label's business.
	if len(name) > 15 {
		name = name[:15]
	}
	if name != f.Name {
		f.Name = name
		f.Label = Label(name, nil)
		if args, err := p.CmdlineSlice(); err == nil && len(args) > 0 {
			f.Label = Label(name, join(args))
		}
	}
	return true
}

// join makes the text of a /proc cmdline file of arguments.
func join(args []string) []byte {
	var b []byte
	for _, a := range args {
		b = append(append(b, a...), 0)
	}
	return b
}

// bury lets go of those that keep says no of.
func (r *portable) bury(keep func(*followed) bool) {
	kept := r.order[:0]
	for _, f := range r.order {
		if keep(f) {
			kept = append(kept, f)
			continue
		}
		r.gone = append(r.gone, f.Key)
		delete(r.byPID, f.PID)
	}
	clear(r.order[len(kept):])
	r.order = kept
}

func (r *portable) Look(pid int) (proc.Sample, bool) {
	if f := r.byPID[pid]; f != nil {
		if r.read(f) {
			return f.Sample, true
		}
		old := f.Key
		gone := r.gone
		r.bury(func(g *followed) bool { return g != f })
		r.gone = gone
		r.late = append(r.late, old) // whoever follows by observations alone has to hear of it too
		return r.Look(pid)
	}
	for at, steps := pid, 0; r.byPID[at] == nil; steps++ {
		p := process.Process{Pid: int32(at)}
		parent, err := p.Ppid()
		if err != nil || parent <= 1 || steps > 64 {
			return proc.Sample{}, false
		}
		at = int(parent)
	}
	delete(r.foreign, pid)
	if f := r.follow(pid); f != nil {
		return f.Sample, true
	}
	return proc.Sample{}, false
}

// Told and Expect change nothing: the portable reader looks at all processes of the machine anyway.
func (r *portable) Told(bool)  {}
func (r *portable) Expect(int) {}

func (r *portable) Close() error { return nil }

// letter turns gopsutil's word for a state back into the letter that ps shows.
func letter(word string) byte {
	switch word {
	case process.Running:
		return 'R'
	case process.Blocked:
		return 'D'
	case process.Idle:
		return 'I'
	case process.Stop:
		return 'T'
	case process.Zombie:
		return 'Z'
	case process.Sleep, process.Wait, process.Lock, process.Daemon, process.Detached, process.Orphan, process.System:
		return 'S'
	}
	if len(word) == 1 {
		return word[0]
	}
	return '?'
}
