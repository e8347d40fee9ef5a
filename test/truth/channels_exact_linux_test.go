package truth_test

import (
	"flag"
	"fmt"
	"testing"

	"vivero/test/client"
)

var messages = flag.Int("messages", 1_000_000, "how many are sent in TestExact")

// TestExact sends a million messages as fast as it goes, and compares what the channel counted with what its workers
// counted themselves and printed. Each step of a message was either told or counted as skipped.
func TestExact(t *testing.T) {
	p := boot(t)
	f := p.Follow(client.Presenter, nil)
	seen := map[int]bool{}
	for _, c := range []struct {
		workload, from, to string
		params             client.M
	}{
		{"pipe", "writer", "reader", client.M{"rate": 0, "size": 16, "count": *messages}},
		{"queue", "producer", "consumer", client.M{"rate": 0, "size": 16, "count": *messages, "slots": 10, "delay_ms": 0, "vary": 0}},
	} {
		group := p.StartGroup(c.workload, c.params)
		from, to := p.Role(group, c.from), p.Role(group, c.to)
		if e := exited(f, from.ID); e.Status == nil || *e.Status != 0 {
			t.Fatalf("the %s ended with %+v", c.from, e)
		}
		if c.workload == "queue" { // it has no end of file
			client.Eventually(t, "the last one is received", func() error {
				for _, c := range p.Traffic().Channels {
					if *c.Received != int64(*messages) {
						return fmt.Errorf("%s", c)
					}
				}
				return nil
			})
			p.Must(200, "DELETE", fmt.Sprintf("/api/processes/%d", to.ID), nil, nil)
		}
		exited(f, to.ID)
		var row client.Channel
		f.Await("the channel is gone", func(m *client.Model) bool {
			for id, gone := range m.Past {
				if !seen[id] {
					row = gone
				}
			}
			return row.ID != 0
		})
		seen[row.ID] = true
		counted := func(id int, verb string) (n, bytes int64) {
			stdout, stderr := p.Output(id)
			if _, err := fmt.Sscanf(stdout, verb+" %d messages, %d bytes", &n, &bytes); err != nil {
				t.Fatalf("it wrote %q and %q: %v", stdout, stderr, err)
			}
			return n, bytes
		}
		sent, bytes := counted(from.ID, "sent")
		received, _ := counted(to.ID, "received")
		if sent != int64(*messages) || received != sent || bytes != 16*sent {
			t.Errorf("the workers counted %d sent (%d bytes) and %d received", sent, bytes, received)
		}
		if *row.Sent != sent || *row.Received != received || *row.Bytes != bytes || *row.Lost != 0 || *row.Depth != 0 {
			t.Errorf("the workers counted %d sent (%d bytes) and %d received, the channel: %s", sent, bytes, received, row)
		}
		f.Look(func(m *client.Model) {
			told := int64(m.Steps[row.ID]["sent"] + m.Steps[row.ID]["received"])
			if m.Snapshots == 1 && told+*row.Skipped != sent+received {
				t.Errorf("%s: %d steps were told and %d skipped, of %d", c.workload, told, *row.Skipped, sent+received)
			}
			if told == 0 || *row.Skipped == 0 {
				t.Errorf("%s: %d steps were told, %d skipped", c.workload, told, *row.Skipped)
			}
			t.Logf("%s: %d steps told, %d skipped, %d snapshots", c.workload, told, *row.Skipped, m.Snapshots)
		})
	}
}
