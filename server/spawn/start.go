//go:build unix

package spawn

import (
	"context"
	"os"
	"syscall"
	"time"

	"vivero/server/refusal"
	"vivero/sim/control"
)

const (
	// answerTime is how long a parent may take to fork: it does so within 20 ms even when it computes, so one that says
	// nothing for a second is stopped.
	answerTime = time.Second
	// answerEach is added for each further child that the same request orders.
	answerEach = 20 * time.Millisecond
)

// Start starts all of specs or none: if one fails, those that had started are killed, and the error, a sentence, says why.
// A workload of several parts is several processes, joined by its channels; they come in the order of its parts. It
// returns when all have been forked.
func (s *Spawner) Start(ctx context.Context, specs []Spec) ([]Process, error) {
	var jobs []job
	var parents []*worker
	var groups groups
	defer func() { groups.close() }() // our copies: a pipe ends when the processes' own have
	for _, spec := range specs {
		j, err := check(spec)
		if err != nil {
			return nil, refusal.Invalid("%s", err)
		}
		if j.workload.Parts != nil {
			more, err := groups.add(j, len(jobs))
			if err != nil {
				return nil, err
			}
			jobs, parents = append(jobs, more...), append(parents, make([]*worker, len(more))...)
			continue
		}
		var parent *worker
		if spec.Parent != 0 && spec.Parent != os.Getpid() {
			if parent, err = s.parent(spec); err != nil {
				return nil, err
			}
		}
		jobs, parents = append(jobs, j), append(parents, parent)
	}
	if len(jobs) == 0 {
		return nil, nil
	}
	settle, err := s.claim(jobs)
	if err != nil {
		return nil, err
	}
	if err := groups.make(jobs); err != nil {
		for range jobs {
			settle(false)
		}
		return nil, err
	}
	s.tell(groups)
	defer s.untold(groups)
	return s.startAll(ctx, jobs, parents, settle)
}

// claim asks for a place for each job; each is to be settled once, by whether it started. That is one question for all,
// unless they start children by themselves: those ask while the rest is still being forked, and a place that is both
// taken and claimed would be counted twice by then.
func (s *Spawner) claim(jobs []job) (settle func(started bool), err error) {
	size := len(jobs)
	for _, j := range jobs {
		if j.grows {
			size = 1
		}
	}
	var releases []func(int)
	for range len(jobs) / size {
		release, err := s.admit(size)
		if err != nil {
			for _, release := range releases {
				release(0)
			}
			return nil, err
		}
		releases = append(releases, release)
	}
	settled, up := 0, 0
	return func(started bool) {
		if settled++; started {
			up++
		}
		if settled%size == 0 {
			releases[settled/size-1](up)
			up = 0
		}
	}, nil
}

// startAll forks the direct ones and gives the orders for the others, then waits for the answers.
func (s *Spawner) startAll(ctx context.Context, jobs []job, parents []*worker, settle func(started bool)) ([]Process, error) {
	started := make([]Process, len(jobs))
	orders := make([]*order, len(jobs))
	tried := make([]bool, len(jobs)) // here, not by order
	var first error
	await, giveUp := context.WithCancel(ctx) // after one failure nobody waits for the rest
	defer giveUp()
	for i, j := range jobs {
		if parents[i] != nil && first == nil {
			orders[i], first = s.order(parents[i], j, 0, answerTime+time.Duration(i)*answerEach)
		}
	}
	closed := s.onThread(func() {
		for i, j := range jobs {
			if parents[i] == nil && first == nil && ctx.Err() == nil {
				started[i], first = s.forkWorker(j)
				settle(first == nil)
				tried[i] = true
			}
		}
	})
	for i, o := range orders {
		if o == nil {
			if !tried[i] {
				settle(false)
			}
			continue
		}
		if first != nil {
			giveUp()
		}
		p, err := s.await(await, o)
		if first == nil {
			first = err
		}
		started[i] = p
		settle(err == nil)
	}
	if first == nil {
		first = closed
	}
	if first == nil {
		first = ctx.Err()
	}
	if first == nil {
		return started, nil
	}
	for _, p := range started {
		if p.Key.PID != 0 {
			_ = s.Signal(p.Key, syscall.SIGKILL) // an error means that it has ended by itself
		}
	}
	return nil, first
}

// parent is the worker that spec wants to be forked by.
func (s *Spawner) parent(spec Spec) (*worker, error) {
	s.mu.Lock()
	w := s.workers[spec.Parent]
	s.mu.Unlock()
	if w != nil {
		return w, nil
	}
	if _, _, err := control.Identity(spec.Parent); err != nil {
		return nil, refusal.NotFound("start %s under pid %d: the parent has ended", spec.Workload, spec.Parent)
	}
	return nil, refusal.Conflict("start %s under pid %d: the parent is not a worker of Vivero's and takes no orders", spec.Workload, spec.Parent)
}

func (s *Spawner) admit(n int) (release func(started int), err error) {
	if s.o.Admit == nil {
		return func(int) {}, nil
	}
	return s.o.Admit(n)
}
