package stream

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
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

func eventually(t testing.TB, what string, ok func() bool) {
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
		eventually(t, "descriptors back to the start", func() bool { return descriptors(t) <= before })
	})
	return s
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
