package tree

import (
	"testing"
	"time"

	"vivero/server/proc"
)

var pipe = proc.ChannelKey{Kind: proc.Pipe, Device: 1, Inode: 77}

// talk is a tree of a writer (pid 11) and a reader (pid 12), and a function that makes one tick of traffic.
func talk(t *testing.T) (*Tree, func(c proc.Channel, counts ...proc.Counts) Channel) {
	tr := newTree()
	tr.Happened(forked(11, 10, "writer"), 1)
	tr.Happened(forked(12, 10, "reader"), 1)
	at := 10 * time.Second
	return tr, func(c proc.Channel, counts ...proc.Counts) Channel {
		at += 100 * ms
		c.Key, c.Made = pipe, true
		if c.Ends == nil {
			c.Ends = []proc.End{{PID: 11, Writes: true}, {PID: 12, Reads: true}}
		}
		for i := range counts {
			counts[i].Channel = pipe
			counts[i].Writes, counts[i].Reads = counts[i].PID == 11, counts[i].PID == 12
		}
		tr.Traffic(proc.Traffic{At: at, Channels: []proc.Channel{c}, Counts: counts}, 0)
		tr.Take(1)
		got := tr.Snapshot(1).Channels
		if len(got) != 1 {
			t.Fatalf("%d channels", len(got))
		}
		return got[0]
	}
}

// frames is a pipe with n messages in it.
func frames(n int) proc.Channel {
	return proc.Channel{Fill: 32 * n, Depth: n, Slots: proc.Unknown, Capacity: 65536}
}

func wrote(n uint64) proc.Counts { return proc.Counts{PID: 11, Sent: n, SentBytes: 8 * n, Begun: n} }
func readn(n uint64) proc.Counts {
	return proc.Counts{PID: 12, Received: n, ReceivedBytes: 8 * n, Last: n}
}

// conserved is the law: what was sent was received, is inside, or was lost with a killed process.
func conserved(t *testing.T, c Channel) {
	t.Helper()
	if c.Sent != c.Received+c.Depth+c.Lost {
		t.Errorf("sent %d ≠ received %d + inside %d + lost %d", c.Sent, c.Received, c.Depth, c.Lost)
	}
}

func TestChannelCounts(t *testing.T) {
	_, tick := talk(t)
	c := tick(frames(3), wrote(10), readn(7))
	conserved(t, c)
	if c.Sent != 10 || c.Depth != 3 || c.Bytes != 80 || c.Kind != "pipe" || len(c.Writers) != 1 || len(c.Readers) != 1 {
		t.Errorf("%+v", c)
	}
	if c.Slots != -1 || c.Latency.P50 != -1 {
		t.Errorf("what is unknown is not: %+v", c)
	}
	for n := uint64(8); n <= 17; n++ { // ten a second
		c = tick(frames(3), wrote(n+3), readn(n))
	}
	if c.Rate < 9.9 || c.Rate > 10.1 {
		t.Errorf("%v messages/s, want 10", c.Rate)
	}
}

// A reader killed with a message in its hand takes it along.
func TestMessageInHandIsLost(t *testing.T) {
	tr, tick := talk(t)
	last := readn(7)
	last.InHand, last.Ended = 7, true
	tick(frames(3), wrote(10), readn(7))
	tr.Gone(12, 1)
	c := tick(frames(3), last)
	conserved(t, c)
	if c.Received != 6 || c.Lost != 1 || c.Depth != 3 {
		t.Errorf("%+v", c)
	}
}

// A process killed between its system call and the record of it is found out by what the kernel has inside, and stays
// found when things move on; that of one that was only stopped is its own to record.
func TestKilledBeforeTheRecord(t *testing.T) {
	for name, c := range map[string]struct {
		writer, reader       bool // has ended
		inside               int
		sent, received, lost Count
	}{
		"killed between write and record":  {true, true, 4, 11, 7, 0},
		"killed between read and record":   {true, true, 2, 10, 7, 1},
		"killed elsewhere":                 {true, true, 3, 10, 7, 0},
		"stopped between write and record": {false, false, 4, 11, 7, 0},
		"stopped between read and record":  {false, false, 2, 10, 8, 0},
		"only the writer was killed":       {true, false, 2, 10, 8, 0},
	} {
		t.Run(name, func(t *testing.T) {
			tr, tick := talk(t)
			w, r := wrote(10), readn(7)
			w.Begun, w.Ended, r.Ended = 11, c.writer, c.reader
			tick(frames(3), wrote(10), readn(7))
			if c.writer {
				tr.Gone(11, 1)
			}
			if c.reader {
				tr.Gone(12, 1)
			}
			tick(frames(c.inside), w, r)
			var got Channel
			for range 3 {
				got = tick(frames(c.inside))
			}
			conserved(t, got)
			if got.Sent != c.sent || got.Received != c.received || got.Lost != c.lost || int(got.Depth) != c.inside {
				t.Errorf("%+v", got)
			}
		})
	}
}

// A writer killed before its record, and a reader that took that message and ended: the pipe is gone, and the kernel says
// nothing any more.
func TestReceivedWasSent(t *testing.T) {
	tr, tick := talk(t)
	w, r := wrote(10), readn(11)
	w.Begun, w.Ended, r.Ended, r.EndRead = 11, true, true, true
	tick(frames(3), wrote(10), readn(7))
	tr.Gone(11, 1)
	tr.Gone(12, 1)
	gone := proc.Channel{Fill: proc.Unknown, Depth: proc.Unknown, Slots: proc.Unknown, Capacity: 65536, Ends: []proc.End{}}
	got := tick(gone, w, r)
	conserved(t, got)
	if got.Sent != 11 || got.Received != 11 || got.Depth != 0 {
		t.Errorf("%+v", got)
	}
}

// One of two readers was killed before its record: the other goes on, and the loss stays told.
func TestLossStaysWhenThingsMoveOn(t *testing.T) {
	tr, tick := talk(t)
	tr.Happened(forked(13, 10, "reader 2"), 1)
	ends := []proc.End{{PID: 11, Writes: true}, {PID: 12, Reads: true}, {PID: 13, Reads: true}}
	second := readn(2)
	second.PID, second.Reads = 13, true
	last := readn(7)
	last.Ended = true
	look := func(inside int, counts ...proc.Counts) Channel {
		c := frames(inside)
		c.Ends = ends
		return tick(c, counts...)
	}
	look(3, wrote(12), readn(7), second)
	tr.Gone(12, 1)
	ends = ends[:2:2]
	ends[1] = proc.End{PID: 13, Reads: true}
	look(2, last)
	var got Channel
	for range 3 {
		got = look(2)
	}
	conserved(t, got)
	if got.Lost != 1 {
		t.Errorf("at rest: %+v", got)
	}
	second.Received, second.ReceivedBytes = 3, 24
	if got = look(1, second); got.Lost != 1 || got.Received != 10 {
		t.Errorf("moving on: %+v", got)
	}
	conserved(t, got)
}

// Each step of a message that is not told one by one is counted as skipped.
func TestSkipped(t *testing.T) {
	tr, _ := talk(t)
	tell := func(n int, counts ...proc.Counts) {
		held := frames(0)
		held.Key = pipe
		var m []proc.Message
		for i := range n {
			m = append(m, proc.Message{At: time.Second, Step: proc.Sent, Channel: pipe, PID: 11, Sender: 11, Number: uint64(i + 1), Size: 8})
		}
		for i := range counts {
			counts[i].Channel = pipe
		}
		tr.Traffic(proc.Traffic{At: 12 * time.Second, Messages: m, Counts: counts, Channels: []proc.Channel{held}}, 0)
	}
	tell(3)
	tell(messagesMost + 5)
	if steps := tr.flows[pipe].steps; steps != messagesMost {
		t.Errorf("%d steps count as told, not %d", steps, messagesMost)
	}
	_, tick := talk(t)
	if c := tick(frames(2), wrote(5), readn(3)); c.Skipped != 8 || !c.Sampled {
		t.Errorf("nothing was told, of 8: skipped %d, sampled %v", c.Skipped, c.Sampled)
	}
	for range 11 {
		tick(frames(2))
	}
	tell(2, wrote(7))
	if c := tick(frames(4)); c.Skipped != 8 || c.Sampled {
		t.Errorf("the two that came were told: skipped %d, sampled %v", c.Skipped, c.Sampled)
	}
}

func TestForeignPipeKnowsOnlyBytes(t *testing.T) {
	tr := newTree()
	tr.Happened(forked(11, 10, "yes"), 1)
	tr.Happened(forked(12, 10, "sleep"), 1)
	s := sample(11, 10, "yes")
	tr.Look(s, 1, 1)
	key := proc.ChannelKey{Kind: proc.Pipe, Inode: 5}
	tr.Traffic(proc.Traffic{At: time.Second,
		Channels: []proc.Channel{{Key: key, Fill: 65536, Capacity: 65536, Slots: -1, Depth: -1, Ends: []proc.End{{PID: 11, Writes: true}, {PID: 12, Reads: true}}}},
		Waiting:  []proc.Waiting{{PID: 11, For: proc.WaitWrite, Channel: key, Since: 500 * ms}},
	}, 0)
	d := tr.Take(1)
	if len(d.Channels) != 1 {
		t.Fatalf("%+v", d.Channels)
	}
	c := d.Channels[0]
	if c.Sent != -1 || c.Depth != -1 || c.Fill != 65536 {
		t.Errorf("%+v", c)
	}
	if len(c.Blocked) != 1 || c.Blocked[0] != (Blocked{2, "write", 500}) {
		t.Errorf("blocked %+v", c.Blocked)
	}
	if p, _ := tr.Process(2); p.Waits != "write" || p.On != c.ID {
		t.Errorf("process %+v", p)
	}
	tr.Traffic(proc.Traffic{At: 2 * time.Second}, 0)
	if d := tr.Take(2); len(d.GoneChannels) != 1 {
		t.Errorf("it is gone: %+v", d)
	}
}

// A name that a program gives its process is its label until another program takes its place.
func TestCalledByItsProgram(t *testing.T) {
	tr := newTree()
	tr.Happened(forked(11, 10, "python3"), 1)
	label := func() string { p, _ := tr.Process(2); return p.Label }
	tr.Traffic(proc.Traffic{Gates: []proc.Gate{{PID: 11, Has: true, Called: "hijo"}}}, 0)
	tr.Look(sample(11, 10, "python3"), 1, 1)
	if label() != "hijo" {
		t.Errorf("label %q", label())
	}
	exec := sample(11, 10, "ls")
	tr.Happened(proc.Event{Kind: proc.Execed, PID: 11, Sample: &exec}, 1)
	if label() != "ls" {
		t.Errorf("label %q after an exec", label())
	}
}

// Python's parent holds both ends of its children's Queue and uses neither: it is named only once nobody else is left.
func TestHolderThatKeepsAChannelOpen(t *testing.T) {
	tr, tick := talk(t)
	tr.Happened(forked(13, 10, "parent"), 1)
	held := frames(3)
	held.Ends = []proc.End{{PID: 11, Writes: true}, {PID: 12, Reads: true}, {PID: 13, Reads: true, Writes: true}}
	c := tick(held, wrote(10), readn(7))
	if len(c.Writers) != 1 || c.Writers[0] != tr.ID(11) || len(c.Readers) != 1 {
		t.Errorf("writers %v, readers %v", c.Writers, c.Readers)
	}
	parent := tr.ID(13)
	tr.Gone(11, 1)
	last := wrote(10)
	last.Ended = true
	held.Ends = held.Ends[1:]
	if c = tick(held, last); len(c.Writers) != 1 || c.Writers[0] != parent {
		t.Errorf("writers %v, want the parent, %d", c.Writers, parent)
	}
	conserved(t, c)
}
