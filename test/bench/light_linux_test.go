package bench

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"vivero/test/client"
)

const span = 10 * time.Second

// idle is how many processes do nothing while they are watched; as in shared/bench/peers.sh.
const idle = 1000

// BenchmarkIdle1000 watches a thousand idle processes at 10 Hz with one viewer: keeper and server together, in percent
// of one core. The goal is 5 %.
func BenchmarkIdle1000(b *testing.B) {
	p := client.Boot(b, client.Options{Program: program, Flags: []string{"--empty", "--max-processes", "1100"}})
	f := p.Follow(client.Viewer, nil)
	defer f.Close()
	p.Start("idle", nil, 0, idle)
	f.Await("a thousand processes", func(m *client.Model) bool { return len(m.Live) == idle+1 })
	share(b, span, p.Keeper, p.Server) // they start, as the peers do
	for range b.N {
		b.ReportMetric(share(b, span, p.Keeper, p.Server), "%core")
	}
}

// BenchmarkIdle1000Peers measures what a user would take instead, under the same load: needs tmux, and top, htop or btop.
func BenchmarkIdle1000Peers(b *testing.B) {
	if _, err := exec.LookPath("tmux"); err != nil {
		b.Skip("needs tmux")
	}
	sleepers := make([]*exec.Cmd, idle)
	for i := range sleepers {
		sleepers[i] = exec.Command("sleep", "3600")
		sleepers[i].SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := sleepers[i].Start(); err != nil {
			b.Fatal(err)
		}
	}
	defer func() {
		for _, s := range sleepers {
			s.Process.Kill()
			s.Wait()
		}
	}()
	for _, viewer := range []struct {
		name string
		argv []string
	}{
		{"top-10Hz", []string{"top", "-d", "0.1"}},
		{"htop-10Hz", []string{"htop", "-d", "1", "-t"}},
		{"htop-1Hz", []string{"htop", "-d", "10", "-t"}},
		{"btop-0.5Hz", []string{"btop"}},
	} {
		if _, err := exec.LookPath(viewer.argv[0]); err != nil {
			b.Logf("%s is not installed", viewer.argv[0])
			continue
		}
		b.Run(viewer.name, func(b *testing.B) {
			tmux := func(args ...string) string {
				cmd := exec.Command("tmux", append([]string{"-L", "vivero-bench"}, args...)...)
				cmd.Env = append(cmd.Environ(), "TERM=xterm-256color", "LANG=C.UTF-8")
				out, err := cmd.Output()
				if err != nil {
					b.Fatal(err)
				}
				return strings.TrimSpace(string(out))
			}
			tmux(append([]string{"new-session", "-d", "-s", "s", "-x", "200", "-y", "60"}, viewer.argv...)...)
			defer tmux("kill-server")
			pid, err := strconv.Atoi(tmux("list-panes", "-F", "#{pane_pid}"))
			if err != nil {
				b.Fatal(err)
			}
			share(b, 3*time.Second, pid) // it starts
			for range b.N {
				b.ReportMetric(share(b, span, pid), "%core")
			}
		})
	}
}

// BenchmarkBusy200 watches 200 processes that want all cores for themselves (workers are nice 19): how far apart the
// frames come, at 10 Hz.
func BenchmarkBusy200(b *testing.B) {
	p := client.Boot(b, client.Options{Program: program, Flags: []string{"--empty"}})
	p.Start("primes", nil, 0, 200)
	var gaps []time.Duration
	s := p.Watch(client.Viewer)
	defer s.Close()
	for range b.N {
		for begun := time.Now().Add(3 * time.Second); time.Now().Before(begun); { // they start
			if _, _, err := s.Next(); err != nil {
				b.Fatal(err)
			}
		}
		last := time.Now()
		for deadline := last.Add(span); last.Before(deadline); {
			if _, _, err := s.Next(); err != nil {
				b.Fatal(err)
			}
			now := time.Now()
			gaps = append(gaps, now.Sub(last))
			last = now
		}
		b.ReportMetric(percentile(gaps, 50), "ms-p50")
		b.ReportMetric(percentile(gaps, 99), "ms-p99")
	}
}
