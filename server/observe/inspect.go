package observe

import (
	"fmt"
	"syscall"

	"github.com/shirou/gopsutil/v3/process"

	"vivero/server/proc"
)

// Bounds of one look: what a page can still show.
const (
	maxDescriptors = 256
	maxTasks       = 512
	maxText        = 256 << 10 // bytes of a command line or an environment
)

// Details is what only a slow look tells of one process (some 100 µs and more; PSS takes the target's mmap lock). What
// cannot be read is nil: another user's process, a zombie, a system that does not tell.
type Details struct {
	Exe         *string      `json:"exe"`
	Cwd         *string      `json:"cwd"`
	User        *string      `json:"user"`
	Nice        *int         `json:"nice"`
	Affinity    *string      `json:"affinity"` // cores it may run on, such as "0-1"
	Memory      *Memory      `json:"memory"`
	Switches    *Switches    `json:"switches"`    // of all its present threads
	Tasks       []Task       `json:"tasks"`       // at most 512
	Descriptors []Descriptor `json:"descriptors"` // at most 256
	Status      *int         `json:"status"`      // exit status, of one that has ended by itself
	Signal      *string      `json:"signal"`      // without SIG: what killed it
	Cmdline     []string     `json:"cmdline,omitzero"`
	Environ     []string     `json:"environ,omitzero"`
}

// Memory is bytes: resident, its share of them (pages in common divided by those who use them), and its own alone.
type Memory struct {
	RSS uint64  `json:"rss"`
	PSS *uint64 `json:"pss"`
	USS *uint64 `json:"uss"`
}

// Switches counts how often it gave its core up, and how often the core was taken away.
type Switches struct {
	Voluntary   uint64 `json:"voluntary"`
	Involuntary uint64 `json:"involuntary"`
}

// Task is one thread.
type Task struct {
	TID   int     `json:"tid"`
	Name  string  `json:"name"` // cleaned, hostile all the same
	State string  `json:"state"`
	CPU   float64 `json:"cpu"`  // seconds since its start
	Core  int     `json:"core"` // ran on last, -1 unknown
}

// Descriptor is one open file; Target is what readlink tells: a path, "pipe:[inode]", "socket:[inode]".
type Descriptor struct {
	FD     int    `json:"fd"`
	Target string `json:"target"`
}

// Ended fills in how the process ended.
func (d *Details) Ended(s proc.Status) {
	switch {
	case !s.Known:
	case s.Signal != 0:
		name := proc.SignalName(syscall.Signal(s.Signal))
		d.Signal = &name
	default:
		d.Status = &s.Code
	}
}

// Inspect reads one process slowly and fully. Command line and environment are read for the presenter only. It is an
// error if the process that key names is gone by the end: some of what was read may then be another's.
func Inspect(key proc.Key, presenter bool) (Details, error) {
	d := inspect(key.PID, presenter)
	if start, err := startOf(key.PID); err != nil || start != key.Start {
		return Details{}, fmt.Errorf("inspect process %d: it is gone", key.PID)
	}
	return d, nil
}

func inspect(pid int, presenter bool) (d Details) {
	cacheBootTime()
	p := &process.Process{Pid: int32(pid)}
	d.Exe = known(p.Exe())
	d.Cwd = known(p.Cwd())
	d.User = known(p.Username())
	if n, err := p.Nice(); err == nil {
		nice := int(n)
		d.Nice = &nice
	}
	if m, err := p.MemoryInfo(); err == nil && m != nil {
		d.Memory = &Memory{RSS: m.RSS}
	}
	inspectMore(pid, &d)
	if presenter {
		if args, err := p.CmdlineSlice(); err == nil {
			d.Cmdline = bounded(args)
		}
		if env, err := p.Environ(); err == nil {
			d.Environ = bounded(env)
		}
	}
	return d
}

// known is nil where gopsutil could not tell.
func known(s string, err error) *string {
	if err != nil || s == "" {
		return nil
	}
	return &s
}

// bounded keeps the first maxText bytes of a list and leaves out empty entries at its end; never nil.
func bounded(list []string) []string {
	for len(list) > 0 && list[len(list)-1] == "" {
		list = list[:len(list)-1]
	}
	left := maxText
	for i, s := range list {
		if left -= len(s); left < 0 {
			return append(list[:i:i], "…")
		}
	}
	if list == nil {
		return []string{}
	}
	return list
}
