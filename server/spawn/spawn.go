//go:build unix

// Package spawn starts, signals and reaps real processes. It is the only package that signals.
//
// One goroutine, locked to its thread for good, forks everything and reaps everything (fork.go): direct workers die with
// that thread (Pdeathsig), and a process is always told as started before it is told as reaped. A child of a worker is
// forked by that worker, on an order over its control socket (order.go). For each worker one goroutine reads its control
// socket (wire.go) and two read its output (output.go); they wait in Go's poller, not in threads, and end when the other
// side does. Close ends every process and returns when every goroutine has ended.
//
// A workload of several processes gets its channels from here (group.go, channels.go): made before the first fork, handed
// on, and closed here, so that a pipe ends when the processes' own ends have. Of a queue one descriptor stays, that can
// only read, to see its depth by. The teacher's message goes in by a descriptor borrowed for that moment (inject_linux.go).
//
// The callbacks of Options are called from those goroutines, one at a time for each process, and must return soon. None
// is called with a lock held that a method of Spawner takes, except that OnOutput delays Output.
//
// Absent on purpose: no state of the tree, no retry, no grace time, no search in PATH; os/exec, which would reap beside us.
package spawn

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"vivero/server/proc"
	"vivero/sim"
	"vivero/sim/control"
	"vivero/sim/flight"
	"vivero/sim/ipc"
)

// Options are what a Spawner needs of its surroundings. Exe and Env have defaults; any function may be nil.
type Options struct {
	// Exe is the program that workers are: this one.
	Exe string
	// Env is what processes get; nil: what this process has. Variables of ours (VIVERO_…) are taken out: some are secret.
	Env []string
	// Admit is asked before n processes start, also when a worker asks. If it says yes, release is called exactly once,
	// after those that started were told to OnStarted, with their number. An error refuses all.
	Admit func(n int) (release func(started int), err error)
	// OnStarted tells of each new process, before anything else is told of it.
	OnStarted func(Process)
	// OnReaped tells how a process ended: every child of ours, adopted orphans too, and those that a worker reports.
	OnReaped func(pid int, status proc.Status)
	// OnProgress is what a worker says of itself, 0..1; at most some ten a second for each.
	OnProgress func(pid int, share float64)
	// OnOutput is what a process wrote to its stdout or stderr (the name of the stream): at most ten times a second for
	// each stream, at most 4 kB; skipped bytes before text were left out. text is the callee's. Hostile bytes.
	OnOutput func(pid int, stream string, text []byte, skipped int)

	// FlightDir is the folder where workers keep their flight recorders; "": they keep none.
	FlightDir string
	// Python is the folder of python.Install: Python programs are probed and the workload python finds its scripts; "": not.
	Python string
	// Asked is what the presenter asks of all workers now: one that starts begins with it. nil: nothing.
	Asked func() flight.Asked
	// OnChannel tells of each channel that was made, before the processes that it joins are told to OnStarted.
	OnChannel func(Channel)
	// OnChannelGone tells that the last process has ended that was given an end of it.
	OnChannelGone func(proc.ChannelKey)

	heard func(pid int, kind string) // for tests: every good message of a worker
}

// Process is one that was started.
type Process struct {
	Key      proc.Key
	PPID     int    // who forked it
	Workload string // "" for a program that is not ours
	Role     string // its part in a larger workload, "" if it has none
}

// Spec says what to start.
type Spec struct {
	Workload string
	Params   sim.Params // may be partial
	Role     string
	Parent   int // pid of a worker of ours that is to fork it; 0: this process
}

// errClosed is for whoever comes after Close.
var errClosed = errors.New("the server is ending")

// Spawner starts processes and holds what joins it with those of ours that live.
type Spawner struct {
	o    Options
	env  []string
	null *os.File

	forks chan func()   // to run on the forking thread
	stop  chan struct{} // closed by Close
	ended chan struct{} // the forking goroutine has ended
	wg    sync.WaitGroup
	once  sync.Once

	mu      sync.Mutex
	closed  bool
	workers map[int]*worker // by pid: those that live and can take orders
	direct  map[int]bool    // children that this process forked and has not reaped
	orders  map[uint64]*order
	ordered uint64 // number of the last order
	outputs outputs
	channels
}

// New makes this process a child subreaper, so that orphans come to it, and begins to reap. One Spawner a process.
func New(o Options) (*Spawner, error) {
	if o.Exe == "" {
		var err error
		if o.Exe, err = sim.Executable(); err != nil {
			return nil, fmt.Errorf("find this program's own file: %w", err)
		}
	}
	if o.Env == nil {
		o.Env = os.Environ()
	}
	if err := adoptOrphans(); err != nil {
		return nil, err
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	s := &Spawner{
		o: o, env: public(o.Env), null: null,
		forks: make(chan func()), stop: make(chan struct{}), ended: make(chan struct{}),
		workers: map[int]*worker{}, direct: map[int]bool{}, orders: map[uint64]*order{},
		outputs:  outputs{byKey: map[proc.Key]*output{}, live: map[int]*output{}},
		channels: channels{made: map[proc.ChannelKey]*channel{}},
	}
	go s.fork()
	return s, nil
}

// Close ends every process that was started or adopted, whatever its state, and returns when they are reaped and all of
// the Spawner's goroutines have ended. The ends are not told to OnReaped.
func (s *Spawner) Close() {
	s.once.Do(func() {
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
		close(s.stop)
		<-s.ended
		s.mu.Lock()
		for _, w := range s.workers {
			w.socket.Close()
		}
		s.outputs.close()
		s.mu.Unlock()
		s.closeChannels()
		s.wg.Wait()
		s.null.Close()
	})
}

// public is env less what is ours: a token must not reach a process that students see.
func public(env []string) []string {
	kept := make([]string, 0, len(env))
	for _, v := range env {
		if !strings.HasPrefix(v, "VIVERO_") {
			kept = append(kept, v)
		}
	}
	return kept
}

// job is a Spec that was checked.
type job struct {
	Spec
	workload sim.Workload
	params   json.RawMessage
	grows    bool // it will start children by itself

	ends  []ipc.End // the ends of channels that it gets, as descriptors from ipc.FirstFD on
	files []int     // those descriptors here
	keys  []proc.ChannelKey
}

// check completes the parameters of a spec; its error is a sentence without 'start …' only where sim's has it already.
func check(spec Spec) (job, error) {
	workload, err := sim.Find(spec.Workload)
	if err != nil {
		return job{}, err
	}
	raw, err := json.Marshal(spec.Params)
	if err != nil {
		return job{}, fmt.Errorf("start %s: %w", spec.Workload, err)
	}
	return checkRaw(workload, raw, spec)
}

func checkRaw(workload sim.Workload, raw json.RawMessage, spec Spec) (job, error) {
	params, err := workload.ParseJSON(raw)
	if err != nil {
		return job{}, err
	}
	full, err := json.Marshal(params)
	if err != nil {
		return job{}, fmt.Errorf("start %s: %w", spec.Workload, err)
	}
	if spec.Role == "" {
		spec.Role = workload.Role
	}
	// The same rules hold for what a worker asks for and for what is started here; Encode knows them.
	_, err = control.Encode(control.Message{Kind: control.Ask, Ask: 1, Workload: spec.Workload, Params: full, Role: spec.Role})
	return job{Spec: spec, workload: workload, params: full, grows: workload.Places != nil}, err
}
