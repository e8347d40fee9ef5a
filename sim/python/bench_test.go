//go:build linux

package python

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkProbe measures what the probe costs of the throughput of short messages, off and on in turn, the best of all
// rounds of each: go test -run - -bench Probe -benchtime 10x ./sim/python. On a busy machine look at the CPU time.
func BenchmarkProbe(b *testing.B) {
	const n = 100_000
	home := install(b)
	every := pythons(b)
	for _, python := range []string{every[0], every[len(every)-1]} {
		for _, kind := range []string{"pipe", "pingpong", "queue", "simple"} {
			b.Run(versionOf(python)+"/"+kind, func(b *testing.B) {
				took := map[string]float64{"": math.Inf(1), home: math.Inf(1)}
				cpu := map[string]time.Duration{"": math.MaxInt64, home: math.MaxInt64}
				for b.Loop() {
					for _, probe := range []string{"", home} {
						e := program{args: []string{"bench.py", kind, fmt.Sprint(n)}}.run(b, python, probe)
						seconds, err := strconv.ParseFloat(strings.TrimSpace(e.stdout), 64)
						if err != nil {
							b.Fatalf("%s: %q %q", e.status, e.stdout, e.stderr)
						}
						took[probe], cpu[probe] = min(took[probe], seconds), min(cpu[probe], e.cpu)
					}
				}
				b.ReportMetric(n/took[""], "messages/s")
				b.ReportMetric(100-100*took[""]/took[home], "%lost")
				b.ReportMetric(100-100*float64(cpu[""])/float64(cpu[home]), "%lost-by-cpu")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}
