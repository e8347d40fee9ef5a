//go:build unix

package spawn

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
	"vivero/server/refusal"
	"vivero/sim"
	"vivero/sim/control"
)

// order is a child that a worker was told to fork and that it has not answered for.
type order struct {
	number uint64
	w      *worker
	job    job
	ends   *ends
	until  time.Time
	result chan outcome // room for the one answer
}

type outcome struct {
	p   Process
	err error
}

func (o *order) refuse(format string, args ...any) error {
	return refusal.Conflict("start %s under pid %d: %s", o.job.Workload, o.w.Key.PID, fmt.Sprintf(format, args...))
}

// order sends w the order to fork j, as the answer to ask if that is not 0. Await its result.
func (s *Spawner) order(w *worker, j job, ask uint64) (*order, error) {
	deadline := control.Now() + (answerTime - answerMargin).Nanoseconds()
	o := &order{w: w, job: j, until: time.Now().Add(answerTime), result: make(chan outcome, 1)}
	var err error
	if o.ends, err = newEnds(); err != nil {
		return nil, refused(j.Workload, err)
	}
	defer o.ends.closeTheirs()
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		o.ends.closeOurs()
		return nil, errClosed
	}
	s.ordered++
	o.number = s.ordered
	s.orders[o.number] = o
	s.mu.Unlock()
	err = w.send(control.Message{Kind: control.Spawn, Order: o.number, Ask: ask, Workload: j.Workload, Params: j.params,
		Role: j.Role, Deadline: deadline}, o.ends.theirs[:], o.until)
	if err == nil {
		return o, nil
	}
	if s.take(o.number, w) != nil {
		o.ends.closeOurs()
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, o.silent()
	}
	return nil, o.refuse("the parent is ending")
}

func (o *order) silent() error {
	return o.refuse("the parent did not answer within 1 s; is it stopped? continue it first")
}

// await is the process, once w has forked it. If it does not in time the order is void: the worker discards it by its
// deadline, and a child that comes after all finds its control socket closed and ends (and is killed, see answered).
func (s *Spawner) await(ctx context.Context, o *order) (Process, error) {
	timer := time.NewTimer(time.Until(o.until))
	defer timer.Stop()
	var why error
	select {
	case r := <-o.result:
		return r.p, r.err
	case <-timer.C:
		why = o.silent()
	case <-ctx.Done():
		why = ctx.Err()
	case <-s.stop:
		why = errClosed
	}
	if s.take(o.number, o.w) == nil { // the answer is on its way
		r := <-o.result
		return r.p, r.err
	}
	o.ends.closeOurs()
	return Process{}, why
}

// take takes an order of w's out of those that are open; whoever gets it owns its ends. nil: there is none.
func (s *Spawner) take(number uint64, w *worker) *order {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.orders[number]
	if o == nil || o.w != w {
		return nil
	}
	delete(s.orders, number)
	return o
}

// answered takes in what w says of an order: nothing of it is believed before it is checked.
func (s *Spawner) answered(w *worker, m control.Message) {
	o := s.take(m.Order, w)
	if o == nil {
		s.late(w, m)
		return
	}
	if m.Kind == control.Failed {
		o.ends.closeOurs()
		o.result <- outcome{err: o.refuse("%.200s", m.Error)}
		return
	}
	key, ppid, err := s.verify(w, m)
	if err != nil {
		o.ends.closeOurs()
		o.result <- outcome{err: o.refuse("%v", err)}
		return
	}
	p := Process{Key: key, PPID: ppid, Workload: o.job.Workload, Role: o.job.Role}
	s.mu.Lock()
	w.children[key.PID] = key.Start
	s.mu.Unlock()
	err = s.join(p, o.ends)
	o.result <- outcome{p, err}
}

// late ends a child that came after its order was given up.
func (s *Spawner) late(w *worker, m control.Message) {
	if m.Kind == control.Started {
		if ppid, start, err := control.Identity(m.PID); err == nil && ppid == w.Key.PID {
			_ = s.Signal(proc.Key{PID: m.PID, Start: start}, syscall.SIGKILL)
		}
	}
}

// verify is the identity of the process that w claims to have forked: the kernel must name w as its parent, or us if w
// has died meanwhile. One that is gone already can harm nobody: of that the worker's word is taken.
func (s *Spawner) verify(w *worker, m control.Message) (key proc.Key, ppid int, err error) {
	s.mu.Lock()
	_, known := s.direct[m.PID]
	known = known || s.workers[m.PID] != nil || m.PID == os.Getpid()
	s.mu.Unlock()
	if known {
		return key, 0, fmt.Errorf("the parent named pid %d, which it did not fork", m.PID)
	}
	ppid, start, err := control.Identity(m.PID)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ESRCH) {
		return proc.Key{PID: m.PID, Start: m.Start}, w.Key.PID, nil
	}
	if err != nil {
		return key, 0, err
	}
	if ppid != w.Key.PID && ppid != os.Getpid() {
		return key, 0, fmt.Errorf("the parent named pid %d, which is not its child", m.PID)
	}
	return proc.Key{PID: m.PID, Start: start}, w.Key.PID, nil
}

// asked answers a worker's ask: an order, or a refusal. It runs beside the goroutine that hears the worker's answer.
func (s *Spawner) asked(w *worker, m control.Message) {
	err := func() error {
		workload, err := sim.Find(m.Workload)
		if err != nil {
			return err
		}
		j, err := checkRaw(workload, m.Params, Spec{Workload: m.Workload, Role: m.Role, Parent: w.Key.PID})
		if err != nil {
			return err
		}
		release, err := s.admit(1)
		if err != nil {
			return err
		}
		started := 0
		defer func() { release(started) }()
		o, err := s.order(w, j, m.Ask)
		if err != nil {
			return err
		}
		if _, err = s.await(context.Background(), o); err == nil {
			started = 1
		}
		return err
	}()
	if err != nil {
		sentence := err.Error()
		if len(sentence) > 1000 {
			sentence = sentence[:1000]
		}
		// If it cannot be sent the worker is stopped or ending; nobody waits for the answer then.
		_ = w.send(control.Message{Kind: control.Refused, Ask: m.Ask, Error: sentence}, nil, time.Now().Add(answerTime))
	}
}
