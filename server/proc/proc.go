// Package proc holds the plain types that travel along the flow spawn -> observe -> tree -> stream:
// what was seen of a process. It has no I/O, no state and imports nothing of ours.
package proc

import "time"

// Key names one process for good: a pid is reused, a pid with its start time is not.
type Key struct {
	PID   int
	Start uint64 // clock ticks after boot: field 22 of /proc/PID/stat. 0: it was gone before it could be read
}

// Sample is what the kernel says of one process at one moment.
type Sample struct {
	Key
	PPID    int
	Name    string        // the kernel's comm, at most 15 bytes; hostile text
	Label   string        // program or script, what a person calls it; hostile text
	State   byte          // the letter that ps shows: R S D T t Z X I
	CPU     time.Duration // user + system time since its start
	Wait    time.Duration // time its main thread was ready but had no core, since its start; -1: unknown
	RSS     uint64        // bytes
	Threads int
	Core    int       // the core it ran on last; -1: unknown
	Started time.Time // wall clock
}

// EventKind says what the kernel reported of a process.
type EventKind uint8

// The kinds of Event, in the order in which they happen to a process.
const (
	Forked EventKind = iota
	Execed
	Exited
)

// Event is one step in a process's life, told by the kernel as it happened.
type Event struct {
	Kind   EventKind
	At     time.Duration // CLOCK_MONOTONIC
	PID    int
	PPID   int     // of Forked: the pid of the process that forked
	Sample *Sample // what could still be read of it; nil: it was gone too soon
	Status Status  // of Exited
	Name   string  // of Exited: its comm at death, where the kernel told it ("" otherwise)
	CPU    time.Duration
	RSS    uint64 // of Exited: its largest resident memory in bytes, where the kernel told it
}

// Observation is what one tick of a reader saw.
type Observation struct {
	At      time.Duration // CLOCK_MONOTONIC, when the reading began
	Samples []Sample      // every process that may have changed since the last tick; valid until the next Observe
	Gone    []Key         // processes that are no longer there (reaped)
}

// Machine is the state of the whole computer.
type Machine struct {
	Busy        []float64 // per core, 0..1, since the last reading
	MemoryTotal uint64    // bytes
	MemoryUsed  uint64
}

// Host is what does not change while we run.
type Host struct {
	Name     string `json:"name"`
	OS       string `json:"os"`
	Kernel   string `json:"kernel"`
	Arch     string `json:"arch"`
	CPU      string `json:"cpu"`   // model name
	Cores    int    `json:"cores"` // logical
	Physical int    `json:"physical"`
	Boot     int64  `json:"boot"` // ms since the epoch
}
