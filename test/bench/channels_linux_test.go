package bench

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"vivero/test/client"
)

// BenchmarkChannels watches 20 processes that talk over 10 channels, 200,000 messages a second in all, with one viewer:
// what keeper and server use beyond the workers, in percent of one core (the goal is 15 %), how many messages a second
// there really were, and how large a frame is. Five pipes and five queues, each of two processes; the rates are asked
// for, and what the machine cannot give the metric msgs/s shows.
//
// What the recorder costs the workers, and how they compare with Python:
//
//	go test ./sim/ipc -bench . -benchtime 5x -run xxx
func BenchmarkChannels(b *testing.B) {
	for _, rate := range []int{20_000, 2_000, 20} { // a channel
		b.Run(fmt.Sprintf("%d-a-second", 10*rate), func(b *testing.B) {
			p := client.Boot(b, client.Options{Program: program, Flags: []string{"--empty"}})
			group := []client.Member{}
			for range 5 {
				group = append(group, p.StartGroup("pipe", client.M{"rate": rate, "size": 16})...)
				group = append(group, p.StartGroup("queue", client.M{"rate": rate, "size": 16, "slots": 10, "delay_ms": 0, "vary": 0})...)
			}
			pids := []int{}
			for _, m := range group {
				pids = append(pids, m.PID)
				// The workers want more than two cores for themselves; the server must not wait behind them.
				if err := syscall.Setpriority(syscall.PRIO_PROCESS, m.PID, 19); err != nil {
					b.Fatal(err)
				}
			}
			received := func() (n int64) {
				for _, c := range p.Traffic().Channels {
					if c.Received != nil {
						n += *c.Received
					}
				}
				return n
			}
			client.Eventually(b, "all talk", func() error {
				channels := p.Traffic().Channels
				if len(channels) != 10 {
					return fmt.Errorf("%d channels", len(channels))
				}
				for _, c := range channels {
					if c.Received == nil || *c.Received == 0 {
						return fmt.Errorf("nothing was received: %s", c)
					}
				}
				return nil
			})
			frames, bytes := 0, 0
			f := p.Follow(client.Viewer, func(frame []byte) { frames, bytes = frames+1, bytes+len(frame) })
			f.Await("the first frames", func(m *client.Model) bool { return m.Ticks > 2 })
			for range b.N {
				before, began, work := received(), time.Now(), cpu(b, pids...)
				var frames0, bytes0 int
				f.Look(func(*client.Model) { frames0, bytes0 = frames, bytes })
				server := share(b, span/2, p.Keeper, p.Server)
				passed := time.Since(began)
				b.ReportMetric(server, "%core")
				b.ReportMetric(100*float64(cpu(b, pids...)-work)/float64(passed), "%core-workers")
				b.ReportMetric(float64(received()-before)/passed.Seconds(), "msgs/s")
				f.Look(func(*client.Model) {
					b.ReportMetric(float64(bytes-bytes0)/float64(max(1, frames-frames0)), "B/frame")
					b.ReportMetric(float64(frames-frames0)/passed.Seconds(), "frames/s")
				})
			}
		})
	}
}

// BenchmarkChannelsPause measures from the request to pause until the last byte that two processes at full speed write
// or read, as the kernel counts them (the goal is 50 ms), and until the answer of the API.
func BenchmarkChannelsPause(b *testing.B) {
	p := client.Boot(b, client.Options{Program: program, Flags: []string{"--empty"}})
	group := p.StartGroup("pipe", client.M{"rate": 0, "size": 16})
	moved := func() string { return traffic(b, group[0].PID) + traffic(b, group[1].PID) }
	var held, answered []time.Duration
	for range b.N {
		for range 50 {
			for before := moved(); moved() == before; { // they are at it
			}
			began := time.Now()
			done := make(chan time.Duration, 1)
			go func() {
				last, at := moved(), time.Now()
				for time.Since(at) < 150*time.Millisecond { // at a gate they stir each 50 ms, to see whether they are to end
					if now := moved(); now != last {
						last, at = now, time.Now()
					}
				}
				done <- at.Sub(began)
			}()
			p.Must(200, "POST", "/api/pause", nil, nil)
			answered = append(answered, time.Since(began))
			held = append(held, <-done)
			p.Must(200, "POST", "/api/resume", nil, nil)
		}
	}
	b.ReportMetric(percentile(answered, 99), "ms-answer-p99")
	b.ReportMetric(percentile(held, 50), "ms-held-p50")
	b.ReportMetric(percentile(held, 99), "ms-held-p99")
}

// traffic is what a process has read and written so far: the first two lines of its io file.
func traffic(b *testing.B, pid int) string {
	io, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", pid))
	if err != nil {
		b.Error(err)
		return ""
	}
	lines := strings.SplitN(string(io), "\n", 3)
	return lines[0] + lines[1]
}
