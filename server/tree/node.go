package tree

import (
	"cmp"
	"math"
	"time"

	"vivero/server/proc"
)

// second is the span over which CPU and waiting are averaged: long enough to be calm, short enough to be live.
const second = time.Second

// node is a process in the tree, and what is needed to tell its next row.
type node struct {
	Process
	cpu, wait time.Duration // since its start, as last read; wait is -1 when unknown
	points    []point       // the last second, oldest first, while it is warm
	born      time.Duration // when the tree first knew it
	firstRead time.Duration // when a sample of it was first read
	seen      bool          // some sample of it was read

	waiting proc.Waiting
	gate    proc.Gate

	fixed     bool   // its name is ours to give
	called    string // what its program calls it: this is its label then
	claimed   bool   // Started told of it
	status    proc.Status
	finalCPU  time.Duration // at its end, where the kernel told it
	finalRSS  uint64
	finalPPID int           // its parent at its end, where the kernel told it
	peak      uint64        // the largest RSS seen
	vanished  time.Duration // when it was found gone, while it is in Tree.vanished

	dirty     dirtiness
	announced bool // a delta or snapshot has carried it
}

// point is how much a process had run and waited at one moment.
type point struct{ at, cpu, wait time.Duration }

// dirtiness says how much of a row the next delta has to carry.
type dirtiness uint8

const (
	clean dirtiness = iota
	values
	row
)

func (n *node) ours() bool { return n.Workload != "" || n.ID == Root }

// see copies a sample into the row; the shares of the last second follow with the next tick.
func (n *node) see(s proc.Sample, at time.Duration) {
	n.Key = s.Key
	n.State = string(rune(s.State))
	n.RSS, n.Threads, n.Core = s.RSS, s.Threads, s.Core
	n.peak = max(n.peak, s.RSS)
	n.Started = s.Started.UnixMilli()
	if !n.fixed {
		n.Name, n.Label = s.Name, cmp.Or(n.called, s.Label)
	}
	if !n.seen {
		n.seen, n.firstRead = true, at
	}
	n.cpu, n.wait = s.CPU, s.Wait
}

// ranSince is true when the sample shows that the process ran or waited for a core since it was last read.
func (n *node) ranSince(s proc.Sample) bool {
	return n.seen && (s.CPU != n.cpu || s.Wait != n.wait)
}

// warm begins its last second: until lastTick, or until it was first read, it stood where it stands now.
func (n *node) warm(lastTick time.Duration) {
	n.points = append(n.points[:0], point{max(lastTick, n.firstRead), n.cpu, n.wait})
}

// advance computes the shares of the second that ends now.
func (n *node) advance(now time.Duration) {
	n.points = append(n.points, point{now, n.cpu, n.wait})
	drop := 0
	for drop+1 < len(n.points)-1 && n.points[drop+1].at <= now-second {
		drop++
	}
	if drop > 0 {
		n.points = n.points[:copy(n.points, n.points[drop:])]
	}
	from := n.points[0]
	// A process that stood still before its first point had the same value a second ago.
	elapsed := max(now-from.at, min(second, now-n.born))
	if elapsed <= 0 {
		return
	}
	n.CPU = thousandths(float64(n.cpu-from.cpu) / float64(elapsed))
	n.advanceTick()
	if n.wait < 0 || from.wait < 0 {
		n.Wait = nil
		return
	}
	n.Wait = share(n.Wait, n.wait-from.wait, elapsed)
}

// advanceTick computes the shares of the tick that ends now, for the timeline.
func (n *node) advanceTick() {
	ready := n.Ready
	n.Ran, n.Ready = 0, nil
	if len(n.points) < 2 {
		return
	}
	from, to := n.points[len(n.points)-2], n.points[len(n.points)-1]
	if to.at <= from.at {
		return
	}
	n.Ran = thousandths(float64(to.cpu-from.cpu) / float64(to.at-from.at))
	if to.wait >= 0 && from.wait >= 0 {
		n.Ready = share(ready, to.wait-from.wait, to.at-from.at)
	}
}

// share is what part of the span some time was, 0..1: before itself where that says the same, else a new one, for rows that
// were told still hold the old one.
func share(before *float64, part, span time.Duration) *float64 {
	now := thousandths(min(1, max(0, float64(part)/float64(span))))
	if before != nil && *before == now {
		return before
	}
	return &now
}

// cold is true when nothing moved in the last second: the process need not be looked at until it runs again.
func (n *node) cold() bool {
	first := n.points[0]
	return first.cpu == n.cpu && first.wait == n.wait && n.CPU == 0 && n.Ran == 0
}

// thousandths rounds, so that noise below a thousandth of a core sends no bytes.
func thousandths(v float64) float64 { return math.Round(v*1000) / 1000 }

func equal(a, b []float64) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
