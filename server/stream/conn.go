package stream

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/fasthttp/websocket"
)

// Close codes of our own, beside those of RFC 6455.
const (
	CloseBadMessage = 4400 // neither a hello nor a request for a snapshot
	CloseBadToken   = 4401
	CloseNoHello    = 4408 // nothing came in time
)

// Authorise tells the role of a token that came from remote; the error is a sentence for the person at the other end.
type Authorise func(token string, remote net.Addr) (Role, error)

// conn is one websocket from its upgrade to its end.
type conn struct {
	hub       *Hub
	ws        *websocket.Conn
	authorise Authorise
	done      chan struct{} // closed by stop: the writer says goodbye and ends

	// The reader's own.
	since  time.Time // when the second began in which the client said
	said   int       // so many messages, pings and pongs
	inside bool      // a message has begun and has not ended
	failed error     // why nothing more can be read

	mu      sync.Mutex
	stopped bool
	code    int // why it ends; 0: the other side ended it, nothing to say
	reason  string
}

// stop ends the connection with a close code; only the first call counts. It does not wait: the writer sends the close
// frame, and the reader goes on for at most Limits.Linger, until the client has answered it.
func (c *conn) stop(code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return
	}
	if len(reason) > 120 { // a control frame holds 125 bytes
		reason = reason[:120]
	}
	c.stopped, c.code, c.reason = true, code, reason
	close(c.done)
	end := time.Now()
	if code != 0 {
		end = end.Add(c.hub.o.Limits.Linger)
	}
	_ = c.ws.SetReadDeadline(end) // wakes the reader; if even that fails, the socket is gone
}

// expect gives the client d to say something. After stop it does nothing: the reader must not wait again.
func (c *conn) expect(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.stopped {
		_ = c.ws.SetReadDeadline(time.Now().Add(d))
	}
}

// serve is the life of a connection; it returns when the writer is joined and the socket closed.
func (c *conn) serve() {
	s := newSubscriber(&c.hub.o.Limits, c.hub.o.Wake)
	var writer sync.WaitGroup
	writer.Add(1)
	go func() {
		defer writer.Done()
		defer c.goodbye()
		defer c.recovered("write")
		c.write(s)
	}()
	func() {
		defer c.recovered("read")
		if !c.ended() {
			c.listen(s)
		}
	}()
	c.stop(0, "") // for those ways here that gave no reason
	c.join(&writer)
	c.drain()
	_ = c.ws.Close()
}

// listen is the reader: the hello, and then whatever the client says, until one of the two ends it.
func (c *conn) listen(s *subscriber) {
	c.ws.SetReadLimit(c.hub.o.Limits.Message)
	pong := c.ws.PingHandler()
	c.ws.SetPingHandler(func(text string) error {
		if err := c.heard(); err != nil {
			return err
		}
		return pong(text)
	})

	c.ws.SetPongHandler(func(string) error { return c.heard() })

	c.expect(c.hub.o.Limits.Hello) // a ping does not buy more time
	token, err := c.hello()
	if err != nil {
		c.readFailed(err, CloseNoHello, "no hello in time")
		return
	}
	if s.role, err = c.authorise(token, c.ws.RemoteAddr()); err != nil {
		c.stop(CloseBadToken, err.Error())
		return
	}
	if !c.hub.subscribe(s) {
		return // Close came first, and has stopped this connection
	}
	defer c.hub.unsubscribe(s)
	c.hub.o.Wake()

	alive := 3 * c.hub.o.Limits.Ping
	c.expect(alive)
	c.ws.SetPongHandler(func(string) error {
		// Nobody has to be asked for a pong, so they count as chatter too. One within a message buys no time: a message in
		// endless empty fragments would never end.
		if err := c.heard(); err != nil || c.inside {
			return err
		}
		c.expect(alive)
		return nil
	})
	for !c.ended() {
		if err := c.request(s, token); err != nil {
			c.readFailed(err, websocket.CloseGoingAway, "no answer to our pings")
			return
		}
		c.expect(alive)
	}
}

// badMessage is what docs/stream.md does not allow.
type badMessage struct{ what string }

func (e badMessage) Error() string { return e.what }

// message is all that a client may say.
type message struct {
	Kind  string `json:"kind"`
	Token string `json:"token"`
}

func (c *conn) read() (m message, err error) {
	kind, r, err := c.ws.NextReader()
	var b []byte
	if err == nil {
		c.inside = true
		b, err = io.ReadAll(r)
		c.inside = false
	}
	if err != nil {
		c.failed = err
		return m, err
	}
	if err := c.heard(); err != nil {
		return m, err
	}
	if kind != websocket.TextMessage {
		return m, badMessage{"a binary message: only JSON text is understood"}
	}
	if json.Unmarshal(b, &m) != nil {
		return m, badMessage{"not a JSON object with a kind"}
	}
	return m, nil
}

// heard counts what a client says, so that one who may only look cannot keep a core busy with reading it.
func (c *conn) heard() error {
	if now := c.hub.o.Now(); now.Sub(c.since) >= time.Second {
		c.since, c.said = now, 0
	}
	if c.said++; c.said > c.hub.o.Limits.Chatter {
		c.stop(websocket.ClosePolicyViolation, "too many messages")
		return errStopped
	}
	return nil
}

func (c *conn) hello() (token string, err error) {
	m, err := c.read()
	if err == nil && m.Kind != "hello" {
		err = badMessage{`the first message must be {"kind":"hello","token":"…"}`}
	}
	return m.Token, err
}

// request reads one message after the hello. Authority is checked each time, not only on connect.
func (c *conn) request(s *subscriber, token string) error {
	m, err := c.read()
	if err != nil {
		return err
	}
	if now, err := c.authorise(token, c.ws.RemoteAddr()); err != nil || now != s.role {
		c.stop(CloseBadToken, "the token is no longer valid")
		return errStopped
	}
	if m.Kind != "snapshot" {
		return badMessage{`only {"kind":"snapshot"} is understood after the hello`}
	}
	s.ask()
	return nil
}

var errStopped = errors.New("stream: stopped")

// readFailed turns what ended the reading into a close code; late is the code when nothing came in time.
func (c *conn) readFailed(err error, late int, why string) {
	var bad badMessage
	var timeout net.Error
	var goodbye *websocket.CloseError
	switch {
	case errors.As(err, &bad):
		c.stop(CloseBadMessage, bad.what)
	case errors.Is(err, websocket.ErrReadLimit):
		c.stop(websocket.CloseMessageTooBig, fmt.Sprintf("over %d bytes", c.hub.o.Limits.Message))
	case errors.As(err, &timeout) && timeout.Timeout():
		c.stop(late, why)
	case errors.As(err, &goodbye):
		c.stop(0, "") // the library has answered its close frame
	default:
		c.stop(websocket.CloseProtocolError, "") // it broke the protocol, and the library told it how; or it is gone
	}
}

// join waits for the writer. A write that hangs is cut short: by then nobody waits for its frame.
func (c *conn) join(writer *sync.WaitGroup) {
	cut := time.AfterFunc(c.hub.o.Limits.Linger, func() { _ = c.ws.NetConn().SetWriteDeadline(time.Unix(1, 0)) })
	defer cut.Stop()
	writer.Wait()
}

// goodbye is the writer's last frame. It is an error that changes nothing if the library has sent one already (to a
// client that sent too much, or broke the protocol), or if a write was cut short before it.
func (c *conn) goodbye() {
	<-c.done
	if c.code != 0 {
		_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(c.code, c.reason), time.Now().Add(c.hub.o.Limits.Linger))
	}
}

// drain reads what the client still sends until it answers our close frame. A socket that is closed with unread bytes
// in it is reset, and a reset destroys the close frame on its way. stop has set the deadline.
func (c *conn) drain() {
	if c.code == 0 {
		return
	}
	for c.failed == nil {
		_, _, c.failed = c.ws.NextReader()
	}
	var answered *websocket.CloseError
	if !errors.As(c.failed, &answered) {
		_, _ = io.CopyN(io.Discard, c.ws.NetConn(), 4<<20) // frames it can no longer make out
	}
}

func (c *conn) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// recovered ends this connection alone when its code panics: a panic in a goroutine would end the whole server.
func (c *conn) recovered(what string) {
	if r := recover(); r != nil {
		c.hub.o.Log.Error("stream: panic", "while", what, "panic", r, "stack", string(debug.Stack()))
		c.stop(websocket.CloseInternalServerErr, "Vivero failed; its log says why")
	}
}
