package observe

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// thousand starts 1,000 idle children.
func thousand(b *testing.B) {
	b.Helper()
	all := make([]*exec.Cmd, 1000)
	for i := range all {
		all[i] = start(b, "sleep", "600")
	}
	until(b, "all sleep", func() bool {
		for _, c := range all {
			if s, err := statOf("/proc", c.Process.Pid); err != nil || string(s.comm) != "sleep" || s.state != 'S' {
				return false
			}
		}
		return true
	})
}

// BenchmarkObserve1000 is one tick over 1,000 idle processes. 'core@10Hz' is the share of a core that ten ticks a second
// take. gopsutil's ticks are cut off after 60 ms: 'read/tick' says how many processes one of them really read.
func BenchmarkObserve1000(b *testing.B) {
	thousand(b)
	for _, reader := range []struct {
		name string
		open func() (Reader, error)
	}{
		{"procfs", func() (Reader, error) { return Procfs("/proc", os.Getpid()) }},
		{"gopsutil", func() (Reader, error) { return Gopsutil(os.Getpid()) }},
	} {
		b.Run(reader.name, func(b *testing.B) {
			r, err := reader.open()
			if err != nil {
				b.Fatal(err)
			}
			defer r.Close()
			for range 3 { // discover, and read all once
				r.Observe()
			}
			read := 0
			b.ReportAllocs()
			before := cpuUsed()
			for b.Loop() {
				o, err := r.Observe()
				if err != nil {
					b.Fatal(err)
				}
				read += len(o.Samples)
			}
			b.ReportMetric((cpuUsed()-before).Seconds()/float64(b.N)*10*100, "%core@10Hz")
			b.ReportMetric(float64(read)/float64(b.N), "read/tick")
		})
	}
}

func cpuUsed() time.Duration {
	var r unix.Rusage
	unix.Getrusage(unix.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
