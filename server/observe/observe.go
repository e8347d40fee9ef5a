// Package observe reads what the kernel says of a tree of processes and of the machine.
//
//	Reader       a tick: who is there, what changed, who is gone   (Procfs on Linux, Gopsutil anywhere)
//	Traffic      a tick: what goes through pipes, queues and socket pairs, who waits for what: the kernel's word and the
//	             flight recorders'. It also asks processes to stand at their gates (Pause, Step, slow motion)   (Linux)
//	EventSource  each fork, exec and exit as it happens            (Linux: netlink proc connector, taskstats)
//	Machine      busy share of each core, memory, the host
//	Inspect      the slow, full look at one process
//	Label        what a person calls a process
//
// The one goroutine of the package belongs to EventSource: it makes and closes its channel, and Close returns once it
// has ended. Readers, Traffic and Machine have none; each is used by one goroutine at a time.
//
// Every time is one of Monotonic's. A tick's bounds (…ATick) keep a tree of thousands from holding up the loop.
//
// Absent on purpose: observe starts nothing, signals nothing and never waits for a process. It opens no pipe by name and
// keeps no end of one; the only words that it writes are those of a flight recorder that ask a process to stand. It never
// scans processes outside the tree on a tick (the portable reader has no other way to find children and does).
package observe

import "vivero/server/proc"

// Reader watches one process and all its descendants. It is not safe for concurrent use.
type Reader interface {
	// Name is "procfs" or "gopsutil".
	Name() string
	// Observe is one tick. Its Samples are valid until the next call. With an error the observation holds what could
	// be read all the same. A process stays watched until it is gone, even where it left the tree (its parents ended
	// and no subreaper above is ours).
	Observe() (proc.Observation, error)
	// Look reads one process at once and watches it from then on. It answers false if the process is gone or not of
	// the tree. A pid that was reused meanwhile answers with another Start; the old key then comes in the next Gone.
	Look(pid int) (proc.Sample, bool)
	// Told says whether the kernel tells each fork, which the caller then passes on by Expect: the next Observe watches
	// that process if it still lives. A reader that is told looks for children by itself only now and then.
	Told(told bool)
	Expect(pid int)
	// Close lets go of all descriptors.
	Close() error
}
