package bench

import (
	"net/http"
	"os/exec"
	"testing"
	"time"

	"vivero/test/client"
)

// BenchmarkPrompt measures from the request to the frame that tells of the new process, and from kill(2) to the frame
// that tells of its end: both are more than what is promised (from fork, from death; p99 ≤ 50 ms).
func BenchmarkPrompt(b *testing.B) {
	p := client.Boot(b, client.Options{Program: program, Flags: []string{"--empty"}})
	s := watch(b, p)
	defer s.Close()
	var births, deaths []time.Duration
	await := func(kind string, pid int, since time.Time) time.Duration {
		awaitEvent(b, s, kind, pid)
		return time.Since(since)
	}
	for range b.N {
		for range 200 {
			began := time.Now()
			one := p.Start("idle", nil, 0, 1)[0]
			births = append(births, await("spawned", one.PID, began))
			began = time.Now()
			p.Signal(one.ID, "KILL", false)
			deaths = append(deaths, await("exited", one.PID, began))
		}
	}
	b.ReportMetric(percentile(births, 50), "ms-birth-p50")
	b.ReportMetric(percentile(births, 99), "ms-birth-p99")
	b.ReportMetric(percentile(deaths, 50), "ms-death-p50")
	b.ReportMetric(percentile(deaths, 99), "ms-death-p99")
}

// BenchmarkStart measures from the request to a worker that has done its work and ended (crash with no delay), which is
// more than its first work (goal: 10 ms, median), and 100 workers by one request (goal: 1 s).
func BenchmarkStart(b *testing.B) {
	p := client.Boot(b, client.Options{Program: program, Flags: []string{"--empty", "--rate", "1"}})
	s := watch(b, p)
	defer s.Close()
	var one, hundred []time.Duration
	for range b.N {
		for range 50 {
			began := time.Now()
			pid := p.Start("crash", client.M{"how": "exit", "delay_ms": 0}, 0, 1)[0].PID
			awaitEvent(b, s, "exited", pid)
			one = append(one, time.Since(began))
		}
		began := time.Now()
		p.Start("idle", nil, 0, 100)
		hundred = append(hundred, time.Since(began))
	}
	b.ReportMetric(percentile(one, 50), "ms-worker-p50")
	b.ReportMetric(percentile(hundred, 50), "ms-100-workers")
}

// BenchmarkPage measures from the start of the program to its page served (goal: 300 ms).
func BenchmarkPage(b *testing.B) {
	if err := exec.Command(program, "version").Run(); err != nil { // the file is in memory now
		b.Fatal(err)
	}
	var served []time.Duration
	for range b.N {
		began := time.Now()
		p := client.Boot(b, client.Options{Program: program, Flags: []string{"--empty"}})
		answer, err := http.Get(p.URL + "/")
		if err != nil || answer.StatusCode != http.StatusOK {
			b.Fatal(err, answer)
		}
		answer.Body.Close()
		served = append(served, time.Since(began))
		p.Stop()
	}
	b.ReportMetric(percentile(served, 50), "ms")
}

// awaitEvent reads frames until one tells that kind happened to pid.
func awaitEvent(b *testing.B, s *client.Stream, kind string, pid int) {
	b.Helper()
	for {
		_, messages, err := s.Next()
		if err != nil {
			b.Fatal(err)
		}
		for _, m := range messages {
			if m.Event != nil && m.Event.Kind == kind && m.Event.PID == pid {
				return
			}
		}
	}
}

// watch is a viewer that has its snapshot: what happens from now on comes as events.
func watch(b *testing.B, p *client.Program) *client.Stream {
	b.Helper()
	s := p.Watch(client.Viewer)
	if _, _, err := s.Next(); err != nil {
		b.Fatal(err)
	}
	return s
}
