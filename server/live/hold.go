package live

import (
	"context"
	"time"

	"vivero/server/api"
	"vivero/server/proc"
	"vivero/server/refusal"
	"vivero/server/tree"
	"vivero/sim/flight"
)

// gates hold and release the workers, by the control words of their recorders. nil: this system has none.
type gates interface {
	Pace(time.Duration)
	Pause()
	Resume()
	Step(pid int) // 0: each
	Asked() flight.Asked
}

// Pace makes every worker wait at each of its gates.
func (l *Live) Pace(ctx context.Context, delay time.Duration) (api.Held, error) {
	return l.hold(ctx, "slow motion", func(c *tree.Control) error {
		c.Delay = int(delay / time.Millisecond)
		l.gates.Pace(delay)
		return nil
	})
}

// Pause holds every worker at its next gate.
func (l *Live) Pause(ctx context.Context) (api.Held, error) {
	return l.hold(ctx, "pause", func(c *tree.Control) error {
		c.Paused = true
		l.gates.Pause()
		return nil
	})
}

// Resume lets all go on, in slow motion if that is on.
func (l *Live) Resume(ctx context.Context) (api.Held, error) {
	return l.hold(ctx, "resume", func(c *tree.Control) error {
		c.Paused = false
		l.gates.Resume()
		return nil
	})
}

// Step lets one process, or each if id is 0, pass one gate.
func (l *Live) Step(ctx context.Context, id int) (api.Held, error) {
	if id != 0 {
		if _, err := l.process(ctx, id); err != nil {
			return api.Held{}, prefix("step", err)
		}
	}
	return l.hold(ctx, "step", func(c *tree.Control) error {
		if !c.Paused {
			return refusal.Conflict("step: nothing is paused; press Pause first")
		}
		pid := 0
		if id != 0 {
			p, ok := l.tree.Process(id)
			if !ok || !p.Gates {
				return refusal.Conflict("step: pid %d (%s) has no gates: nothing holds it", p.PID, p.Label)
			}
			pid = p.PID
		}
		l.gates.Step(pid)
		return nil
	})
}

// hold changes how time is controlled, and names those that nothing holds.
func (l *Live) hold(ctx context.Context, what string, change func(*tree.Control) error) (h api.Held, err error) {
	failed := l.call(ctx, func() {
		if l.gates == nil {
			err = refusal.Conflict("%s: this system has no flight recorders, so nothing can be held", what)
			return
		}
		if err = change(&l.control); err != nil {
			return
		}
		asked := l.gates.Asked()
		l.asked.Store(&asked)
		l.tree.Control(l.control)
		h.Control = l.control
		for _, p := range l.tree.Below(tree.Root) {
			if !p.Gates {
				h.Without = append(h.Without, p.ID)
			}
		}
	})
	if failed != nil {
		return h, failed
	}
	return h, err
}

// Send puts a message of the teacher's into a channel that we made. The writers' own numbers are not touched: it comes
// from the serving process.
func (l *Live) Send(ctx context.Context, channel int, text string) error {
	var c tree.Channel
	var key proc.ChannelKey
	var holder tree.Process
	var found bool
	if err := l.call(ctx, func() {
		if c, key, found = l.tree.Channel(channel); found && len(c.Writers) > 0 {
			holder, _ = l.tree.Process(c.Writers[0])
		}
	}); err != nil {
		return err
	}
	switch {
	case !found:
		return refusal.NotFound("send: there is no channel %d (any more)", channel)
	case !c.Made:
		return refusal.Conflict("send: Vivero did not make this %s and does not know how its messages look", c.Kind)
	case holder.PID == 0:
		return refusal.Conflict("send: nobody writes to this %s any more", c.Kind)
	}
	put, err := l.spawner.Inject(holder.PID, key, text)
	if err != nil {
		return prefix("send", err)
	}
	return l.call(ctx, func() {
		l.tree.Injected(key, put.Messages, put.Bytes)
		l.traffic.Touch(key)
	})
}
