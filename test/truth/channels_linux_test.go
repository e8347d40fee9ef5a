package truth_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"vivero/test/client"
)

var kills = flag.Int("kills", 20, "rounds of random kills in TestConservation")

// talks are the workloads whose messages must be conserved, fast enough that a stop or a kill comes at any point. frame
// is what one message takes in their pipes.
var talks = []struct {
	workload string
	params   client.M
	frame    int64
}{
	{"pipe", client.M{"rate": 0, "size": 40}, 64},
	{"queue", client.M{"rate": 0, "size": 32, "delay_ms": 0, "vary": 0, "producers": 2, "consumers": 3, "slots": 4}, 0},
	{"pipeline", client.M{"rate": 0, "size": 40, "delay_ms": 0, "stages": 2}, 64},
	{"pingpong", client.M{"delay_ms": 0, "size": 40}, 64},
	{"scatter", client.M{"workers": 2, "n": 1_000_000_000, "pieces": 10_000}, 88},
}

// ring is one running workload under test.
type ring struct {
	t     *testing.T
	p     *client.Program
	f     *client.Follower
	r     *rand.Rand
	group client.Group
	frame int64
	of    map[int]object
	said  int // messages of the teacher's that went in
}

// TestConservation lets each workload talk as fast as it can, and stops, continues, slows and kills its processes at
// random, both ends, while the teacher puts in messages of his own. Whenever all stand still, and at the end, each message
// that was sent was received, is in its channel, or was lost with a killed process; and what is in a channel is what the
// kernel counts in it.
func TestConservation(t *testing.T) {
	p := boot(t, "--rate", "50")
	f := p.Follow(client.Presenter, nil)
	r := rand.New(rand.NewPCG(*seed, 4))
	lost, said := int64(0), 0
	for round := range *kills {
		talk := talks[round%len(talks)]
		x := &ring{t: t, p: p, f: f, r: r, group: p.StartGroup(talk.workload, talk.params), frame: talk.frame, of: map[int]object{}}
		mine := x.flowing()
		for range 2 + r.IntN(3) {
			x.act()
		}
		x.still(talk.workload + ", all stopped")
		x.goOn()
		p.Must(200, "POST", "/api/pace", client.M{"delay_ms": 0}, nil)
		victims := r.Perm(len(x.group))[:1+r.IntN(len(x.group)-1)]
		for _, v := range victims {
			p.Call(client.Presenter, "POST", fmt.Sprintf("/api/processes/%d/signal", x.group[v].ID), client.M{"signal": "KILL"})
		}
		x.gone(victims)
		x.still(fmt.Sprintf("%s, %d of %d killed", talk.workload, len(victims), len(x.group)))
		for _, m := range x.group {
			p.Call(client.Presenter, "POST", fmt.Sprintf("/api/processes/%d/signal", m.ID), client.M{"signal": "KILL"})
		}
		f.Await("its channels are gone", func(m *client.Model) bool {
			for _, id := range mine {
				if _, past := m.Past[id]; !past {
					return false
				}
			}
			return true
		})
		f.Look(func(m *client.Model) {
			for _, id := range mine {
				c := m.Past[id]
				if err := c.Conserved(); err != nil {
					t.Errorf("%s, at the end: %v", talk.workload, err)
				}
				if c.Lost != nil {
					lost += *c.Lost
				}
			}
		})
		said += x.said
		if t.Failed() {
			t.Fatalf("in round %d of %d, seed %d", round+1, *kills, *seed)
		}
	}
	t.Logf("%d rounds: %d messages were lost with killed processes, %d were the teacher's", *kills, lost, said)
}

// flowing waits until each channel of the group's carries messages, and names them.
func (x *ring) flowing() (ids []int) {
	x.t.Helper()
	mine := map[int]bool{}
	for _, m := range x.group {
		mine[m.ID] = true
	}
	client.Eventually(x.t, "messages flow in every channel", func() error {
		ids = ids[:0]
		now := x.p.Traffic()
		for _, c := range now.Channels {
			if len(c.Writers) == 0 || !mine[c.Writers[0]] {
				continue
			}
			if !c.Made {
				x.t.Fatalf("nobody made this channel: %s", c)
			}
			if _, err := inside(x.t, now, c, x.of); err != nil { // what it is for the kernel, while both ends are there
				return err
			}
			if c.Received == nil || *c.Received == 0 {
				return fmt.Errorf("nothing was received: %s", c)
			}
			ids = append(ids, c.ID)
		}
		if len(ids) == 0 {
			return errors.New("there is none")
		}
		return nil
	})
	return ids
}

// act does one thing at random to those that run.
func (x *ring) act() {
	x.t.Helper()
	m := x.group[x.r.IntN(len(x.group))]
	path := fmt.Sprintf("/api/processes/%d/signal", m.ID)
	switch x.r.IntN(5) {
	case 0:
		x.p.Call(client.Presenter, "POST", path, client.M{"signal": "STOP"})
	case 1:
		x.p.Call(client.Presenter, "POST", path, client.M{"signal": "CONT"})
	case 2:
		x.p.Must(200, "POST", "/api/pace", client.M{"delay_ms": x.r.IntN(3)}, nil)
	default:
		for _, c := range x.p.Traffic().Channels {
			status, answer := x.p.Call(client.Presenter, "POST", fmt.Sprintf("/api/channels/%d/messages", c.ID), client.M{"text": "from the teacher"})
			switch {
			case status == 201:
				x.said++
			case status != 409 || client.Refusal(answer) == "": // it is full
				x.t.Errorf("send a message: %d %s", status, answer)
			}
		}
	}
}

// goOn continues all.
func (x *ring) goOn() {
	for _, m := range x.group {
		x.p.Call(client.Presenter, "POST", fmt.Sprintf("/api/processes/%d/signal", m.ID), client.M{"signal": "CONT"})
	}
}

// gone waits for the end of those that were killed.
func (x *ring) gone(victims []int) {
	x.t.Helper()
	x.f.Await("those that were killed have ended", func(m *client.Model) bool {
		for _, v := range victims {
			if _, ended := m.Exited[x.group[v].ID]; !ended {
				return false
			}
		}
		return true
	})
}

// ticks waits for n whole observations.
func ticks(f *client.Follower, n int) {
	var now int
	f.Look(func(m *client.Model) { now = m.Ticks })
	f.Await("the next observations", func(m *client.Model) bool { return m.Ticks >= now+n })
}

// still stops all that live, waits until two snapshots are the same, and holds each channel to the law and the kernel.
func (x *ring) still(when string) {
	x.t.Helper()
	moves := map[int]bool{}
	for _, m := range x.group {
		moves[m.ID] = true
		x.p.Call(client.Presenter, "POST", fmt.Sprintf("/api/processes/%d/signal", m.ID), client.M{"signal": "STOP"})
	}
	now := atRest(x.t, x.p, x.f, func(w client.Worker) bool { return !moves[w.ID] || w.State == "T" || w.State == "Z" })
	for _, c := range now.Channels {
		if len(c.Writers)+len(c.Readers) == 0 {
			continue // its last row, which is checked when it is gone
		}
		if err := errors.Join(c.Conserved(), agrees(x.t, now, c, x.frame, x.of)); err != nil {
			x.t.Errorf("%s: %v", when, err)
		}
	}
}

// atRest waits until all processes but the root rest, by rested, and nothing of channels changes from one such snapshot to
// the next, four observations later: two of those let the tree see that nothing moves.
func atRest(t testing.TB, p *client.Program, f *client.Follower, rested func(client.Worker) bool) (now client.Traffic) {
	t.Helper()
	client.Eventually(t, "all stand still", func() error {
		before := now
		now = p.Traffic()
		for i := range now.Channels {
			now.Channels[i].Rate, now.Channels[i].Sampled = nil, false // they fade
		}
		for _, w := range now.Processes {
			if w.ID != 1 && !rested(w) {
				now = client.Traffic{} // no snapshot to compare the next one with
				return fmt.Errorf("%s %s (id %d) is in state %s, held %v, waits for %q", w.Workload, w.Role, w.ID, w.State, w.Held, w.Waits)
			}
		}
		ticks(f, 4)
		if !reflect.DeepEqual(before.Channels, now.Channels) {
			return fmt.Errorf("channels still change: %v, then %v", before.Channels, now.Channels)
		}
		return nil
	})
	return now
}
