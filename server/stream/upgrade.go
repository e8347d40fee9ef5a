package stream

import (
	"time"

	"github.com/gofiber/fiber/v2"
	fws "github.com/gofiber/websocket/v2"

	"vivero/server/refusal"
)

// ticket is a place among the connections, kept from the check before the upgrade to the handler after it.
type ticket struct{ at time.Time }

// lapse is how long a ticket holds its place: when the client is gone before the answer is written, fasthttp never
// calls the handler and tells nobody, and the place must not be lost for good.
const lapse = 10 * time.Second

// Handler upgrades GET /ws. Host and Origin are the caller's to check before it. Over the cap, and while the hub
// closes, it refuses with 503 and Retry-After, before the upgrade.
func (h *Hub) Handler(authorise Authorise) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if !fws.IsWebSocketUpgrade(c) {
			return fiber.ErrUpgradeRequired
		}
		t := h.admit()
		if t == nil {
			// Browsers come back with jitter; two seconds keep those that know the header from coming at once.
			c.Set(fiber.HeaderRetryAfter, "2")
			return &refusal.Error{Status: fiber.StatusServiceUnavailable, Sentence: "watch: too many browsers are connected"}
		}
		// New is called for each connection: the ticket is this one's.
		err := fws.New(func(w *fws.Conn) {
			// w is pooled and emptied when this returns; w.Conn is not, and nothing below keeps w.
			h.serve(t, &conn{hub: h, ws: w.Conn, authorise: authorise, done: make(chan struct{})})
		})(c)
		if err != nil {
			h.release(t)
		}
		return err
	}
}

// admit takes a place, or returns nil when all are taken.
func (h *Hub) admit() *ticket {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.o.Now()
	for t := range h.tickets {
		if now.Sub(t.at) > lapse {
			delete(h.tickets, t)
		}
	}
	if h.closed || len(h.conns)+len(h.tickets) >= h.o.Limits.Connections {
		return nil
	}
	t := &ticket{at: now}
	h.tickets[t] = struct{}{}
	return t
}

func (h *Hub) release(t *ticket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.tickets, t)
}

// serve runs c in the place of its ticket.
func (h *Hub) serve(t *ticket, c *conn) {
	h.mu.Lock()
	delete(h.tickets, t)
	if h.closed || len(h.conns) >= h.o.Limits.Connections {
		closed := h.closed
		h.mu.Unlock()
		if closed {
			c.stop(fws.CloseGoingAway, "Vivero is ending")
		} else {
			c.stop(fws.CloseTryAgainLater, "too many browsers are connected")
		}
		c.serve()
		return
	}
	h.conns[c] = struct{}{}
	h.all.Add(1)
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		delete(h.conns, c)
		h.mu.Unlock()
		h.all.Done()
	}()
	c.serve()
}

func (h *Hub) subscribe(s *subscriber) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.subs[s] = struct{}{}
	return true
}

func (h *Hub) unsubscribe(s *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.subs, s)
}
