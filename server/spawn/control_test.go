//go:build linux

package spawn

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"vivero/server/proc"
	"vivero/server/refusal"
	"vivero/sim"
	"vivero/sim/flight"
)

func (c *recorded) control(p Process, pace time.Duration, paused bool) {
	c.t.Helper()
	if err := c.files[p.Key.PID].Control(pace, paused); err != nil {
		c.t.Fatal(err)
	}
}

func (c *recorded) held(p Process) bool { return c.view(p).Gate.Held != 0 }

func TestPauseStepResumePace(t *testing.T) {
	c := record(t, Options{})
	processes := c.run("pipe", sim.Params{"rate": 0})
	writer, reader := processes[0], processes[1]
	eventually(t, "messages flow", func() bool { return c.entry(reader).Received > 10 })
	asked := time.Now()
	c.control(writer, 0, true)
	eventually(t, "the writer is held", func() bool { return c.held(writer) })
	t.Logf("held %v after it was asked", time.Since(asked))
	if g := c.view(writer).Gate; g.At != flight.Sent || g.Channel != 0 {
		t.Errorf("it stands at %+v, want before sending", g)
	}
	sent := c.entry(writer).Sent
	eventually(t, "the reader has all and waits", func() bool { e := c.entry(reader); return e.Received == sent && e.Reading != 0 })
	for step := uint64(1); step <= 3; step++ {
		if err := c.files[writer.Key.PID].Step(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "one more is received, and the writer is held again", func() bool {
			return c.entry(reader).Received == sent+step && c.held(writer) && c.view(writer).Gate.Taken == step
		})
		if e := c.entry(writer); e.Sent != sent+step {
			t.Errorf("after %d steps %d messages were sent, want %d", step, e.Sent-sent, step)
		}
	}
	const pace = 100 * time.Millisecond
	began, before := time.Now(), c.entry(writer).Sent
	c.control(writer, pace, false)
	eventually(t, "three more in slow motion", func() bool { return c.entry(writer).Sent >= before+3 })
	if took := time.Since(began); took < 2*pace {
		t.Errorf("three messages took %v at a pace of %v", took, pace)
	}
	before = c.entry(writer).Sent
	c.control(writer, 0, false)
	eventually(t, "full speed again", func() bool { return c.entry(writer).Sent > before+1000 && !c.held(writer) })
	c.control(reader, 0, true)
	eventually(t, "the reader is held with a message in its hand", func() bool { return c.held(reader) && c.entry(reader).InHand != 0 })
	eventually(t, "the pipe fills and the writer blocks", func() bool { return c.entry(writer).Writing != 0 })
	for _, p := range processes {
		c.kill(p, syscall.SIGTERM) // a held process ends too
	}
	c.ended(processes...)
	for _, p := range processes {
		if s := c.r.ends()[p.Key.PID]; s.Signal != 0 {
			t.Errorf("%s ended with %+v", p.Role, s)
		}
	}
}

// TestStartedWhilePaused: what starts while all is paused stands at its first gate, and so do its children.
func TestStartedWhilePaused(t *testing.T) {
	c := record(t, Options{Asked: func() flight.Asked { return flight.Asked{Paused: true} }})
	processes := c.run("queue", sim.Params{"rate": 0})
	producer := role(processes, "producer")
	eventually(t, "it is held", func() bool { return c.held(producer) })
	if e := c.entry(producer); e.Sent != 0 || e.Begun != 0 {
		t.Errorf("it has sent: %+v", e)
	}
	computing := c.run("primes", sim.Params{})[0]
	eventually(t, "primes is held", func() bool { return c.held(computing) })
	child := one(t, c.s, Spec{Workload: "primes", Parent: producer.Key.PID})
	c.open(child)
	eventually(t, "a child is held", func() bool { return c.held(child) })
	c.control(computing, 0, false)
	eventually(t, "primes goes on", func() bool { return c.view(computing).Gate.Passed > 3 })
}

// TestRecorderNeverBreaksWork: without its folder a worker works, and says that it is not recorded.
func TestRecorderNeverBreaksWork(t *testing.T) {
	s, r := start(t, Options{FlightDir: "/nowhere/at/all"})
	processes, err := s.Start(t.Context(), []Spec{{Workload: "pipe", Params: sim.Params{"rate": 0, "count": 1000}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range processes {
		r.await(t, "the end", func() bool { return r.reaped[p.Key.PID] == proc.Status{Known: true} })
		if got := r.output(p.Key.PID, "stdout"); !strings.Contains(got, "1000 messages") {
			t.Errorf("%s says %q", p.Role, got)
		}
		if got := r.output(p.Key.PID, "stderr"); !strings.Contains(got, "not recorded") {
			t.Errorf("%s does not say that it is not recorded: %q", p.Role, got)
		}
	}
}

func TestInject(t *testing.T) {
	for workload, params := range map[string]sim.Params{
		"pipe":  {"rate": 1, "delay_ms": 0, "size": 32},
		"queue": {"rate": 1, "delay_ms": 0, "size": 32, "vary": 0},
	} {
		t.Run(workload, func(t *testing.T) {
			var gone []proc.ChannelKey
			var made []Channel
			c := record(t, Options{OnChannel: func(m Channel) { made = append(made, m) }, OnChannelGone: func(k proc.ChannelKey) { gone = append(gone, k) }})
			processes := c.run(workload, params)
			writer, reader := processes[0], processes[1]
			channel := c.channel()
			if len(made) != 1 || made[0] != channel || channel.Size != 32 || channel.Workload != workload {
				t.Errorf("told of %+v, there is %+v", made, channel)
			}
			const text = "Hola <b>clase</b>"
			n, err := c.s.Inject(writer.Key.PID, channel.Key, text)
			if err != nil || n != (Injected{1, uint64(len(text))}) {
				t.Fatalf("injected %+v: %v", n, err)
			}
			var events []flight.Event
			eventually(t, "the reader has it", func() bool {
				events = append(events, c.view(reader).Events...)
				for _, e := range events {
					if e.Kind == flight.Received && int(e.Sender) == os.Getpid() {
						return e.Number == 1 && strings.HasPrefix(text, string(e.Preview[:])) && int(e.Size) == len(text)
					}
				}
				return false
			})
			for _, bad := range []struct {
				what   string
				holder int
				key    proc.ChannelKey
				text   string
				status int
			}{
				{"too long", writer.Key.PID, channel.Key, strings.Repeat("x", 33), 400},
				{"empty", writer.Key.PID, channel.Key, "", 400},
				{"the reader is no writer", reader.Key.PID, channel.Key, "x", 409},
				{"no holder", os.Getpid(), channel.Key, "x", 409},
				{"no such channel", writer.Key.PID, proc.ChannelKey{Kind: proc.Pipe, Device: 1, Inode: 2}, "x", 409},
			} {
				if _, err := c.s.Inject(bad.holder, bad.key, bad.text); refusal.Status(err) != bad.status {
					t.Errorf("%s: %v, want %d", bad.what, err, bad.status)
				}
			}
			stopped(t, c.s, reader.Key)
			full := ""
			var want Injected // the last one, which was refused, tells what went in before it
			eventually(t, "it is full", func() bool {
				var err error
				want, err = c.s.Inject(writer.Key.PID, channel.Key, strings.Repeat("ñ", 16))
				if refusal.Status(err) == 409 {
					full = err.Error()
				} else if err != nil {
					t.Fatal(err)
				}
				return full != ""
			})
			if !strings.Contains(full, "full") && !strings.Contains(full, "taken") {
				t.Errorf("it says %q", full)
			}
			c.kill(reader, syscall.SIGCONT)
			// Whoever reads has read all of the writer's and all of the server's.
			eventually(t, "all that was put in was received", func() bool {
				w, r := c.entry(writer), c.entry(reader)
				return r.Received == w.Sent+want.Messages && r.RecvBytes == w.SentBytes+want.Bytes
			})
			for _, p := range processes {
				c.kill(p, syscall.SIGKILL)
			}
			c.ended(processes...)
			eventually(t, "it has gone", func() bool { return len(c.made()) == 0 })
			if _, err := c.s.Inject(writer.Key.PID, channel.Key, text); refusal.Status(err) != 409 {
				t.Errorf("into a channel that has gone: %v", err)
			}
			c.s.Close()
			if len(gone) != 1 || gone[0] != channel.Key {
				t.Errorf("told that %v have gone", gone)
			}
		})
	}
}

// TestScatterIsRight: the parts add up, also when a worker is killed while it has a piece.
func TestScatterIsRight(t *testing.T) {
	for _, kill := range []bool{false, true} {
		t.Run(fmt.Sprint("kill ", kill), func(t *testing.T) {
			c := record(t, Options{})
			processes := c.run("scatter", sim.Params{"workers": 3, "n": 10_000_000, "pieces": 30})
			if kill {
				victim := processes[2]
				eventually(t, "it has a piece", func() bool { return c.entry(victim).InHand != 0 })
				c.kill(victim, syscall.SIGKILL)
			}
			parent := role(processes, "parent")
			c.ended(processes...)
			if got := c.r.output(parent.Key.PID, "stdout"); got != "primes up to 10000000: 664579\n" {
				t.Errorf("it says %q", got)
			}
			if got := c.r.output(parent.Key.PID, "stderr"); strings.Contains(got, "goes to another") != kill {
				t.Errorf("about a worker that has gone: %q", got)
			}
			for _, p := range processes {
				if s := c.r.ends()[p.Key.PID]; s.Code != 0 {
					t.Errorf("%s ended with %+v: %s", p.Role, s, c.r.output(p.Key.PID, "stderr"))
				}
			}
		})
	}
}

// TestImageIsTheWhole: in pieces by several, it is byte for byte what one makes of the whole.
func TestImageIsTheWhole(t *testing.T) {
	c := record(t, Options{})
	sum := func(params sim.Params) string {
		params["width"], params["passes"], params["filter"] = 150, 3, "sharpen"
		processes := c.run("image", params)
		c.ended(processes...)
		parent := role(processes, "parent")
		_, sum, found := strings.Cut(c.r.output(parent.Key.PID, "stdout"), "sha256 ")
		if !found {
			t.Fatalf("%q, %q", c.r.output(parent.Key.PID, "stdout"), c.r.output(parent.Key.PID, "stderr"))
		}
		return sum
	}
	whole, pieces := sum(sim.Params{"workers": 1, "pieces": 1}), sum(sim.Params{"workers": 3, "pieces": 13})
	if whole != pieces {
		t.Errorf("the whole is %s, the pieces make %s", whole, pieces)
	}
}
