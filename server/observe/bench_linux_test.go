package observe

import (
	"os"
	"os/exec"
	"runtime"
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

// BenchmarkTraffic1000 is the same tick with channels watched: the difference is what they cost when nothing happens.
func BenchmarkTraffic1000(b *testing.B) {
	thousand(b)
	for _, with := range []bool{false, true, false, true} {
		b.Run(map[bool]string{false: "without", true: "with"}[with], func(b *testing.B) {
			r, err := Procfs("/proc", os.Getpid())
			if err != nil {
				b.Fatal(err)
			}
			defer r.Close()
			traffic, err := NewTraffic(TrafficOptions{Root: os.Getpid(), FlightDir: b.TempDir()})
			if err != nil {
				b.Fatal(err)
			}
			defer traffic.Close()
			var spent time.Duration
			tick := func() {
				o, err := r.Observe()
				if err != nil {
					b.Fatal(err)
				}
				if with {
					began := threadUsed()
					traffic.Observe(o)
					spent += threadUsed() - began
				}
			}
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			for range 20 {
				tick()
			}
			b.ReportAllocs()
			spent = 0
			before := cpuUsed()
			for b.Loop() {
				tick()
			}
			b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N)/1000, "µs-traffic")
			b.ReportMetric((cpuUsed()-before).Seconds()/float64(b.N)*10*100, "%core@10Hz")
		})
	}
}

// BenchmarkTrafficBusy is one tick over 20 processes with recorders that talk through 10 pipes as fast as they can,
// measured without the reader's own part. Ten ticks a second.
func BenchmarkTrafficBusy(b *testing.B) {
	dir := b.TempDir()
	for range 10 {
		r, w := pair(b)
		one, two := cast(b, dir, w), cast(b, dir, r)
		r.Close()
		w.Close()
		one.give("open pipe", "send 1000000000")
		two.give("open pipe", "receive 1000000000")
	}
	w := watchTraffic(b, dir)
	w.until("all have told", func() bool { return len(w.counts) == 20 && len(w.now.Channels) == 10 })
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	b.ReportAllocs()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var spent, longest time.Duration
	messages, waits := 0, 0
	for b.Loop() {
		<-tick.C // as the server does
		o, err := w.Observe()
		if err != nil {
			b.Fatal(err)
		}
		before, began := threadUsed(), time.Now()
		got := w.traffic.Observe(o)
		longest = max(longest, time.Since(began))
		spent += threadUsed() - before
		messages += len(got.Messages)
		waits += len(got.Waiting)
	}
	b.ReportMetric(float64(spent.Microseconds())/float64(b.N), "µs-cpu/tick")
	b.ReportMetric(float64(longest.Microseconds()), "µs-longest")
	b.ReportMetric(float64(messages)/float64(b.N), "messages/tick")
	b.ReportMetric(float64(waits)/float64(b.N), "waits/tick")
}

// threadUsed is the CPU time of this thread.
func threadUsed() time.Duration {
	t, _ := clock(unix.CLOCK_THREAD_CPUTIME_ID)
	return t
}

func cpuUsed() time.Duration {
	var r unix.Rusage
	unix.Getrusage(unix.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
