package observe

import (
	"encoding/json"
	"testing"
	"time"

	"vivero/server/proc"
	"vivero/server/tree"
	"vivero/sim/flight"
)

// FuzzLies: recorders that say anything do no harm further on, in the sums of the tree and in what viewers get.
func FuzzLies(f *testing.F) {
	f.Add(uint64(1)<<63, uint64(3), ^uint64(0), int64(-5), 70)
	f.Add(uint64(7), uint64(1), uint64(9), int64(1000), 0)
	f.Fuzz(func(t *testing.T, a, b, c uint64, x int64, fill int) {
		const now = time.Hour
		root := proc.Sample{Key: proc.Key{PID: 10, Start: 1}, State: 'S'}
		tr := tree.New(root, proc.Host{}, "procfs")
		child := root
		child.PID, child.PPID = 11, 10
		tr.Observe(proc.Observation{At: now, Samples: []proc.Sample{root, child}}, 1)
		key := proc.ChannelKey{Kind: proc.Pipe, Device: 1, Inode: 2}
		channel := proc.Channel{Key: key, Made: true, Ends: []proc.End{{PID: 11, Reads: true, Writes: true}},
			Fill: max(fill, -1), Capacity: -1, Slots: -1, Depth: -1}
		for i := range 6 {
			e := flight.Entry{End: flight.End(a), Sent: a, SentBytes: b, Received: c, RecvBytes: a, Begun: b, InHand: c, Buffered: b, Reading: x}
			if i > 3 {
				e.Sent, e.Received = b, a
			}
			counts := countsOf(&e, now)
			counts.PID, counts.Channel, counts.Ended = 11, key, i == 4
			v := flight.Event{At: x, Kind: flight.Received, Number: a, Value: x, Sender: uint32(b)}
			m := messageOf(&v, now)
			m.Channel, m.PID = key, 11
			tr.Traffic(proc.Traffic{At: now + time.Duration(i)*100*time.Millisecond, Channels: []proc.Channel{channel},
				Counts: []proc.Counts{counts}, Messages: []proc.Message{m}}, 1e12)
			tr.Take(1)
		}
		for _, c := range tr.Snapshot(1).Channels {
			if c.Sent < 0 || c.Received < -1 || c.Bytes < 0 || c.Lost < 0 || c.Rate < 0 {
				t.Fatalf("%+v", c)
			}
			if _, err := json.Marshal(c); err != nil {
				t.Fatal(err)
			}
		}
	})
}
