//go:build linux

package spawn

import (
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vivero/sim"
)

// BenchmarkFloods is what a second of a worker that floods costs us, in cores.
func BenchmarkFloods(b *testing.B) {
	for name, o := range map[string]Options{"output": {}, "control": {Env: append(os.Environ(), "HOSTILE=flood")}} {
		b.Run(name, func(b *testing.B) {
			s, _ := start(b, o)
			one(b, s, Spec{Workload: "talker", Params: sim.Params{"how": "flood"}})
			before, begin := spent(b), time.Now()
			for b.Loop() {
				time.Sleep(time.Second)
			}
			b.ReportMetric((spent(b)-before).Seconds()/time.Since(begin).Seconds(), "cores")
		})
	}
}

func spent(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
