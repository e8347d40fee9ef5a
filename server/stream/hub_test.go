package stream

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/gofiber/fiber/v2"
	"go.uber.org/goleak"

	"vivero/server/refusal"
	"vivero/server/tree"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// fasthttp's clock of the Date header never ends.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
	)
}

// patience is the deadline of conditions, never a measure: machines stall.
const patience = time.Minute

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not in time: " + what)
		}
	}
}

// site is a real server on a free port with a live goroutine that owns a tree of one row and one event counter.
type site struct {
	t    testing.TB
	hub  *Hub
	addr string
	work chan func() // for the live goroutine
	wake chan struct{}

	// The live goroutine's own.
	seq    uint64
	events []tree.Event
}

func authorise(token string, _ net.Addr) (Role, error) {
	switch token {
	case "p":
		return Presenter, nil
	case "v":
		return Viewer, nil
	case "boom":
		panic("a fault of ours")
	}
	return "", refusal.Forbidden("watch: this is not a token of this server")
}

func start(t testing.TB, l Limits) *site {
	t.Helper()
	before := descriptors(t)
	s := &site{t: t, work: make(chan func()), wake: make(chan struct{}, 1)}
	s.hub = NewHub(Options{
		Meta: Meta{Version: "test", Rate: 10, Cap: 256}, Limits: l,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Wake: func() {
			select {
			case s.wake <- struct{}{}:
			default:
			}
		},
	})
	app := fiber.New(fiber.Config{DisableStartupMessage: true, ErrorHandler: func(c *fiber.Ctx, err error) error {
		var f *fiber.Error
		if errors.As(err, &f) {
			return c.Status(f.Code).SendString(f.Message)
		}
		return c.Status(refusal.Status(err)).SendString(err.Error())
	}})
	app.Server().KeepHijackedConns = true
	app.Server().MaxIdleWorkerDuration = 50 * time.Millisecond // its cleaner sleeps that long after the end
	app.Get("/ws", s.hub.Handler(authorise))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = ln.Addr().String()
	var running sync.WaitGroup
	running.Add(2)
	go func() { defer running.Done(); _ = app.Listener(ln) }()
	go func() {
		defer running.Done()
		for {
			select {
			case f, ok := <-s.work:
				if !ok {
					return
				}
				f()
			case <-s.wake:
				s.apply(tree.Delta{At: time.Now().UnixMilli()})
			}
		}
	}()
	t.Cleanup(func() {
		s.hub.Close()
		if n := len(s.hub.conns) + len(s.hub.subs); n != 0 {
			t.Errorf("%d connections after Close", n)
		}
		if err := app.Shutdown(); err != nil {
			t.Error(err)
		}
		close(s.work)
		running.Wait()
		eventually2(t, "descriptors back to the start", func() bool { return descriptors(t) <= before })
	})
	return s
}

func eventually2(t testing.TB, what string, ok func() bool) {
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Error("not in time: " + what)
			return
		}
	}
}

func descriptors(t testing.TB) int {
	names, err := os.ReadDir("/proc/self/fd")
	if os.IsNotExist(err) {
		return 0 // not Linux: goleak still holds
	}
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

// publish has d applied and published by the live goroutine, and returns when that is done.
func (s *site) publish(d tree.Delta) {
	done := make(chan struct{})
	s.work <- func() {
		defer close(done)
		s.apply(d)
	}
	<-done
}

func (s *site) apply(d tree.Delta) {
	for i := range d.Events {
		s.seq++
		d.Events[i].Seq = s.seq
		s.events = append(s.events, d.Events[i])
	}
	s.events = s.events[max(0, len(s.events)-1000):]
	s.hub.Publish(d, func() tree.Snapshot {
		return tree.Snapshot{Processes: []tree.Process{root}, Seq: s.seq, Events: s.events, At: d.At}
	})
}

func (s *site) event(text string) {
	s.publish(tree.Delta{At: 1, Events: []tree.Event{{Kind: "output", ID: 2, PID: 3, Stream: "stdout", Text: text}}})
}

// client is a browser: it sees events by their number, as the page does.
type client struct {
	ws *websocket.Conn
}

func (s *site) dial() *client {
	s.t.Helper()
	ws, resp, err := websocket.DefaultDialer.Dial("ws://"+s.addr+"/ws", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = resp.Body.Close()
	s.t.Cleanup(func() { _ = ws.Close() })
	return &client{ws}
}

func (s *site) join(token string) *client {
	s.t.Helper()
	c := s.dial()
	c.say(s.t, `{"kind":"hello","token":"`+token+`"}`)
	return c
}

func (c *client) say(t testing.TB, text string) {
	t.Helper()
	if err := c.ws.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

type anyMessage struct {
	Kind      string
	Role      string
	Seq       uint64
	Text      string
	Viewers   *int
	Processes [][]any
	Events    []struct {
		Seq  uint64
		Text string
	}
}

func (c *client) frame() ([]anyMessage, error) {
	_ = c.ws.SetReadDeadline(time.Now().Add(patience))
	_, b, err := c.ws.ReadMessage()
	if err != nil {
		return nil, err
	}
	var many []anyMessage
	if b[0] == '[' {
		return many, json.Unmarshal(b, &many)
	}
	many = make([]anyMessage, 1)
	return many, json.Unmarshal(b, &many[0])
}

// until reads until a message of that kind.
func (c *client) until(t testing.TB, kind string) anyMessage {
	t.Helper()
	for {
		frame, err := c.frame()
		if err != nil {
			t.Fatalf("waiting for %s: %v", kind, err)
		}
		for _, m := range frame {
			if m.Kind == kind {
				return m
			}
		}
	}
}

// closed reads to the end and tells the close code and reason.
func (c *client) closed(t testing.TB) (int, string) {
	t.Helper()
	_ = c.ws.SetReadDeadline(time.Now().Add(patience))
	for {
		if _, _, err := c.ws.ReadMessage(); err != nil {
			var e *websocket.CloseError
			if !errors.As(err, &e) {
				t.Fatalf("ended without a close frame: %v", err)
			}
			return e.Code, e.Text
		}
	}
}

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

func TestCloseCodes(t *testing.T) {
	for name, c := range map[string]struct {
		say  []string
		code int
		why  string
	}{
		"wrong token":            {[]string{`{"kind":"hello","token":"x"}`}, 4401, "not a token"},
		"no token":               {[]string{`{"kind":"hello"}`}, 4401, "not a token"},
		"nothing":                {nil, 4408, "no hello"},
		"not JSON":               {[]string{"hello"}, 4400, "JSON"},
		"an array":               {[]string{`[1]`}, 4400, "JSON"},
		"another kind first":     {[]string{`{"kind":"snapshot"}`}, 4400, "first message"},
		"another kind later":     {[]string{`{"kind":"hello","token":"v"}`, `{"kind":"kill","id":2}`}, 4400, "snapshot"},
		"hello twice":            {[]string{`{"kind":"hello","token":"v"}`, `{"kind":"hello","token":"p"}`}, 4400, "snapshot"},
		"too long first":         {[]string{`{"kind":"hello","token":"` + strings.Repeat("x", 64<<10) + `"}`}, 1009, ""},
		"too long later":         {[]string{`{"kind":"hello","token":"p"}`, strings.Repeat("x", 1<<20)}, 1009, ""},
		"a panic while deciding": {[]string{`{"kind":"hello","token":"boom"}`}, 1011, "log"},
	} {
		t.Run(name, func(t *testing.T) {
			l := Limits{Linger: patience} // a slow machine needs more than a second to send what is too long
			if name == "nothing" {
				l.Hello = 50 * time.Millisecond
			}
			s := start(t, l)
			c1 := s.dial()
			for _, text := range c.say {
				c1.say(t, text)
			}
			if code, why := c1.closed(t); code != c.code || !strings.Contains(why, c.why) {
				t.Errorf("closed with %d %q, want %d %q", code, why, c.code, c.why)
			}
			eventually(t, "nobody is subscribed", func() bool { return s.hub.Viewers() == 0 })
			s.join("v").until(t, "snapshot") // the server lives
		})
	}
}

func TestBinaryIsRefused(t *testing.T) {
	s := start(t, Limits{})
	c := s.dial()
	if err := c.ws.WriteMessage(websocket.BinaryMessage, []byte(`{"kind":"hello","token":"p"}`)); err != nil {
		t.Fatal(err)
	}
	if code, _ := c.closed(t); code != 4400 {
		t.Errorf("closed with %d", code)
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

func TestChatterIsCutOff(t *testing.T) {
	for what, say := range map[string]func(*client) error{
		"messages": func(c *client) error { return c.ws.WriteMessage(websocket.TextMessage, []byte(`{"kind":"snapshot"}`)) },
		"pings": func(c *client) error {
			return c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(patience))
		},
	} {
		s := start(t, Limits{Chatter: 10})
		now := time.Now()
		s.hub.o.Now = func() time.Time { return now } // one second that does not end
		c := s.join("v")
		for range 10 { // a hello and ten more
			if err := say(c); err != nil {
				t.Fatal(err)
			}
		}
		if code, _ := c.closed(t); code != websocket.ClosePolicyViolation {
			t.Errorf("too many %s: closed with %d", what, code)
		}
	}
}

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
	const rounds, size = 24, 300_000 // more than the kernel's buffers of one socket hold
	s := start(t, Limits{Stall: 2 * time.Second, Linger: 50 * time.Millisecond, Frames: 2})
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
	if most > 2 {
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

// raw upgrades a plain socket and sends one text message.
func (s *site) raw(text string) net.Conn {
	s.t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close() })
	_, err = io.WriteString(c, "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	if err != nil {
		s.t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(patience))
	var head []byte
	for b := make([]byte, 1); !bytes.HasSuffix(head, []byte("\r\n\r\n")); head = append(head, b[0]) {
		if _, err := c.Read(b); err != nil {
			s.t.Fatalf("upgrade: %v after %q", err, head)
		}
	}
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 101 ")) || bytes.Contains(head, []byte("Protocol:")) {
		s.t.Fatalf("upgrade: %s", head)
	}
	if text != "" {
		if _, err := c.Write(masked(0x81, uint64(len(text)), []byte(text))); err != nil {
			s.t.Fatal(err)
		}
	}
	return c
}

// masked is a client's frame that claims a length of n.
func masked(first byte, n uint64, payload []byte) []byte {
	f := []byte{first, 0x80 | 127}
	if n < 126 {
		f[1] = 0x80 | byte(n)
	} else {
		f = binary.BigEndian.AppendUint64(f, n)
	}
	return append(append(f, 0, 0, 0, 0), payload...)
}

func TestMonstrousFrames(t *testing.T) {
	s := start(t, Limits{Linger: 50 * time.Millisecond})
	for _, n := range []uint64{64<<10 + 1, 1 << 31, 1 << 62, 1 << 63, 1<<64 - 1} {
		for _, hello := range []string{"", `{"kind":"hello","token":"v"}`} {
			c := s.raw(hello)
			if _, err := c.Write(masked(0x81, n, []byte("xxxx"))); err != nil {
				t.Fatal(err)
			}
			got, _ := io.ReadAll(c) // ends: the server closes
			if !bytes.Contains(got, []byte{0x03, 0xf1}) {
				t.Errorf("%d bytes claimed: no close frame with 1009 in % x", n, got[max(0, len(got)-40):])
			}
		}
	}
}

func TestRandomBytes(t *testing.T) {
	s := start(t, Limits{Linger: 20 * time.Millisecond})
	r := rand.New(rand.NewPCG(3, 5))
	watcher := s.join("v")
	watcher.until(t, "snapshot")
	for i := range 60 {
		hello := ""
		if i%2 == 0 {
			hello = `{"kind":"hello","token":"v"}`
		}
		c := s.raw(hello)
		junk := make([]byte, r.IntN(4000))
		for j := range junk {
			junk[j] = byte(r.Uint32())
		}
		if i%3 == 0 && len(junk) > 1 { // a right header makes it past the first check
			junk[0], junk[1] = 0x80|byte(r.IntN(11)), 0x80|byte(r.IntN(128))
		}
		_, _ = c.Write(junk)
		_ = c.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, c)
		_ = c.Close()
	}
	s.event("still here")
	if m := watcher.until(t, "output"); m.Text != "still here" {
		t.Errorf("%+v", m)
	}
	eventually(t, "only the watcher is left", func() bool { return s.hub.Viewers() == 1 })
}

func TestPlainGETIsToldToUpgrade(t *testing.T) {
	s := start(t, Limits{})
	resp, err := http.Get("http://" + s.addr + "/ws")
	if err != nil {
		t.Fatal(err)
	}
	http.DefaultClient.CloseIdleConnections()
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func BenchmarkPublishTo200(b *testing.B) {
	s := start(b, Limits{})
	var got atomic.Int64
	var all sync.WaitGroup
	for range 200 {
		c := s.join("v")
		c.until(b, "snapshot")
		all.Add(1)
		go func() {
			defer all.Done()
			_ = c.ws.SetReadDeadline(time.Time{})
			for {
				if _, r, err := c.ws.NextReader(); err != nil {
					return
				} else if _, err := io.Copy(io.Discard, r); err != nil {
					return
				}
				got.Add(1)
			}
		}()
	}
	d := tree.Delta{At: 1767225602300}
	for i := range 300 {
		p := primes
		p.ID = i + 2
		d.Values = append(d.Values, p)
	}
	b.ReportAllocs()
	got.Store(0)
	n := int64(0)
	for b.Loop() {
		s.publish(d)
		for n += 200; got.Load() < n-200*8; { // a few ticks ahead, as with a real socket; never so many that a backlog drops
			time.Sleep(100 * time.Microsecond)
		}
	}
	b.StopTimer()
	s.hub.Close()
	all.Wait()
}
