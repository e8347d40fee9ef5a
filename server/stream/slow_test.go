package stream

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

func TestDeadPeerIsClosedAtThePingTimeout(t *testing.T) {
	s := start(t, Limits{Ping: 20 * time.Millisecond})
	c := s.join("v")
	c.until(t, "snapshot")
	c.ws.SetPingHandler(func(string) error { return nil }) // reads, but never answers
	if code, _ := c.closed(t); code != websocket.CloseGoingAway {
		t.Errorf("closed with %d", code)
	}
}

func TestLivePeerOutlivesThePingTimeout(t *testing.T) {
	s := start(t, Limits{Ping: 20 * time.Millisecond})
	c := s.join("v")
	pings := 0
	answer := c.ws.PingHandler()
	c.ws.SetPingHandler(func(text string) error {
		if pings++; pings == 10 { // more than three unanswered ones would have been its end
			_ = c.ws.SetReadDeadline(time.Now())
		}
		return answer(text)
	})
	for {
		if _, err := c.frame(); err != nil {
			break
		}
	}
	if pings != 10 {
		t.Errorf("ended after %d pings", pings)
	}
}

// One that never reads stands beside five that do.
func TestSlowReader(t *testing.T) {
	const rounds, size = 28, 300_000 // more than the kernel's buffers of one socket hold
	// Four frames: an event and the heartbeats beside it never push a client that reads out.
	s := start(t, Limits{Stall: 2 * time.Second, Linger: 50 * time.Millisecond, Frames: 4})
	slow := s.raw(`{"kind":"hello","token":"v"}`)
	defer slow.Close()
	eventually(t, "the slow one is in", func() bool { return s.hub.Viewers() == 1 })
	slowly := s.only()

	seen := make([]atomic.Uint64, 5)
	var all sync.WaitGroup
	for i := range seen {
		c := s.join("v")
		c.until(t, "snapshot")
		all.Add(1)
		go func() {
			defer all.Done()
			for seen[i].Load() < rounds {
				m := c.until(t, "output")
				if m.Seq != seen[i].Load()+1 {
					t.Errorf("event %d after %d", m.Seq, seen[i].Load())
					return
				}
				seen[i].Store(m.Seq)
			}
		}()
	}
	text := strings.Repeat("x", size)
	most := 0
	for r := range uint64(rounds) {
		s.event(text)
		slowly.mu.Lock()
		most = max(most, len(slowly.backlog))
		slowly.mu.Unlock()
		// The others set the pace, so that what is counted is their frames and not the speed of this machine.
		for i := range seen {
			eventually(t, fmt.Sprintf("event %d at client %d", r+1, i), func() bool { return seen[i].Load() > r })
		}
	}
	all.Wait()
	if most > 4 {
		t.Errorf("%d frames waited for the slow one", most)
	}
	eventually(t, "the slow one is gone", func() bool { return s.hub.Viewers() <= len(seen) })
	if slowly.dropped == 0 {
		t.Error("its backlog was never dropped: the test proves nothing")
	}
}

// only is the one subscriber that there is.
func (s *site) only() (one *subscriber) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	for one = range s.hub.subs {
	}
	return one
}

// One that reads late is brought up to date by a snapshot, and its deltas go on from there.
func TestLateReaderGetsAFreshSnapshot(t *testing.T) {
	s := start(t, Limits{Stall: time.Hour, Frames: 4})
	c := s.join("v")
	c.until(t, "snapshot")
	sub := s.only()
	text := strings.Repeat("x", 200_000)
	dropped := func() bool { sub.mu.Lock(); defer sub.mu.Unlock(); return sub.lost && sub.writing }
	for end := time.Now().Add(patience); !dropped(); {
		if time.Now().After(end) {
			t.Fatal("nothing was dropped")
		}
		s.event(text)
	}
	// The snapshot comes by itself, woken by the writer, when the client reads again. (On a stalled machine there may
	// have been one more before it.)
	snapshots, last := 0, uint64(0)
	eventSent := false
	for done := false; !done; {
		frame, err := c.frame()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range frame {
			switch {
			case m.Kind == "snapshot":
				snapshots++
				last = m.Seq
			case m.Kind == "output" && m.Seq != last+1:
				t.Fatalf("event %d after %d", m.Seq, last)
			case m.Kind == "output":
				last = m.Seq
				done = m.Text == "the last"
			}
		}
		if snapshots > 0 && !dropped() && !eventSent {
			eventSent = true
			s.event("the last")
		}
	}
}
