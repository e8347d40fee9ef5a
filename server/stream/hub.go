// Package stream sends what the tree does to every browser that watches, over websockets, as docs/stream.md says.
//
//	live goroutine --Publish--> Hub --frame--> subscriber's backlog --writer goroutine--> socket
//	socket --reader goroutine--> hello, asks for a snapshot --> Options.Wake --> live goroutine
//
// Each connection has two goroutines: the handler that fasthttp starts for it, which reads until the end, and one
// writer, which the handler starts and joins before it returns (the connection is pooled by the library: used any
// later it could belong to somebody else). Publish is called by one goroutine, the one that owns the tree.
//
// Absent on purpose: the hub has no state of the tree. A newcomer's snapshot is asked of the caller of Publish, inside
// Publish, so that no delta can fall between a snapshot and the subscription.
package stream

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fasthttp/websocket"

	"vivero/server/tree"
)

// Role is what a token allows.
type Role string

// The two roles that watch.
const (
	Presenter Role = "presenter" // may do everything
	Viewer    Role = "viewer"    // may look
)

// Limits of a Hub; zero values are the defaults.
type Limits struct {
	Connections int           // sockets at a time, those that have not said hello included; 1,024
	Frames      int           // frames that may wait for one subscriber; 128
	Bytes       int           // bytes that may wait for one subscriber; 2 MiB
	Message     int64         // bytes of a message from a client; 64 KiB
	Chatter     int           // messages, pings and pongs from a client in a second; 50
	Hello       time.Duration // from the upgrade to a hello; 5 s
	Stall       time.Duration // a write without progress ends the connection; 5 s
	Ping        time.Duration // between pings; three of them unanswered end the connection; 5 s
	Again       time.Duration // between two snapshots that one client asks for; 1 s
	Linger      time.Duration // from our close frame to the end of the socket, for the client to read it; 1 s
}

func (l *Limits) defaults() {
	set(&l.Connections, 1024)
	set(&l.Frames, 128)
	set(&l.Bytes, 2<<20)
	set(&l.Message, 64<<10)
	set(&l.Chatter, 50)
	set(&l.Hello, 5*time.Second)
	set(&l.Stall, 5*time.Second)
	set(&l.Ping, 5*time.Second)
	set(&l.Again, time.Second)
	set(&l.Linger, time.Second)
}

func set[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

// Heartbeat is how long the stream may be silent: a tick later than this sends an empty delta. A little under a
// second, so that a server that ticks once a second does not miss every other one.
const Heartbeat = 900 * time.Millisecond

// Options of NewHub.
type Options struct {
	Meta   Meta
	Wake   func()           // asks for a call of Publish soon, for a subscriber waits; must not block. nil: the next tick does
	Now    func() time.Time // its monotonic part is used; nil: time.Now
	Log    *slog.Logger     // nil: slog.Default
	Limits Limits
}

// Hub is all that watch. All methods but Publish may be called by any goroutine.
type Hub struct {
	o Options

	mu      sync.Mutex
	closed  bool
	conns   map[*conn]struct{}       // upgraded, hello or not
	tickets map[*ticket]struct{}     // admitted, upgrade not done; a ticket nobody comes with lapses
	subs    map[*subscriber]struct{} // said hello
	all     sync.WaitGroup           // handlers of conns

	demo atomic.Pointer[[]int]

	// Publish's own.
	list   []*subscriber
	buf    []byte
	told   int // viewers, as last sent
	spoken time.Time
}

// NewHub makes a hub that nobody watches yet.
func NewHub(o Options) *Hub {
	o.Limits.defaults()
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Wake == nil {
		o.Wake = func() {}
	}
	return &Hub{
		o:       o,
		conns:   map[*conn]struct{}{},
		tickets: map[*ticket]struct{}{},
		subs:    map[*subscriber]struct{}{},
	}
}

// Viewers is how many have said hello, presenters included.
func (h *Hub) Viewers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.subs)
}

// Waiting is true while a subscriber waits for a snapshot that the next Publish would give it.
func (h *Hub) Waiting() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.o.Now()
	for s := range h.subs {
		if s.ready(now, h.o.Limits.Again) {
			return true
		}
	}
	return false
}

// Publish sends d to all subscribers and a snapshot to those that wait for one: new, fallen behind, or asking.
// It is to be called on every tick, changed or not (it sends the heartbeat), as soon as there are events to push,
// and when Wake asks; always by the goroutine that owns the tree, with d applied to it. snapshot is called at most
// once, before Publish returns, and only if somebody waits. d is not kept. Publish never blocks on a client.
func (h *Hub) Publish(d tree.Delta, snapshot func() tree.Snapshot) {
	h.mu.Lock()
	h.list = h.list[:0]
	for s := range h.subs {
		h.list = append(h.list, s)
	}
	h.mu.Unlock()

	now, viewers := h.o.Now(), len(h.list)
	if viewers == 0 {
		h.told = 0
		return
	}
	changed := -1
	if viewers != h.told {
		h.told, changed = viewers, viewers
	}
	h.buf = appendFrame(h.buf[:0], &d, changed, now.Sub(h.spoken) >= Heartbeat)
	if len(h.buf) > 0 {
		h.spoken = now
		f := newFrame(h.buf)
		for _, s := range h.list {
			s.push(f)
		}
	}

	var whole *tree.Snapshot
	var frames map[Role]*frame
	for _, s := range h.list {
		if !s.ready(now, h.o.Limits.Again) {
			continue
		}
		if whole == nil {
			w := snapshot()
			whole, frames = &w, map[Role]*frame{}
		}
		f := frames[s.role]
		if f == nil {
			meta := h.o.Meta
			if demo := h.demo.Load(); demo != nil {
				meta.Demo = *demo
			}
			h.buf = appendSnapshot(h.buf[:0], whole, &meta, s.role, viewers)
			f = newFrame(h.buf)
			frames[s.role] = f
		}
		s.restart(f, now)
	}
	clear(h.list) // those that leave must not be held until the next tick
}

// newFrame makes the one message that all subscribers share; b may be used again.
func newFrame(b []byte) *frame {
	m, err := websocket.NewPreparedMessage(websocket.TextMessage, b)
	if err != nil {
		panic(err) // it writes to memory: there is nothing that could fail
	}
	return &frame{message: m, size: len(b)}
}

// Demo names the processes that the program started by itself: snapshots from now on tell them.
func (h *Hub) Demo(ids []int) { h.demo.Store(&ids) }

// Close ends every connection with 1001, refuses new ones, and returns when all handlers have.
func (h *Hub) Close() {
	h.mu.Lock()
	h.closed = true
	for c := range h.conns {
		c.stop(websocket.CloseGoingAway, "Vivero is ending")
	}
	h.mu.Unlock()
	h.all.Wait()
}
