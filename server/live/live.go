// Package live is the loop that joins the flow.
//
//	tick       Reader, Traffic and Machine read the kernel and the flight recorders -> tree -> stream.Hub
//	at once    spawn's callbacks, the kernel's events -> tree; what happened is pushed after 5 ms
//	on demand  the API (api.Backend) asks, starts, signals, holds
//
// One goroutine owns the tree, the readers and all that Live counts. Run starts it, Stop ends and joins it.
// Everybody else reaches it through its inbox: post (do this soon) or call (do this and wait); nobody closes the inbox,
// done frees those who wait at it. Timers (later) only post. The kernel's events come by the channel of EventSource, its own.
//
// Absent on purpose: the loop waits for no process and no socket, and for no lock that is held longer than some system
// calls take; it starts nothing and reads nothing of the kernel's by itself; a signal goes out through spawn alone.
package live

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"vivero/server/observe"
	"vivero/server/proc"
	"vivero/server/spawn"
	"vivero/server/stream"
	"vivero/server/tree"
	"vivero/sim/flight"
)

const (
	// gather is how long an event waits for others before it is pushed.
	gather = 5 * time.Millisecond
	// inbox is how many posts may wait; a spawner that posts faster than the loop works waits for it.
	inbox = 4096
)

// errStopped is what call gives once the loop has ended.
var errStopped = errors.New("the server is stopping")

// Options say what the loop joins, and its limits.
type Options struct {
	Reader  observe.Reader
	Machine *observe.Machine
	Hub     *stream.Hub
	Spawn   spawn.Options // callbacks are set by New
	Root    proc.Sample   // the serving process
	Host    proc.Host
	// FlightDir is the folder for the processes' flight recorders, ours alone; "": they keep none.
	FlightDir string
	Python    string // the folder of python.Install, "": Python programs are not probed
	Rate      int    // ticks a second
	Cap       int    // live processes at most
	Run       bool
	Secrets   []string // never shown, wherever a process may have them
	Log       *slog.Logger
}

// Live is the loop and what it joins.
type Live struct {
	o       Options
	spawner *spawn.Spawner
	tree    *tree.Tree
	events  *observe.EventSource // nil: the kernel does not tell
	inbox   chan func()
	done    chan struct{}
	loop    sync.WaitGroup
	epoch   time.Time // of the monotonic clock's zero

	traffic *observe.Traffic
	gates   gates
	asked   atomic.Pointer[flight.Asked] // of processes that start now; nil: nothing
	control tree.Control
	places  places
	command command           // the program of `vivero run`
	dying   map[int]int       // pids that have ended but were still there, and how often they were looked at
	forks   uint64            // of the whole machine, when we began to count
	known   int               // ids given until then
	failing map[string]string // by what failed: the last complaint, so that it is logged once
}

// New makes the loop and its spawner. Run it before anything is started.
func New(o Options) (*Live, error) {
	l := &Live{o: o, inbox: make(chan func(), inbox), done: make(chan struct{}), dying: map[int]int{}, failing: map[string]string{},
		tree: tree.New(o.Root, o.Host, o.Reader.Name()), places: places{cap: o.Cap}}
	l.epoch = time.Now().Add(-observe.Monotonic())
	s := o.Spawn
	s.Admit = l.admit
	s.OnStarted = l.started
	s.OnReaped = func(pid int, status proc.Status) { l.post(func() { l.reaped(pid, status) }) }
	s.OnProgress = func(pid int, share float64) { l.post(func() { l.tree.Progress(pid, share) }) }
	s.OnOutput = func(pid int, name string, text []byte, skipped int) {
		l.post(func() { l.tree.Output(pid, name, string(text), skipped, wall()) })
	}
	l.channels(&s)
	var err error
	l.spawner, err = spawn.New(s)
	if err != nil {
		l.traffic.Close()
	}
	return l, err
}

// Run starts the loop. Watch the kernel's events if it offers them.
func (l *Live) Run() {
	events, err := observe.Events(l.o.Root.PID, l.spawner.Probe)
	if err != nil {
		l.o.Log.Warn("short-lived processes may be missed", "why", err)
		l.polling()
	}
	l.events = events
	l.unseen()
	l.loop.Add(1)
	go l.run()
}

// Stop ends the loop, and then every process. It returns when all have ended.
func (l *Live) Stop() {
	close(l.done)
	l.loop.Wait()
	if l.events != nil {
		l.events.Close()
	}
	l.spawner.Close()
	l.traffic.Close()
	l.o.Reader.Close()
	l.o.Machine.Close()
}

// Wake makes the loop look soon whether a viewer waits for a snapshot. It never blocks: a full inbox is looked at anyway.
func (l *Live) Wake() {
	select {
	case l.inbox <- func() {}:
	default:
	}
}

func (l *Live) run() {
	defer l.loop.Done()
	defer func() {
		if r := recover(); r != nil {
			// The state can no longer be trusted: say so and end, which ends every process too.
			l.o.Log.Error("the live loop failed", "panic", r, "stack", string(debug.Stack()))
			panic(r)
		}
	}()
	// A thread of its own, ahead of what it watches: 200 busy processes must not keep it from its core. Nobody forks on
	// it, so no process inherits that. A refusal is no harm: our own workers are at the far end of the scale.
	runtime.LockOSThread()
	observe.Hasten()
	tick := time.NewTicker(time.Second / time.Duration(l.o.Rate))
	defer tick.Stop()
	push := time.NewTimer(time.Hour)
	defer push.Stop()
	again := time.NewTimer(time.Hour)
	defer again.Stop()
	var kernel <-chan proc.Event
	if l.events != nil {
		kernel = l.events.C()
	}
	waiting, looking := false, false
	for {
		select {
		case <-l.done:
			return
		case <-tick.C:
			l.observe()
			l.publish()
			waiting = false
		case e, more := <-kernel:
			if !more { // a fault of ours ended it: from here on we poll
				l.o.Log.Error("the kernel's events ended: short-lived processes may be missed from now on", "why", l.events.Err())
				l.events.Close()
				kernel, l.events = nil, nil
				l.polling()
				continue
			}
			l.happened(e)
		case f := <-l.inbox:
			f()
			l.takePosts()
		case <-push.C:
			l.publish()
			waiting = false
		case <-again.C:
			l.lookAgain()
			looking = false
		}
		if !waiting && (l.tree.Pending() || l.o.Hub.Waiting()) {
			waiting = true
			push.Reset(gather)
		}
		if !looking && len(l.dying) > 0 {
			looking = true
			again.Reset(2 * time.Millisecond)
		}
	}
}

// takePosts does what else is waiting, so that on a busy machine, where each tick is late, posts do not pile up.
func (l *Live) takePosts() {
	for range inbox {
		select {
		case f := <-l.inbox:
			f()
		default:
			return
		}
	}
}

// observe is one tick.
func (l *Live) observe() {
	o, err := l.o.Reader.Observe()
	l.complain("some of the tree could not be read", err)
	l.tree.Observe(o, wall())
	l.tree.Traffic(l.traffic.Observe(o), float64(l.epoch.UnixNano())/1e6)
	m, err := l.o.Machine.Read()
	if err == nil {
		l.tree.Machine(m)
	}
	l.complain("cores and memory could not be read", err)
	l.unseen()
}

// complain logs what failed in a tick, not again while it is the same in each.
func (l *Live) complain(what string, err error) {
	if err != nil && l.failing[what] != err.Error() {
		l.failing[what] = err.Error()
		l.o.Log.Error(what, "err", err)
	}
}

// publish sends what changed since the last time.
func (l *Live) publish() {
	now := wall()
	l.o.Hub.Publish(l.tree.Take(now), func() tree.Snapshot { return l.tree.Snapshot(now) })
}

// happened takes in an event of the kernel's.
func (l *Live) happened(e proc.Event) {
	l.tree.Happened(e, l.wallAt(e.At))
	if e.Kind == proc.Forked {
		l.o.Reader.Expect(e.PID)
	}
	l.traffic.Happened(e)
	if e.Kind == proc.Exited && l.tree.ID(e.PID) != 0 {
		l.look(e.PID)
	}
}

// look reads one process now, and remembers to look again at one that is ending.
func (l *Live) look(pid int) {
	s, ok := l.o.Reader.Look(pid)
	if !ok {
		l.tree.Gone(pid, wall())
		delete(l.dying, pid)
		return
	}
	l.tree.Look(s, observe.Monotonic(), wall())
	l.traffic.Look(s)
	// A zombie that its parent does not collect within some ten looks is left to the ticks.
	if l.dying[pid]++; l.dying[pid] > 10 {
		delete(l.dying, pid)
	}
}

func (l *Live) lookAgain() {
	for pid := range l.dying {
		l.look(pid)
	}
}

// polling begins to count the forks of the machine: those that we do not see may be ours.
func (l *Live) polling() {
	l.forks, _ = observe.Forks()
	l.known = l.tree.Known()
}

// unseen tells the tree how many processes may have been too short-lived to be seen: without the kernel's events,
// every fork of the machine's that we cannot account for.
func (l *Live) unseen() {
	l.o.Reader.Told(l.events != nil && l.events.Lost() == 0)
	if l.events != nil {
		if l.events.Lost() > 0 { // the kernel dropped some: nobody knows how many processes that were
			l.tree.Missed(nil, true)
			return
		}
		none := 0
		l.tree.Missed(&none, true)
		return
	}
	forks, err := observe.Forks()
	if err != nil {
		l.tree.Missed(nil, false)
		return
	}
	missed := max(0, int(forks-l.forks)-(l.tree.Known()-l.known))
	l.tree.Missed(&missed, false)
}

// post does f soon, in the loop. After Stop it does nothing.
func (l *Live) post(f func()) {
	select {
	case l.inbox <- f:
	case <-l.done:
	}
}

// call does f in the loop and returns when it is done.
func (l *Live) call(ctx context.Context, f func()) error {
	finished := make(chan struct{})
	l.post(func() { f(); close(finished) })
	select {
	case <-finished:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-l.done:
		return errStopped
	}
}

// later does f in the loop after d. No goroutine waits for it.
func (l *Live) later(d time.Duration, f func()) { time.AfterFunc(d, func() { l.post(f) }) }

func wall() int64 { return time.Now().UnixMilli() }

// wallAt is the wall clock, in ms, at a moment of the monotonic clock.
func (l *Live) wallAt(at time.Duration) int64 {
	if at == 0 {
		return wall()
	}
	return l.epoch.Add(at).UnixMilli()
}
