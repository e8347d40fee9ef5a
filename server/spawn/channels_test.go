//go:build linux

package spawn

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
	"vivero/server/refusal"
	"vivero/sim"
	"vivero/sim/flight"
	"vivero/sim/ipc"
)

// recorded are the flight recorders of the processes of one test.
type recorded struct {
	t     *testing.T
	s     *Spawner
	r     *recorder
	dir   string
	files map[int]*flight.File // by pid
}

func record(t *testing.T, o Options) *recorded {
	t.Helper()
	o.FlightDir = t.TempDir()
	s, r := start(t, o)
	return &recorded{t, s, r, o.FlightDir, map[int]*flight.File{}}
}

// run starts a workload and waits until each of its processes has its recorder.
func (c *recorded) run(workload string, params sim.Params) []Process {
	c.t.Helper()
	processes, err := c.s.Start(c.t.Context(), []Spec{{Workload: workload, Params: params}})
	if err != nil {
		c.t.Fatal(err)
	}
	for _, p := range processes {
		c.open(p)
	}
	return processes
}

func (c *recorded) open(p Process) {
	c.t.Helper()
	eventually(c.t, fmt.Sprintf("the recorder of %s", p.Role), func() bool {
		f, err := flight.Open(filepath.Join(c.dir, fmt.Sprintf("%d-0", p.Key.PID)))
		if err == nil {
			c.files[p.Key.PID] = f
			c.t.Cleanup(func() { f.Close() })
		}
		return err == nil
	})
}

func (c *recorded) view(p Process) flight.View {
	c.t.Helper()
	var v flight.View
	if err := c.files[p.Key.PID].Read(&v, false); err != nil {
		c.t.Fatal(err)
	}
	return v
}

// entry is what p has done with its first channel.
func (c *recorded) entry(p Process) flight.Entry {
	c.t.Helper()
	v := c.view(p)
	if len(v.Entries) == 0 {
		return flight.Entry{}
	}
	return v.Entries[0]
}

func (c *recorded) kill(p Process, sig syscall.Signal) {
	c.t.Helper()
	if err := c.s.Signal(p.Key, sig); err != nil {
		c.t.Fatal(err)
	}
}

func (c *recorded) ended(processes ...Process) {
	c.t.Helper()
	for _, p := range processes {
		c.r.await(c.t, fmt.Sprintf("the end of %s %s", p.Workload, p.Role), func() bool { return c.r.reaped[p.Key.PID].Known })
	}
}

func role(processes []Process, role string) Process {
	return processes[slices.IndexFunc(processes, func(p Process) bool { return p.Role == role })]
}

// TestPipeIsExact: what the recorders count is what the processes count themselves, to the last message.
func TestPipeIsExact(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 20_000
	}
	for _, workload := range []string{"pipe", "queue"} {
		t.Run(workload, func(t *testing.T) {
			c := record(t, Options{})
			processes := c.run(workload, sim.Params{"rate": 0, "delay_ms": 0, "size": 16, "count": n})
			writer, reader := processes[0], processes[1]
			c.ended(writer)
			if workload == "queue" { // it has no end of file
				eventually(t, "all are received", func() bool { return c.entry(reader).Received == uint64(n) })
				c.kill(reader, syscall.SIGTERM)
			}
			c.ended(reader)
			for p, want := range map[Process]string{writer: "sent", reader: "received"} {
				want = fmt.Sprintf("%s %d messages, %d bytes\n", want, n, 16*n)
				if got := c.r.output(p.Key.PID, "stdout"); got != want {
					t.Errorf("%s says %q, want %q", p.Role, got, want)
				}
			}
			sent, received := c.entry(writer), c.entry(reader)
			if sent.Sent != uint64(n) || sent.SentBytes != uint64(16*n) || sent.Begun != uint64(n) {
				t.Errorf("the writer's recorder says %+v", sent)
			}
			if received.Received != uint64(n) || received.RecvBytes != uint64(16*n) || received.Last != uint64(n) || received.InHand != 0 {
				t.Errorf("the reader's recorder says %+v", received)
			}
			if sent.Inode != received.Inode || sent.Device != received.Device || sent.Inode == 0 {
				t.Errorf("they do not name the same channel: %+v, %+v", sent, received)
			}
			if v := c.view(writer); v.Unrecorded == 0 && n > 100_000 {
				t.Error("nothing was left out of a ring at full speed")
			}
		})
	}
}

// TestEndsAreSaid: who loses the other side says so, in words, in the recorder and by how it ends.
func TestEndsAreSaid(t *testing.T) {
	for _, test := range []struct {
		killed, left, says string
		code               int
	}{
		{"reader", "writer", "pipe: messages: the reader has gone: EPIPE\n", 1},
		{"writer", "reader", "messages: the writer has gone: end of file\n", 0},
	} {
		t.Run(test.killed, func(t *testing.T) {
			c := record(t, Options{})
			processes := c.run("pipe", sim.Params{"rate": 100})
			eventually(t, "messages flow", func() bool { return c.entry(role(processes, "reader")).Received > 3 })
			c.kill(role(processes, test.killed), syscall.SIGKILL)
			left := role(processes, test.left)
			c.ended(left)
			if got := c.r.ends()[left.Key.PID]; got != (proc.Status{Known: true, Code: test.code}) {
				t.Errorf("it ended with %+v, want status %d", got, test.code)
			}
			if got := c.r.output(left.Key.PID, "stderr"); got != test.says {
				t.Errorf("it said %q, want %q", got, test.says)
			}
			if e := c.entry(left); e.Broken != (test.left == "writer") || e.EndRead != (test.left == "reader") {
				t.Errorf("its recorder says %+v", e)
			}
		})
	}
}

// TestStopIsCleanWhereverItWaits: SIGTERM ends each process with status 0 in the middle of a blocked system call, which is
// the plain one that the kernel can name.
func TestStopIsCleanWhereverItWaits(t *testing.T) {
	for _, test := range []struct {
		workload, role string
		params         sim.Params
		call           string // its number, and the descriptor
	}{
		{"pipe", "writer", sim.Params{"rate": 0, "delay_ms": 60_000}, fmt.Sprintf("%d 0x4", unix.SYS_WRITE)},
		{"pipe", "reader", sim.Params{"rate": 1, "count": 1}, ""}, // ended by the end of file
		{"queue", "producer", sim.Params{"rate": 0, "delay_ms": 60_000, "vary": 0}, fmt.Sprintf("%d 0x4", unix.SYS_MQ_TIMEDSEND)},
		{"queue", "consumer", sim.Params{"rate": 1, "count": 1, "delay_ms": 0}, fmt.Sprintf("%d 0x4", unix.SYS_MQ_TIMEDRECEIVE)},
		{"pingpong", "pong", sim.Params{"delay_ms": 60_000}, ""},
	} {
		t.Run(test.workload+" "+test.role, func(t *testing.T) {
			c := record(t, Options{})
			processes := c.run(test.workload, test.params)
			p := role(processes, test.role)
			if test.call != "" {
				eventually(t, "it blocks in "+test.call, func() bool {
					b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/syscall", p.Key.PID))
					e := c.entry(p)
					return strings.HasPrefix(string(b), test.call) && (e.Writing != 0 || e.Reading != 0)
				})
				asked := time.Now()
				c.kill(p, syscall.SIGTERM)
				c.ended(p)
				t.Logf("it ended %v after SIGTERM", time.Since(asked))
			}
			for _, p := range processes {
				_ = c.s.Signal(p.Key, syscall.SIGTERM)
			}
			c.ended(processes...)
			for _, p := range processes {
				if got := c.r.ends()[p.Key.PID]; got.Signal != 0 || got.Code != 0 {
					t.Errorf("%s ended with %+v: %s", p.Role, got, c.r.output(p.Key.PID, "stderr"))
				}
			}
		})
	}
}

// TestQueueHasNoName: whoever is killed, and however, no queue can stay behind.
func TestQueueHasNoName(t *testing.T) {
	c := record(t, Options{})
	for _, p := range c.run("queue", sim.Params{"producers": 2, "consumers": 2}) {
		link, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", p.Key.PID, ipc.FirstFD))
		if err != nil || !strings.HasSuffix(link, " (deleted)") {
			t.Errorf("%s holds %q (%v), want a deleted name", p.Role, link, err)
		}
	}
}

// TestDescriptorsAreWhatTheyNeed: each process has its own ends and nothing of the others'; nothing has a name; its children
// inherit neither.
func TestDescriptorsAreWhatTheyNeed(t *testing.T) {
	c := record(t, Options{})
	processes := c.run("pipeline", sim.Params{"stages": 2})
	if got := []string{processes[0].Role, processes[1].Role, processes[2].Role, processes[3].Role}; !slices.Equal(got, []string{"source", "stage 1", "stage 2", "sink"}) {
		t.Fatalf("roles %q", got)
	}
	holders := map[string][]string{}
	for _, p := range processes {
		for fd := ipc.FirstFD; fd < 12; fd++ {
			if link, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", p.Key.PID, fd)); err == nil && strings.HasPrefix(link, "pipe:") && !slices.Contains(holders[link], p.Role) {
				holders[link] = append(holders[link], p.Role)
			}
		}
	}
	if len(holders) != 3 {
		t.Errorf("they hold %v, want 3 pipes", holders)
	}
	for link, roles := range holders {
		if len(roles) != 2 {
			t.Errorf("%s is held by %v, want two", link, roles)
		}
		if slices.Contains(descriptors(t), link) {
			t.Errorf("the server holds %s: it would hide the end of file", link)
		}
	}
	child := one(t, c.s, Spec{Workload: "idle", Parent: processes[1].Key.PID})
	c.open(child) // it records too
	links, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", child.Key.PID))
	for _, l := range links {
		if link, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", child.Key.PID, l.Name())); holders[link] != nil {
			t.Errorf("a child holds %s of its parent", link)
		}
	}
	if _, err := c.s.Start(t.Context(), []Spec{{Workload: "pipeline", Parent: processes[1].Key.PID}}); refusal.Status(err) != 409 {
		t.Errorf("under a worker: %v, want a 409", err)
	}
	if n := len(c.made()); n != 3 {
		t.Errorf("%d channels, want 3", n)
	}
	for _, p := range processes {
		c.kill(p, syscall.SIGKILL)
	}
	c.ended(processes...)
	eventually(t, "the channels are forgotten", func() bool { return len(c.made()) == 0 })
}
