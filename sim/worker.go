package sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"vivero/sim/control"
	"vivero/sim/flight"
	"vivero/sim/ipc"
)

// progressEvery limits how often progress goes to the server: the page is drawn ten times a second.
const progressEvery = 100 * time.Millisecond

// Worker is this process as its workload sees it. Its methods may be called from any goroutine.
// (None of them refers to Workloads: that would be a cycle, for the list holds functions that call them.)
type Worker struct {
	Role string    // its part in a larger workload, "" if it has none
	Ends *ipc.Ends // its ends of channels, as its Part says

	// Recorder is where it says what it does; nil, which records nothing, if the server wants none.
	Recorder *flight.Recorder

	socket int // the control socket, −1 without a server

	progress struct {
		sync.Mutex
		last  time.Time
		share float64
	}

	asking sync.Mutex
	asked  uint64
	asks   map[uint64]chan answer // each with room for its one answer

	children    sync.Mutex // held to fork and to reap, so that a child is reported before it is reaped
	ours        map[int]bool
	leaveZombie bool
}

type answer struct {
	pid int
	err error
}

// Progress says how far the work is, 0..1. It may be called often: it tells the server ten times a second at most,
// and never waits. The end (1) is always told.
func (w *Worker) Progress(share float64) {
	if !(share >= 0) { // NaN too
		share = 0
	}
	share = min(share, 1)
	now := time.Now()
	w.progress.Lock()
	defer w.progress.Unlock()
	done := share == 1 && w.progress.share != 1
	if w.socket < 0 || !done && now.Sub(w.progress.last) < progressEvery {
		return
	}
	w.progress.last, w.progress.share = now, share
	// A full socket means that the server is busy; the next one tells more anyway.
	_ = control.TrySend(w.socket, control.Message{Kind: control.Progress, Share: share})
}

// Gate is where the presenter can hold this process in its work: Pause, Step and slow motion act here. It costs a few
// nanoseconds when nothing is asked. (Send and Receive of its channels are gates by themselves.)
func (w *Worker) Gate(ctx context.Context) { w.Recorder.Gate(ctx, 0, nil) }

// Spawn starts a child of this process: it asks the server for a place, forks on its order and returns the pid. p may be
// partial; the defaults fill it. A refusal (the cap, a bad parameter) is an error, a sentence.
func (w *Worker) Spawn(ctx context.Context, workload string, p Params, role string) (pid int, err error) {
	if w.socket < 0 {
		return 0, fmt.Errorf("start %s: there is no server to ask; start this workload from Vivero", workload)
	}
	params, err := json.Marshal(p)
	if err != nil {
		return 0, fmt.Errorf("start %s: %w", workload, err)
	}
	result := make(chan answer, 1)
	w.asking.Lock()
	w.asked++
	ask := w.asked
	w.asks[ask] = result
	w.asking.Unlock()
	defer func() {
		w.asking.Lock()
		delete(w.asks, ask)
		w.asking.Unlock()
	}()
	m := control.Message{Kind: control.Ask, Ask: ask, Workload: workload, Params: params, Role: role}
	if err := control.Send(w.socket, m); err != nil {
		return 0, fmt.Errorf("start %s: %w", workload, err)
	}
	select {
	case a := <-result:
		return a.pid, a.err
	case <-ctx.Done():
		return 0, fmt.Errorf("start %s: stopped before the server answered: %w", workload, ctx.Err())
	}
}

// LeaveZombies ends the reaping of children: from now on those that end stay as zombies until this process ends.
func (w *Worker) LeaveZombies() {
	w.children.Lock()
	w.leaveZombie = true
	w.children.Unlock()
}

func (w *Worker) answer(ask uint64, a answer) {
	w.asking.Lock()
	defer w.asking.Unlock()
	if result := w.asks[ask]; result != nil {
		delete(w.asks, ask)
		result <- a // has room: nobody else has it any more
	}
}

func (w *Worker) hello() {
	w.send(control.Message{Kind: control.Hello, PID: os.Getpid()})
}

// send waits while the socket is full. If it fails the server is gone, and listen ends this process.
func (w *Worker) send(m control.Message) { _ = control.Send(w.socket, m) }

// listen carries out the server's orders until the socket ends; then it ends the process, whatever it is doing: a worker
// does not outlive its server.
func (w *Worker) listen() {
	buf := make([]byte, control.MaxMessage)
	for {
		m, files, err := control.Receive(w.socket, buf)
		var bad *control.Malformed
		switch {
		case errors.As(err, &bad): // not from our server's code; the next one may be good
		case err != nil:
			os.Exit(1)
		case m.Kind == control.Refused:
			w.answer(m.Ask, answer{err: errors.New(m.Error)})
		case m.Kind == control.Spawn:
			w.obey(m, files)
		}
		for _, f := range files {
			syscall.Close(f)
		}
	}
}

// obey forks. An order that is late is discarded: the server has given up on it and said so to whoever asked.
func (w *Worker) obey(m control.Message, files []int) {
	if control.Now() > m.Deadline {
		return
	}
	w.children.Lock()
	defer w.children.Unlock()
	pid, err := w.fork(m, files)
	if err != nil {
		w.send(control.Message{Kind: control.Failed, Order: m.Order, Error: err.Error()})
		w.answer(m.Ask, answer{err: err})
		return
	}
	if w.ours == nil {
		w.ours = map[int]bool{}
	}
	w.ours[pid] = true
	_, start, _ := control.Identity(pid) // 0 if it cannot be read; the server checks it anyway
	w.send(control.Message{Kind: control.Started, Order: m.Order, PID: pid, Start: start})
	w.answer(m.Ask, answer{pid: pid})
}

func (w *Worker) fork(m control.Message, files []int) (pid int, err error) {
	if len(files) != control.Files {
		return 0, fmt.Errorf("start %s: the order brought %d descriptors, want %d", m.Workload, len(files), control.Files)
	}
	workload, err := Find(m.Workload)
	if err != nil {
		return 0, err
	}
	program, err := Executable()
	if err != nil {
		return 0, fmt.Errorf("start %s: %w", m.Workload, err)
	}
	pid, err = syscall.ForkExec(program, append([]string{"vivero"}, Args(m.Workload, m.Params, m.Role)...), &syscall.ProcAttr{
		Env:   childEnviron(workload.Environ(os.Environ()), w.Recorder.Asked()),
		Files: []uintptr{0, uintptr(files[1]), uintptr(files[2]), uintptr(files[0])}, // stdin is /dev/null, as ours is
		Sys:   &syscall.SysProcAttr{Setpgid: true},
	})
	if err != nil {
		return 0, fmt.Errorf("start %s: fork: %w", m.Workload, err)
	}
	return pid, nil
}

// reap takes children that have ended, and tells the server of those that it ordered. ended is notified of SIGCHLD.
func (w *Worker) reap(ended <-chan os.Signal) {
	for range ended {
		w.children.Lock()
		for !w.leaveZombie {
			var s syscall.WaitStatus
			pid, err := syscall.Wait4(-1, &s, syscall.WNOHANG, nil)
			if err == syscall.EINTR {
				continue
			}
			if err != nil || pid <= 0 {
				break
			}
			if w.ours[pid] {
				delete(w.ours, pid)
				m := control.Message{Kind: control.Reaped, PID: pid}
				if s.Signaled() {
					m.Signal = int(s.Signal())
				} else {
					m.Code = s.ExitStatus()
				}
				w.send(m)
			}
		}
		w.children.Unlock()
	}
}
