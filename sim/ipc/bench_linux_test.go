package ipc

import (
	"fmt"
	"testing"
)

// BenchmarkChannels measures messages between two processes at full speed: bare (blocking calls, nothing tried, nothing
// recorded, no gates) against recorded (all of it). Compare within one run; the machine's own noise is larger than the
// difference, so take several (-count).
func BenchmarkChannels(b *testing.B) {
	for _, spec := range []Spec{{"pipe", Pipe, 16, 0}, {"queue", Queue, 16, 10}} {
		for _, how := range []string{"bare", "recorded"} {
			b.Run(fmt.Sprint(spec.Kind, "/", how), func(b *testing.B) {
				m := create(b, spec)
				folder := ""
				if how == "recorded" {
					folder = b.TempDir()
				}
				n := fmt.Sprint(b.N)
				reader := begin(b, m, ForRead, "read", n, folder, how)
				writer := begin(b, m, ForWrite, "write", n, folder, how)
				m.Close()
				for _, p := range []*process{reader, writer} {
					if err := p.Wait(); err != nil {
						b.Fatal(err, p.out.String())
					}
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
			})
		}
	}
}
