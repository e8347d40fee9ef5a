//go:build !linux

package observe

import (
	"errors"
	"runtime"
	"time"

	"github.com/shirou/gopsutil/v3/cpu"
	"github.com/shirou/gopsutil/v3/mem"
	"golang.org/x/sys/unix"

	"vivero/server/proc"
)

// Procfs exists on Linux only.
func Procfs(root string, pid int) (Reader, error) {
	return nil, errors.New("the procfs reader needs Linux, this is " + runtime.GOOS + "; use --reader gopsutil")
}

// Forks cannot be had without /proc/stat.
func Forks() (uint64, error) {
	return 0, errors.New("count forks: " + runtime.GOOS + " does not tell how many there were")
}

// EventSource exists on Linux only.
type EventSource struct{}

// Events exists on Linux only.
func Events(pid int, probe func() (childPID int, err error)) (*EventSource, error) {
	return nil, errors.New("the kernel's process events need Linux, this is " + runtime.GOOS + ": short-lived processes may be missed")
}

// C never sends.
func (*EventSource) C() <-chan proc.Event { return nil }

// Err is nil.
func (*EventSource) Err() error { return nil }

// Lost is 0.
func (*EventSource) Lost() uint64 { return 0 }

// Named is false.
func (*EventSource) Named() bool { return false }

// Close has nothing to do.
func (*EventSource) Close() error { return nil }

// Machine reads cores and memory through gopsutil.
type Machine struct {
	was  []cpu.TimesStat
	busy []float64
}

// NewMachine begins to measure; root is for Linux only.
func NewMachine(root string) *Machine {
	m := &Machine{}
	m.was, _ = cpu.Times(true)
	return m
}

// Read is the machine since the last call. Busy is empty where the system does not tell (macOS without cgo).
func (m *Machine) Read() (proc.Machine, error) {
	now, err := cpu.Times(true)
	if err != nil {
		now = nil // gopsutil without cgo on macOS: not implemented
	}
	m.busy = m.busy[:0]
	if len(now) == len(m.was) {
		for i := range now {
			busy, idle := busySeconds(now[i])-busySeconds(m.was[i]), now[i].Idle-m.was[i].Idle
			share := 0.0
			if busy+idle > 0 {
				share = min(max(busy/(busy+idle), 0), 1)
			}
			m.busy = append(m.busy, share)
		}
	}
	m.was = now
	v, err := mem.VirtualMemory()
	if err != nil {
		return proc.Machine{Busy: m.busy}, err
	}
	return proc.Machine{Busy: m.busy, MemoryTotal: v.Total, MemoryUsed: v.Total - min(v.Available, v.Total)}, nil
}

func busySeconds(t cpu.TimesStat) float64 {
	return t.User + t.Nice + t.System + t.Irq + t.Softirq + t.Steal
}

// Close has nothing to do.
func (m *Machine) Close() error { return nil }

// startedAt is the wall clock's time of a start: here that is milliseconds since the epoch.
func startedAt(start uint64) time.Time { return time.UnixMilli(int64(start)) }

// Monotonic is CLOCK_MONOTONIC: the clock of every observation and of flight recorders.
func Monotonic() time.Duration {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) != nil {
		return 0 // cannot happen: the clock always exists
	}
	return time.Duration(ts.Nano())
}

// inspectMore has nothing to add to what gopsutil tells.
func inspectMore(pid int, d *Details) {}

// Hasten does nothing here: priorities are not a thread's own.
func Hasten() {}
