package stream

import (
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vivero/server/tree"
)

func BenchmarkPublishTo200(b *testing.B) {
	s := start(b, Limits{})
	var got atomic.Int64
	var all sync.WaitGroup
	for range 200 {
		c := s.join("v")
		c.until(b, "snapshot")
		all.Add(1)
		go func() {
			defer all.Done()
			_ = c.ws.SetReadDeadline(time.Time{})
			for {
				if _, r, err := c.ws.NextReader(); err != nil {
					return
				} else if _, err := io.Copy(io.Discard, r); err != nil {
					return
				}
				got.Add(1)
			}
		}()
	}
	d := tree.Delta{At: 1767225602300}
	for i := range 300 {
		p := primes
		p.ID = i + 2
		d.Values = append(d.Values, p)
	}
	b.ReportAllocs()
	got.Store(0)
	n := int64(0)
	for b.Loop() {
		s.publish(d)
		for n += 200; got.Load() < n-200*8; { // a few ticks ahead, as with a real socket; never so many that a backlog drops
			time.Sleep(100 * time.Microsecond)
		}
	}
	b.StopTimer()
	s.hub.Close()
	all.Wait()
}
