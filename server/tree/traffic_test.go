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

// frames is what n messages of 8 bytes take in a pipe.
func frames(n int) proc.Channel {
	return proc.Channel{Fill: n * (8 + header), Depth: proc.Unknown, Slots: proc.Unknown, Capacity: 65536}
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

// A process killed between its system call and the record of it is found out by what the kernel has inside.
func TestKilledBeforeTheRecord(t *testing.T) {
	for name, c := range map[string]struct {
		inside     int
		sent, lost Count
	}{
		"between write and record": {4, 11, 0},
		"between read and record":  {2, 10, 1},
		"neither":                  {3, 10, 0},
	} {
		t.Run(name, func(t *testing.T) {
			tr, tick := talk(t)
			w, r := wrote(10), readn(7)
			w.Begun, w.Ended, r.Ended = 11, true, true
			tick(frames(3), wrote(10), readn(7))
			tr.Gone(11, 1)
			tr.Gone(12, 1)
			tick(frames(c.inside), w, r)
			var got Channel
			for range 3 {
				got = tick(frames(c.inside))
			}
			conserved(t, got)
			if got.Sent != c.sent || got.Lost != c.lost || int(got.Depth) != c.inside {
				t.Errorf("%+v", got)
			}
		})
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
