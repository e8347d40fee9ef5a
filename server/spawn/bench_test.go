//go:build linux

package spawn

import (
	"slices"
	"syscall"
	"testing"
	"time"
)

// BenchmarkHello is the time from the request to the first thing that a worker says.
func BenchmarkHello(b *testing.B) {
	s, r := start(b, Options{})
	var times []time.Duration
	for b.Loop() {
		begin := time.Now()
		p := one(b, s, Spec{Workload: "idle"})
		r.await(b, "hello", func() bool { return !r.hellos[p.Key.PID].IsZero() })
		times = append(times, r.hellos[p.Key.PID].Sub(begin))
		if err := s.Signal(p.Key, syscall.SIGKILL); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		r.await(b, "the end", func() bool { return r.reaped[p.Key.PID].Known })
		b.StartTimer()
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "ms-median")
}

// BenchmarkHundred is the time for one request that starts 100 workers, until it returns and until all have said hello.
func BenchmarkHundred(b *testing.B) {
	s, r := start(b, Options{})
	specs := make([]Spec, 100)
	for i := range specs {
		specs[i] = Spec{Workload: "idle"}
	}
	var returned time.Duration
	for b.Loop() {
		begin := time.Now()
		all, err := s.Start(b.Context(), specs)
		if err != nil {
			b.Fatal(err)
		}
		returned += time.Since(begin)
		said := func() bool {
			for _, p := range all {
				if r.hellos[p.Key.PID].IsZero() {
					return false
				}
			}
			return true
		}
		r.await(b, "100 hellos", said)
		b.StopTimer()
		for _, p := range all {
			_ = s.Signal(p.Key, syscall.SIGKILL)
		}
		r.await(b, "the ends", func() bool { return r.reaped[all[99].Key.PID].Known })
		b.StartTimer()
	}
	b.ReportMetric(float64(returned.Milliseconds())/float64(b.N), "ms-returned")
}
