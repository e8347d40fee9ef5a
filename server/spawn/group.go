//go:build unix

package spawn

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
	"vivero/server/refusal"
	"vivero/sim"
	"vivero/sim/flight"
	"vivero/sim/ipc"
)

// groups are the workloads of one Start that are made of several parts.
type groups []*group

type group struct {
	job   job
	first int // index of its first part among the jobs
	parts []sim.Part
	specs []ipc.Spec
	made  []*ipc.Made
}

// add takes a job apart: one job for each part. first will be the index of the first.
func (g *groups) add(j job, first int) ([]job, error) {
	if j.Parent != 0 && j.Parent != os.Getpid() {
		return nil, refusal.Conflict("start %s under pid %d: it is several processes, siblings under Vivero; start it without a parent", j.Workload, j.Parent)
	}
	params, err := j.workload.ParseJSON(j.params)
	if err != nil {
		return nil, refusal.Invalid("%s", err)
	}
	parts, specs, err := j.workload.Plan(params)
	if err != nil {
		return nil, err // a mistake of ours
	}
	*g = append(*g, &group{job: j, first: first, parts: parts, specs: specs})
	jobs := make([]job, len(parts))
	for i, part := range parts {
		jobs[i] = j
		jobs[i].Role = part.Role
	}
	return jobs, nil
}

// make makes the channels and gives each job its ends.
func (g groups) make(jobs []job) error {
	for _, group := range g {
		for _, spec := range group.specs {
			m, err := ipc.Make(spec)
			if err != nil {
				return notMade(group.job.Workload, err)
			}
			group.made = append(group.made, m)
		}
		group.give(jobs[group.first:])
	}
	return nil
}

// notMade is the sentence for a channel that the system did not give.
func notMade(workload string, err error) error {
	switch {
	case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE), errors.Is(err, unix.ENOSPC):
		return refusal.TooMany("start %s: %v: no descriptors or queues are left: end some processes first", workload, err)
	case errors.Is(err, unix.EINVAL):
		return refusal.Invalid("start %s: %v: the system allows fewer slots or shorter messages (see /proc/sys/fs/mqueue)", workload, err)
	}
	return refused(workload, err)
}

// close closes our copies of the ends.
func (g groups) close() {
	for _, group := range g {
		for _, m := range group.made {
			m.Close()
		}
	}
}

// give gives the parts their ends.
func (g *group) give(jobs []job) {
	for i, part := range g.parts {
		j := &jobs[i]
		for _, c := range part.Reads {
			j.ends = append(j.ends, g.made[c].End(ipc.ForRead, ipc.FirstFD+len(j.files)))
			j.files, j.keys = append(j.files, g.made[c].Read), append(j.keys, keyOf(g.made[c]))
		}
		for _, c := range part.Writes {
			j.ends = append(j.ends, g.made[c].End(ipc.ForWrite, ipc.FirstFD+len(j.files)))
			j.files, j.keys = append(j.files, g.made[c].Write), append(j.keys, keyOf(g.made[c]))
		}
	}
}

func keyOf(m *ipc.Made) proc.ChannelKey {
	kind := proc.Pipe
	switch m.Channel {
	case flight.Queue:
		kind = proc.Queue
	case flight.Socket:
		kind = proc.Socket
	}
	return proc.ChannelKey{Kind: kind, Device: m.Device, Inode: m.Inode}
}
