package live

import (
	"context"
	"errors"
	"strings"

	"vivero/server/api"
	"vivero/server/observe"
	"vivero/server/refusal"
	"vivero/server/spawn"
	"vivero/server/tree"
	"vivero/sim"
)

var _ api.Backend = (*Live)(nil)

// Snapshot is the tree now.
func (l *Live) Snapshot(ctx context.Context) (s tree.Snapshot, err error) {
	err = l.call(ctx, func() { s = l.tree.Snapshot(wall()) })
	return s, err
}

// Start starts all that r asks for, or nothing.
func (l *Live) Start(ctx context.Context, r api.StartRequest) ([]api.Started, error) {
	w, err := sim.Find(r.Workload)
	if err != nil {
		return nil, refusal.Invalid("%s", err)
	}
	params, err := w.Parse(r.Params)
	if err != nil {
		return nil, refusal.Invalid("%s", err)
	}
	parent := 0
	if r.Parent != 0 && r.Parent != tree.Root {
		p, err := l.process(ctx, r.Parent)
		if err != nil {
			return nil, prefix("start "+w.Name, err)
		}
		if p.Workload == "" {
			return nil, refusal.Conflict("start %s: pid %d (%s) is not a worker of Vivero's and takes no children", w.Name, p.PID, p.Label)
		}
		if p.State == "Z" {
			return nil, refusal.Conflict("start %s: pid %d (%s) is a zombie: it has ended and takes no children", w.Name, p.PID, p.Label)
		}
		parent = p.PID
	}
	specs := make([]spawn.Spec, max(1, r.Count))
	for i := range specs {
		specs[i] = spawn.Spec{Workload: w.Name, Params: params, Role: w.Role, Parent: parent}
	}
	if w.Places != nil { // those that it will start by itself are refused as a whole too, not halfway
		var full error
		err := l.call(ctx, func() { full = l.places.room(len(specs)*w.Places(params), l.living()) })
		if err = errors.Join(err, full); err != nil {
			return nil, prefix("start "+w.Name, err)
		}
	}
	processes, err := l.spawner.Start(ctx, specs)
	if err != nil {
		return nil, prefix("start "+w.Name, err)
	}
	out := make([]api.Started, len(processes))
	err = l.call(ctx, func() {
		for i, p := range processes {
			out[i] = api.Started{ID: l.id(p), PID: p.Key.PID, Role: p.Role}
		}
	})
	return out, err
}

// Details is the slow, full look at one process; an ended one still has its last row and how it ended.
func (l *Live) Details(ctx context.Context, id int, presenter bool) (any, error) {
	var d struct {
		tree.Process
		observe.Details
	}
	e, lives, err := l.remembered(ctx, id)
	if err != nil {
		return nil, err
	}
	d.Process = e.Process
	if !lives {
		d.State = "X"
		d.Ended(e.Status)
		return d, nil
	}
	if slow, err := observe.Inspect(e.Key, presenter); err == nil { // else it has just ended: its row is all there is
		d.Details = slow
		d.Environ = l.redact(slow.Environ)
		d.Cmdline = l.redact(slow.Cmdline)
	}
	return d, nil
}

// Output is what a process wrote lately.
func (l *Live) Output(ctx context.Context, id int) (api.Output, error) {
	p, _, err := l.remembered(ctx, id)
	if err != nil {
		return api.Output{}, err
	}
	stdout, stderr, ok := l.spawner.Output(p.Key)
	switch {
	case ok:
		return api.Output{Stdout: string(stdout), Stderr: string(stderr)}, nil
	case l.o.Run:
		return api.Output{Note: "the output is in the terminal"}, nil
	case id == tree.Root:
		return api.Output{Note: "the server's own log is in the terminal"}, nil
	default:
		return api.Output{Note: "its output goes where its parent's goes"}, nil
	}
}

// redact hides our tokens wherever a process may have them.
func (l *Live) redact(texts []string) []string {
	for i := range texts {
		for _, secret := range l.o.Secrets {
			texts[i] = strings.ReplaceAll(texts[i], secret, "…")
		}
	}
	return texts
}

// process is one that lives, or the sentence that says why there is none.
func (l *Live) process(ctx context.Context, id int) (tree.Process, error) {
	e, lives, err := l.remembered(ctx, id)
	if err == nil && !lives {
		err = refusal.NotFound("process %d has ended", id)
	}
	return e.Process, err
}

// remembered is one that lives, or has ended and can still be looked up; else the sentence that says why there is none.
func (l *Live) remembered(ctx context.Context, id int) (e tree.Ended, lives bool, err error) {
	var left bool
	var known int
	err = l.call(ctx, func() {
		if e.Process, lives = l.tree.Process(id); !lives {
			e, left = l.tree.Ended(id)
		}
		known = l.tree.Known()
	})
	switch {
	case err != nil || lives || left:
	case id <= known:
		err = refusal.NotFound("process %d has ended", id)
	default:
		err = refusal.NotFound("there is no process %d", id)
	}
	return e, lives, err
}

// prefix puts what was tried before a refusal that does not say it.
func prefix(tried string, err error) error {
	if status := refusal.Status(err); status != 500 && !strings.HasPrefix(err.Error(), tried) {
		return &refusal.Error{Status: status, Sentence: tried + ": " + err.Error()}
	}
	return err
}
