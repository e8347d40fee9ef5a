//go:build unix

package spawn

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
	"vivero/server/refusal"
	"vivero/server/sweep"
	"vivero/sim"
	"vivero/sim/control"
	"vivero/sim/ipc"
	"vivero/sim/python"
)

// fork is the goroutine that forks and reaps. Its thread ends with it, after everything that it started.
func (s *Spawner) fork() {
	defer close(s.ended)
	runtime.LockOSThread()
	prepareThread()
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGCHLD)
	defer signal.Stop(ended)
	for {
		select {
		case f := <-s.forks:
			f()
		case <-ended:
			s.reap()
		case <-s.stop:
			sweep.All()
			return
		}
	}
}

// onThread does f on the forking thread and returns when it is done.
func (s *Spawner) onThread(f func()) error {
	done := make(chan struct{})
	select {
	case s.forks <- func() { defer close(done); f() }:
		<-done
		return nil
	case <-s.stop:
		return errClosed
	}
}

// reap takes every child that has ended. What it wrote is told before its end, while it is still a zombie.
func (s *Spawner) reap() {
	for {
		pid := nextEnded()
		if pid == 0 {
			return
		}
		if pid > 0 {
			s.drain(pid)
		}
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(pid, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		s.mu.Lock()
		delete(s.direct, pid)
		delete(s.workers, pid) // its socket ends by itself, and with it the goroutine that reads it
		s.mu.Unlock()
		s.release(pid)
		if s.o.OnReaped != nil {
			s.o.OnReaped(pid, proc.StatusOf(status))
		}
	}
}

// forkWorker starts one worker as a child of this process. On the forking thread only.
func (s *Spawner) forkWorker(j job) (Process, error) {
	ends, err := newEnds()
	if err != nil {
		return Process{}, refused(j.Workload, err)
	}
	defer ends.closeTheirs()
	env, err := s.environ(j)
	if err != nil {
		ends.closeOurs()
		return Process{}, err
	}
	files := []uintptr{s.null.Fd(), uintptr(ends.theirs[1]), uintptr(ends.theirs[2]), uintptr(ends.theirs[0])}
	for _, fd := range j.files { // they become descriptors ipc.FirstFD, …
		files = append(files, uintptr(fd))
	}
	pid, err := syscall.ForkExec(s.o.Exe, append([]string{"vivero"}, sim.Args(j.Workload, j.params, j.Role)...), &syscall.ProcAttr{
		Env: env, Files: files, Sys: attributes(0),
	})
	if err != nil {
		ends.closeOurs()
		return Process{}, refused(j.Workload, err)
	}
	p := Process{Key: s.forked(pid), PPID: os.Getpid(), Workload: j.Workload, Role: j.Role}
	s.hold(pid, j)
	return p, s.join(p, ends)
}

// forked notes a child that was just forked here.
func (s *Spawner) forked(pid int) proc.Key {
	killFirst(pid)
	_, start, _ := control.Identity(pid) // it is there: nobody but this thread reaps it
	s.mu.Lock()
	s.direct[pid] = true
	s.mu.Unlock()
	return proc.Key{PID: pid, Start: start}
}

// recorded is env for a process that is to keep a flight recorder, and to begin with what the presenter asks of all.
func (s *Spawner) recorded(env []string) []string {
	if s.o.FlightDir == "" {
		return env
	}
	env = append(env, sim.FlightVariable+"="+s.o.FlightDir)
	if s.o.Asked != nil {
		if text := s.o.Asked().String(); text != "" {
			env = append(env, sim.AskedVariable+"="+text)
		}
	}
	return env
}

// environ is what the worker of j gets.
func (s *Spawner) environ(j job) ([]string, error) {
	env := s.recorded(j.workload.Environ(s.env))
	if s.o.Python != "" {
		env = append(env, python.Variable+"="+s.o.Python)
	}
	if len(j.ends) > 0 {
		list, err := json.Marshal(j.ends)
		if err != nil {
			return nil, fmt.Errorf("start %s: %w", j.Workload, err)
		}
		env = append(env, ipc.EndsVariable+"="+string(list))
	}
	return env, nil
}

// Probe forks a process that ends at once, for the observer's self-test, and collects it: it is told to nobody, and
// nobody who looks afterwards finds it.
func (s *Spawner) Probe() (pid int, err error) {
	stopped := s.onThread(func() {
		null := s.null.Fd()
		pid, err = syscall.ForkExec(s.o.Exe, []string{"vivero", "sim", "--probe"}, &syscall.ProcAttr{
			Env: append([]string{"GOMAXPROCS=1"}, s.env...), Files: []uintptr{null, null, null}, Sys: attributes(0),
		})
		for err == nil {
			var status syscall.WaitStatus
			if _, e := syscall.Wait4(pid, &status, 0, nil); e != syscall.EINTR {
				break
			}
		}
	})
	if stopped != nil {
		return 0, stopped
	}
	if err != nil {
		return 0, refused("a probe", err)
	}
	return pid, nil
}

// ends are the two sides of what joins us with a worker: control socket, stdout, stderr.
type ends struct {
	ours, theirs [control.Files]int
}

func newEnds() (*ends, error) {
	e := &ends{ours: [...]int{-1, -1, -1}, theirs: [...]int{-1, -1, -1}}
	var err error
	e.ours[0], e.theirs[0], err = control.Pair()
	for i := 1; i < control.Files && err == nil; i++ {
		e.ours[i], e.theirs[i], err = pipe()
	}
	for i := 0; i < control.Files && err == nil; i++ {
		err = unix.SetNonblock(e.ours[i], true) // ours wait in Go's poller; theirs block as usual
	}
	if err != nil {
		e.closeOurs()
		e.closeTheirs()
		return nil, err
	}
	return e, nil
}

func (e *ends) closeOurs()   { closeAll(e.ours[:]) }
func (e *ends) closeTheirs() { closeAll(e.theirs[:]) }

func closeAll(fds []int) {
	for i, fd := range fds {
		if fd >= 0 {
			unix.Close(fd)
		}
		fds[i] = -1
	}
}

// refused is the sentence for a start that the system did not allow.
func refused(what string, err error) error {
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.ENOMEM):
		return refusal.TooMany("start %s: the system has no room for another process (%v): end some first", what, err)
	case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE):
		return refusal.TooMany("start %s: no file descriptors are left (%v): end some processes first, or raise `ulimit -n`", what, err)
	}
	return fmt.Errorf("start %s: %w", what, err)
}
