package stream

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"vivero/server/tree"
)

func TestSnapshotThenDeltas(t *testing.T) {
	s := start(t, Limits{})
	s.event("before")
	p := s.join("p")
	m := p.until(t, "snapshot")
	if m.Role != "presenter" || len(m.Processes) != 1 || m.Seq != 1 || len(m.Events) != 1 || m.Events[0].Text != "before" || *m.Viewers != 1 {
		t.Fatalf("%+v", m)
	}
	v := s.join("v")
	if m := v.until(t, "snapshot"); m.Role != "viewer" || *m.Viewers != 2 {
		t.Fatalf("%+v", m)
	}
	if m := p.until(t, "delta"); m.Viewers == nil || *m.Viewers != 2 {
		t.Fatalf("the first viewer was not told of the second: %+v", m)
	}
	s.event("after")
	for _, c := range []*client{p, v} {
		if m := c.until(t, "output"); m.Text != "after" || m.Seq != 2 {
			t.Fatalf("%+v", m)
		}
	}
	if n := s.hub.Viewers(); n != 2 {
		t.Fatalf("%d viewers", n)
	}
	_ = v.ws.Close()
	eventually(t, "the viewer that left is counted no more", func() bool { return s.hub.Viewers() == 1 })
}

// Newcomers arrive while events flow: each must see every event exactly once, from its snapshot or after it.
func TestNoEventIsLostOrDoubledByJoining(t *testing.T) {
	s := start(t, Limits{})
	const clients, events = 20, 400
	var all sync.WaitGroup
	for range clients {
		c := s.join("v")
		all.Add(1)
		go func() {
			defer all.Done()
			var last uint64
			for last < events {
				frame, err := c.frame()
				if err != nil {
					t.Error(err)
					return
				}
				for _, m := range frame {
					switch m.Kind {
					case "snapshot":
						if last != 0 {
							t.Errorf("a second snapshot at %d", last)
						}
						for i, e := range m.Events {
							if e.Seq != uint64(i+1) {
								t.Errorf("snapshot: event %d is number %d", i, e.Seq)
							}
						}
						last = m.Seq
					case "output":
						if m.Seq != last+1 {
							t.Errorf("event %d after %d", m.Seq, last)
							return
						}
						last = m.Seq
					}
				}
			}
		}()
		for range events / clients {
			s.event("x")
		}
	}
	all.Wait()
}

func TestHeartbeat(t *testing.T) {
	var clock atomic.Int64
	h := NewHub(Options{Now: func() time.Time { return time.UnixMilli(clock.Load()) }})
	s := newSubscriber(&h.o.Limits, func() {})
	h.subscribe(s)
	waiting := func() (n int) {
		for s.next() != nil {
			n++
		}
		return n
	}
	tick := func(ms int64) int {
		clock.Add(ms)
		h.Publish(tree.Delta{At: clock.Load()}, func() tree.Snapshot { return tree.Snapshot{} })
		return waiting()
	}
	if n := tick(1000); n != 1 {
		t.Fatalf("%d frames, want the snapshot", n)
	}
	for i, want := range []int{0, 0, 0, 0, 0, 0, 0, 0, 1, 0} {
		if n := tick(100); n != want {
			t.Fatalf("tick %d: %d frames, want %d", i, n, want)
		}
	}
	if n := tick(990); n != 1 {
		t.Fatalf("at one tick a second: %d frames", n)
	}
}

func TestAskingForASnapshot(t *testing.T) {
	s := start(t, Limits{Again: time.Hour})
	c := s.join("v")
	c.until(t, "snapshot")
	for range 20 {
		c.say(t, `{"kind":"snapshot"}`)
	}
	// All twenty have been read when the wrong one that follows has: then none of them may have been served again.
	c.say(t, `{"kind":"?"}`)
	for {
		frame, err := c.frame()
		if err != nil {
			break
		}
		for _, m := range frame {
			if m.Kind == "snapshot" {
				t.Fatal("a client can make the server encode snapshots at will")
			}
		}
	}

	s = start(t, Limits{Again: time.Nanosecond})
	c = s.join("v")
	for range 3 {
		c.until(t, "snapshot")
		c.say(t, `{"kind":"snapshot"}`)
	}
	c.until(t, "snapshot")
}

func TestCap(t *testing.T) {
	s := start(t, Limits{Connections: 3})
	var in []*client
	for range 3 {
		c := s.join("v")
		c.until(t, "snapshot")
		in = append(in, c)
	}
	for range 5 {
		_, resp, err := websocket.DefaultDialer.Dial("ws://"+s.addr+"/ws", nil)
		if err == nil || resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" {
			t.Fatalf("over the cap: %v %v", resp, err)
		}
	}
	_ = in[0].ws.Close()
	eventually(t, "a place is free", func() bool {
		ws, _, err := websocket.DefaultDialer.Dial("ws://"+s.addr+"/ws", nil)
		if err != nil {
			return false
		}
		_ = ws.Close()
		return true
	})
}

// An upgrade whose handler never runs (the client is gone before the answer is written) gives its place back.
func TestFailedUpgradesLoseNoPlace(t *testing.T) {
	var ahead atomic.Int64
	s := start(t, Limits{Connections: 2})
	s.hub.o.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	for range 2 {
		if s.hub.admit() == nil {
			t.Fatal("not admitted")
		}
	}
	if _, resp, err := websocket.DefaultDialer.Dial("ws://"+s.addr+"/ws", nil); err == nil || resp.StatusCode != 503 {
		t.Fatalf("more upgrades than places: %v", err)
	}
	ahead.Store(int64(lapse + time.Second))
	s.join("v").until(t, "snapshot")
}

func TestCloseEndsAllWith1001(t *testing.T) {
	s := start(t, Limits{Linger: time.Hour}) // it does not wait longer than for the clients' answers
	silent := s.dial()
	watching := []*client{s.join("p"), s.join("v")}
	for _, c := range watching {
		c.until(t, "snapshot")
	}
	eventually(t, "the silent one is in", func() bool { s.hub.mu.Lock(); defer s.hub.mu.Unlock(); return len(s.hub.conns) == 3 })
	ended := make(chan struct{})
	go func() { s.hub.Close(); close(ended) }()
	for _, c := range append(watching, silent) {
		if code, _ := c.closed(t); code != websocket.CloseGoingAway {
			t.Errorf("closed with %d", code)
		}
	}
	select {
	case <-ended:
	case <-time.After(patience):
		t.Fatal("Close waits for more than the answers")
	}
	if _, resp, err := websocket.DefaultDialer.Dial("ws://"+s.addr+"/ws", nil); err == nil || resp.StatusCode != 503 {
		t.Errorf("a closed hub let somebody in: %v", err)
	}
}
