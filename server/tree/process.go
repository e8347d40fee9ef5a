package tree

import "vivero/server/proc"

// Process is one node of the tree as a reader of the API sees it; rows of the stream carry the same fields.
type Process struct {
	ID       int      `json:"id"`       // ours, never reused; the root is 1
	PID      int      `json:"pid"`      //
	PPID     int      `json:"ppid"`     //
	Parent   int      `json:"parent"`   // id of the parent, 0 for the root
	Name     string   `json:"name"`     // workload for ours, the kernel's comm for others
	Label    string   `json:"label"`    // what a person reads
	Workload string   `json:"workload"` // "" for programs that are not ours
	Role     string   `json:"role"`     // its part in the workload, "" if it has none
	State    string   `json:"state"`    // the letter that ps shows
	CPU      float64  `json:"cpu"`      // cores in use over the last second
	RSS      uint64   `json:"rss"`      // bytes
	Threads  int      `json:"threads"`  //
	Core     int      `json:"core"`     // ran on last, -1 unknown
	Started  int64    `json:"started"`  // ms since the epoch
	Progress *float64 `json:"progress"` // 0..1, nil: it does not say
	Wait     *float64 `json:"wait"`     // share of the last second ready without a core, nil: unknown
	Adopted  bool     `json:"adopted"`  // its first parent ended and Vivero adopted it
	Waits    string   `json:"waits"`    // what a sleeper waits for: child read write input sleep lock events disk, "" unknown
	On       int      `json:"on"`       // id of the channel that it reads or writes, 0: none
	Held     bool     `json:"held"`     // stands at a gate of ours: Pause, Step or slow motion
	Gates    bool     `json:"gates"`    // it has gates, at which it can be held
	Ran      float64  `json:"ran"`      // cores in use over the last tick
	Ready    *float64 `json:"ready"`    // share of the last tick ready without a core, nil: unknown

	Key proc.Key `json:"-"` // names it for the kernel
}

// Cores in use and share of waiting are rounded to thousandths, so that noise below that sends no bytes.

// Observer is what watching costs: our own process, and what we may have missed.
type Observer struct {
	CPU    float64 `json:"cpu"`    // cores in use over the last second
	RSS    uint64  `json:"rss"`    // bytes
	Missed *int    `json:"missed"` // upper bound of processes too short-lived to be seen, nil: unknown
	Events bool    `json:"events"` // the kernel tells of each fork and exit
}

// Control is what the presenter asks of time. Workers obey it at their gates.
type Control struct {
	Paused bool `json:"paused"`   // each stands at its next gate
	Delay  int  `json:"delay_ms"` // ms at each gate: slow motion
}

// Core is one logical core.
type Core struct {
	ID   int     `json:"id"`
	Busy float64 `json:"busy"` // 0..1
}

// Memory of the machine in bytes.
type Memory struct {
	Total uint64 `json:"total"`
	Used  uint64 `json:"used"`
}

// Snapshot is the whole state at one moment.
type Snapshot struct {
	Host      proc.Host `json:"host"`
	Reader    string    `json:"reader"`
	Cores     []Core    `json:"cores"`
	Memory    Memory    `json:"memory"`
	Observer  Observer  `json:"observer"`
	Control   Control   `json:"control"`
	Processes []Process `json:"processes"` // by id
	Channels  []Channel `json:"channels"`  // by id

	Events []Event `json:"-"` // the last 1,000, oldest first
	Seq    uint64  `json:"-"` // of the newest event
	At     int64   `json:"-"` // ms since the epoch
}

// Event is one thing that happened, numbered without gaps.
type Event struct {
	Kind     string   `json:"kind"` // spawned, exited, signalled, output
	Seq      uint64   `json:"seq"`
	At       int64    `json:"at"` // ms since the epoch
	ID       int      `json:"id"`
	PID      int      `json:"pid"`
	PPID     int      `json:"ppid,omitempty"`
	Parent   int      `json:"parent,omitempty"`
	Name     string   `json:"name,omitempty"`
	Label    string   `json:"label,omitempty"`
	Workload string   `json:"workload,omitempty"`
	Role     string   `json:"role,omitempty"`
	Status   *int     `json:"status,omitempty"`
	Signal   string   `json:"signal,omitempty"` // without SIG
	CPU      *float64 `json:"cpu,omitempty"`    // seconds in its whole life
	RSS      *uint64  `json:"rss,omitempty"`    // bytes, the largest known
	Stream   string   `json:"stream,omitempty"` // stdout, stderr
	Text     string   `json:"text,omitempty"`
	Skipped  int      `json:"skipped,omitempty"` // bytes of output left out before text
}

// Delta is what changed since the last one.
type Delta struct {
	At       int64     // ms since the epoch
	Rows     []Process // new, or something other than its values changed
	Values   []Process // only state, cpu, rss, threads, core, progress or wait changed
	Gone     []int     // ids that left the tree
	Events   []Event   //
	Channels []Channel // new or changed, whole
	Messages []Message // in the order of their times; a sample when there are too many

	GoneChannels []int // ids of channels that nobody holds any more

	Cores    []float64 // nil: unchanged
	Memory   *Memory   // nil: unchanged
	Observer *Observer // nil: unchanged
	Control  *Control  // nil: unchanged
}

// Changed is true when there is more in it than events.
func (d *Delta) Changed() bool {
	return len(d.Rows) > 0 || len(d.Values) > 0 || len(d.Gone) > 0 ||
		len(d.Channels) > 0 || len(d.Messages) > 0 || len(d.GoneChannels) > 0 ||
		d.Cores != nil || d.Memory != nil || d.Observer != nil || d.Control != nil
}
