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
	// answerMargin before that an order is void for the parent: one that is continued at the last moment must not fork
	// when nobody waits any more.
	answerMargin = 100 * time.Millisecond
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

// startAll has the parents fork theirs, one after the other, and then forks the direct ones. A parent gets its next order
// when it has answered the last: one that is stopped is left with a single order, which is void by the time it goes on.
func (s *Spawner) startAll(ctx context.Context, jobs []job, parents []*worker, settle func(started bool)) ([]Process, error) {
	started := make([]Process, len(jobs))
	tried := make([]bool, len(jobs))
	var first error
	try := func(i int, start func() (Process, error)) {
		if first == nil && ctx.Err() == nil {
			started[i], first = start()
			settle(first == nil)
			tried[i] = true
		}
	}
	for i, j := range jobs {
		if parents[i] != nil {
			try(i, func() (Process, error) {
				o, err := s.order(parents[i], j, 0)
				if err != nil {
					return Process{}, err
				}
				return s.await(ctx, o)
			})
		}
	}
	closed := s.onThread(func() {
		for i, j := range jobs {
			if parents[i] == nil {
				try(i, func() (Process, error) { return s.forkWorker(j) })
			}
		}
	})
	for i := range jobs {
		if !tried[i] {
			settle(false)
		}
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
