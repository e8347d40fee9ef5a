//go:build !linux

package observe

import (
	"errors"
	"runtime"
	"time"

	"vivero/server/proc"
	"vivero/sim/flight"
)

// Traffic exists on Linux only.
type Traffic struct{}

// NewTraffic says so; the Traffic is one that sees nothing.
func NewTraffic(o TrafficOptions) (*Traffic, error) {
	return &Traffic{}, errors.New("messages on pipes and queues need Linux, this is " + runtime.GOOS + ": processes are shown without them")
}

// Observe sees nothing.
func (*Traffic) Observe(o proc.Observation) proc.Traffic { return proc.Traffic{At: o.At} }

// Look has no effect.
func (*Traffic) Look(s proc.Sample) {}

// Happened has no effect.
func (*Traffic) Happened(e proc.Event) {}

// AddChannel has no effect.
func (*Traffic) AddChannel(key proc.ChannelKey, name string, frame, slots, watch int) {}

// RemoveChannel has no effect.
func (*Traffic) RemoveChannel(key proc.ChannelKey) {}

// Touch has no effect.
func (*Traffic) Touch(key proc.ChannelKey) {}

// Pace has no effect.
func (*Traffic) Pace(d time.Duration) {}

// Pause has no effect.
func (*Traffic) Pause() {}

// Resume has no effect.
func (*Traffic) Resume() {}

// Step has no effect.
func (*Traffic) Step(pid int) {}

// Asked is nothing.
func (*Traffic) Asked() flight.Asked { return flight.Asked{} }

// Gated is empty.
func (*Traffic) Gated() []int { return nil }

// Close has nothing to do.
func (*Traffic) Close() error { return nil }
