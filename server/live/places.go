package live

import (
	"context"
	"time"

	"vivero/server/observe"
	"vivero/server/proc"
	"vivero/server/refusal"
	"vivero/server/spawn"
)

const (
	// rateSpan and rateLimit bound how fast processes are started: 1,000 in any ten seconds pass.
	rateSpan  = 10 * time.Second
	rateLimit = 1000
)

// places counts who may start: live processes against the cap, starts against the rate. Owned by the loop.
type places struct {
	cap     int
	pending int // admitted, not yet in the tree
	starts  []batch
}

// batch is how many started at one moment.
type batch struct {
	at time.Time
	n  int
}

// take admits n processes beside live ones, or refuses them all.
func (p *places) take(n, live int, now time.Time) error {
	recent, old := 0, 0
	for _, b := range p.starts {
		if now.Sub(b.at) >= rateSpan {
			old++
		} else {
			recent += b.n
		}
	}
	p.starts = p.starts[old:]
	if err := p.room(n, live); err != nil {
		return err
	}
	if recent+n > rateLimit {
		return refusal.TooMany("too many starts (%d in the last %d s, %d asked for, limit %d): wait a moment", recent, rateSpan/time.Second, n, rateLimit)
	}
	p.pending += n
	p.starts = append(p.starts, batch{now, n})
	return nil
}

// room refuses n more processes beside live ones if the cap leaves fewer.
func (p *places) room(n, live int) error {
	if live+p.pending+n > p.cap {
		return refusal.TooMany("too many processes (%d live, %d asked for, cap %d): end some first, or start Vivero with a higher --max-processes",
			live+p.pending, n, p.cap)
	}
	return nil
}

// arrived tells that one of those admitted is in the tree now. Each is told by itself, at once: until then it may be counted
// twice, and somebody be refused a place that is free.
func (p *places) arrived() { p.pending = max(0, p.pending-1) }

// release takes back the places and the starts of those that were admitted and failed.
func (p *places) release(failed int) {
	p.pending = max(0, p.pending-failed)
	for i := len(p.starts) - 1; i >= 0 && failed > 0; i-- {
		back := min(failed, p.starts[i].n)
		p.starts[i].n -= back
		failed -= back
	}
}

// admit is asked by the spawner before anything starts; release tells how many of the n admitted did start.
func (l *Live) admit(n int) (release func(started int), err error) {
	if e := l.call(context.Background(), func() { err = l.places.take(n, l.living(), time.Now()) }); e != nil {
		return nil, e
	}
	if err != nil {
		return nil, err
	}
	return func(started int) { l.post(func() { l.places.release(n - started) }) }, nil
}

// living is how many live and have no place pending: the kernel may tell of a fork before the spawner does.
func (l *Live) living() int {
	n := l.tree.Len()
	if l.places.pending > 0 {
		n -= min(l.places.pending, l.tree.Unclaimed())
	}
	return n
}

// started puts a new process into the tree.
func (l *Live) started(p spawn.Process) {
	l.post(func() {
		if p.Workload == "" {
			l.command = command{p.Key.PID, make(chan proc.Status, 1)}
		}
		l.id(p)
		if p.PPID != l.o.Root.PID {
			// Its parent told of it, and may never tell of its end: a process that is not there must not stay in the tree.
			if _, there := l.o.Reader.Look(p.Key.PID); !there {
				l.tree.Gone(p.Key.PID, wall())
			}
		}
		l.places.arrived()
	})
}

// reaped takes a process that we have collected out of the tree.
func (l *Live) reaped(pid int, status proc.Status) {
	l.tree.Reaped(pid, status, wall())
	if pid == l.command.pid {
		l.command.ended <- status // there is room: it ends once
		l.command.pid = 0
	}
}

// id of a process that was started; the loop calls it.
func (l *Live) id(p spawn.Process) int {
	return l.tree.Started(p.Key, p.PPID, p.Workload, p.Role, observe.Monotonic(), wall())
}
