package live

import (
	"context"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
	"vivero/server/refusal"
	"vivero/server/tree"
)

// Grace is how long a process has between TERM and KILL.
const Grace = 2 * time.Second

// stopPasses bounds how often a subtree is stopped anew before it is killed: each pass finds what was forked during the
// one before, and a stopped process forks no more.
const stopPasses = 20

// Signal sends one signal to a process, or to it and all its descendants.
func (l *Live) Signal(ctx context.Context, id int, signal string, subtree bool) ([]int, error) {
	number := unix.SignalNum("SIG" + signal)
	if number == 0 {
		return nil, refusal.Invalid("signal: there is no signal %q", signal)
	}
	if err := l.signallable(ctx, id, signal); err != nil {
		return nil, err
	}
	if subtree && number == syscall.SIGKILL {
		if err := l.freeze(ctx, id); err != nil {
			return nil, err
		}
	}
	var sent []int
	var first error
	err := l.call(ctx, func() { sent, first = l.signal(l.targets(id, subtree), number) })
	if err == nil && len(sent) == 0 {
		err = first
	}
	return sent, err
}

// End sends TERM, and KILL after the grace time to those that are still there.
func (l *Live) End(ctx context.Context, id int, subtree bool) ([]int, error) {
	if err := l.signallable(ctx, id, "TERM"); err != nil {
		return nil, err
	}
	var sent []int
	err := l.call(ctx, func() { sent = l.end(l.targets(id, subtree)) })
	return sent, err
}

// EndAll ends every process but the root.
func (l *Live) EndAll(ctx context.Context) ([]int, error) {
	var sent []int
	err := l.call(ctx, func() {
		highest := l.tree.Known()
		sent = l.end(l.tree.Below(tree.Root))
		l.later(Grace, func() { l.clear(highest, stopPasses) })
	})
	return sent, err
}

// clear stops and kills what lived through an end-all, and what such a process forked meanwhile, until nothing is left
// of it. highest is the last id at the end-all: a worker that somebody asked for afterwards is spared.
func (l *Live) clear(highest, passes int) {
	var left []tree.Process
	for _, p := range l.tree.Below(tree.Root) {
		if p.State != "Z" && (p.ID <= highest || p.Workload == "") {
			left = append(left, p)
		}
	}
	if len(left) == 0 || passes == 0 {
		return
	}
	l.signal(left, syscall.SIGSTOP)
	l.signal(left, syscall.SIGKILL)
	l.later(50*time.Millisecond, func() { l.observe(); l.clear(highest, passes-1) })
}

// signallable refuses what no signal may go to.
func (l *Live) signallable(ctx context.Context, id int, signal string) error {
	if id == tree.Root {
		return refusal.Forbidden("signal %s: the root is Vivero itself; end it in its terminal with Ctrl-C", signal)
	}
	_, err := l.process(ctx, id)
	return prefix("signal "+signal, err)
}

// targets of an action, parents before their children.
func (l *Live) targets(id int, subtree bool) []tree.Process {
	p, ok := l.tree.Process(id)
	if !ok {
		return nil
	}
	targets := []tree.Process{p}
	if subtree {
		targets = append(targets, l.tree.Below(id)...)
	}
	return targets
}

// signal sends number to each and names those that got it; the first failure is told too.
func (l *Live) signal(targets []tree.Process, number syscall.Signal) (sent []int, first error) {
	now := wall()
	for _, p := range targets {
		if err := l.spawner.Signal(p.Key, number); err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		sent = append(sent, p.ID)
		l.tree.Signalled(p.ID, proc.SignalName(number), now)
		l.dying[p.PID] = 0 // its state changes now: look soon
	}
	return sent, first
}

// end sends TERM (and CONT, so that a stopped process can act on it), and KILL after the grace time.
func (l *Live) end(targets []tree.Process) []int {
	sent, _ := l.signal(targets, syscall.SIGTERM)
	for _, p := range targets {
		_ = l.spawner.Signal(p.Key, syscall.SIGCONT) // gone already: all the better
	}
	l.later(Grace, func() {
		var left []tree.Process
		for _, p := range targets {
			if now, ok := l.tree.Process(p.ID); ok && now.State != "Z" {
				left = append(left, now)
			}
		}
		l.signal(left, syscall.SIGKILL)
	})
	return sent
}

// freeze stops a whole subtree, and what it forks meanwhile, so that a KILL to all of it leaves none behind.
func (l *Live) freeze(ctx context.Context, id int) error {
	stopped := map[int]bool{}
	for range stopPasses {
		fresh := 0
		err := l.call(ctx, func() {
			l.observe()
			for _, p := range l.targets(id, true) {
				if !stopped[p.ID] {
					stopped[p.ID] = true
					fresh++
					_ = l.spawner.Signal(p.Key, syscall.SIGSTOP)
				}
			}
		})
		if err != nil || fresh == 0 {
			return err
		}
	}
	return nil
}
