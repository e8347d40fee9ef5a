//go:build linux

package spawn

import (
	"flag"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
	"vivero/sim"
	"vivero/sim/flight"
	"vivero/sim/ipc"
)

var kills = flag.Int("kills", 16, "how many rounds of random kills TestConservation makes")

// TestConservation: at rest, sent = received + in the channel + lost with a killed process, to the message, through
// random kills of any of the processes at full speed. A process that is killed or stopped between its system call and its
// record leaves one message in doubt: of a writer its number says so (Begun), of a reader only the sum does.
func TestConservation(t *testing.T) {
	c := record(t, Options{})
	lost := 0
	for round := range *kills {
		workload, params := "pipe", sim.Params{"rate": 0, "size": 16 + rand.N(100)}
		if round%2 == 1 {
			workload, params = "queue", sim.Params{"rate": 0, "size": 16, "delay_ms": 0, "vary": 0, "producers": 3, "consumers": 2, "slots": 1 + rand.N(10)}
		}
		processes := c.run(workload, params)
		depth := c.depth(processes)
		eventually(t, "messages flow", func() bool { return c.received(processes) > 0 })
		time.Sleep(rand.N(5 * time.Millisecond)) // so that the kill comes at any point
		c.still(processes)
		c.balanced(processes, depth())
		for _, p := range processes {
			c.kill(p, syscall.SIGCONT)
		}
		time.Sleep(rand.N(5 * time.Millisecond))
		victims := rand.Perm(len(processes))[:1+rand.N(len(processes))]
		for _, i := range victims {
			_ = c.s.Signal(processes[i].Key, syscall.SIGKILL) // a reader may have come to the end of file by itself
			c.ended(processes[i])
		}
		c.still(processes)
		lost += c.balanced(processes, depth())
		for _, p := range processes {
			_ = c.s.Signal(p.Key, syscall.SIGKILL) // those that live
		}
		c.ended(processes...)
	}
	t.Logf("%d rounds; %d messages were lost between a system call and its record", *kills, lost)
}

// depth is a way to ask the kernel how many messages are in the one channel of the processes, even when all have ended.
func (c *recorded) depth(processes []Process) func() int {
	c.t.Helper()
	channel := c.channel()
	if channel.Key.Kind == proc.Queue {
		fd, err := c.s.WatchQueue(channel.Key)
		if err != nil {
			c.t.Fatal(err)
		}
		c.t.Cleanup(func() { unix.Close(fd) })
		return func() int {
			now, err := ipc.State(fd)
			if err != nil {
				c.t.Fatal(err)
			}
			return now.Depth
		}
	}
	handle, err := unix.PidfdOpen(role(processes, "reader").Key.PID, 0)
	if err != nil {
		c.t.Fatal(err)
	}
	defer unix.Close(handle)
	fd, err := unix.PidfdGetfd(handle, ipc.FirstFD, 0)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { unix.Close(fd) })
	return func() int {
		bytes, err := unix.IoctlGetInt(fd, unix.TIOCINQ)
		if err != nil || bytes%channel.Frame != 0 {
			c.t.Fatalf("%d bytes in the pipe, not a multiple of %d: %v", bytes, channel.Frame, err)
		}
		return bytes / channel.Frame
	}
}

// made are the channels that were made and are held.
func (c *recorded) made() []Channel {
	c.s.channels.mu.Lock()
	defer c.s.channels.mu.Unlock()
	var all []Channel
	for _, m := range c.s.channels.made {
		all = append(all, m.Channel)
	}
	return all
}

// channel is the only one there is.
func (c *recorded) channel() Channel {
	c.t.Helper()
	var all []Channel
	eventually(c.t, "there is one channel", func() bool { all = c.made(); return len(all) == 1 })
	return all[0]
}

func (c *recorded) received(processes []Process) (n uint64) {
	for _, p := range processes {
		n += c.entry(p).Received
	}
	return n
}

// still stops those that live.
func (c *recorded) still(processes []Process) {
	c.t.Helper()
	for _, p := range processes {
		if !c.r.ends()[p.Key.PID].Known && c.s.Signal(p.Key, syscall.SIGSTOP) == nil {
			eventually(c.t, "it is stopped or has ended", func() bool { s := stateOf(p.Key.PID); return s == "T" || s == "Z" || s == "" })
		}
	}
}

// balanced checks the sum and returns how many messages were taken out of the channel without a record.
func (c *recorded) balanced(processes []Process, depth int) (lost int) {
	c.t.Helper()
	var sent, begun, received, doubtful int
	for _, p := range processes {
		e := c.entry(p)
		if e.End == flight.Writes {
			sent, begun = sent+int(e.Sent), begun+int(e.Begun)
			if e.Begun != e.Sent && e.Begun != e.Sent+1 {
				c.t.Errorf("%s: begun %d, sent %d", p.Role, e.Begun, e.Sent)
			}
			continue
		}
		received += int(e.Received)
		doubtful++
	}
	if received+depth > begun || received+depth+doubtful < sent {
		c.t.Errorf("sent %d (begun %d), received %d, in the channel %d, readers %d: something is missing or doubled", sent, begun, received, depth, doubtful)
	}
	return max(0, sent-received-depth)
}
