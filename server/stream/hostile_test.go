package stream

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

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

func TestChatterIsCutOff(t *testing.T) {
	for what, say := range map[string]func(*client) error{
		"messages": func(c *client) error { return c.ws.WriteMessage(websocket.TextMessage, []byte(`{"kind":"snapshot"}`)) },
		"pings": func(c *client) error {
			return c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(patience))
		},
		"pongs": func(c *client) error {
			return c.ws.WriteControl(websocket.PongMessage, nil, time.Now().Add(patience))
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

// TestEndlessMessage: empty fragments, of which no limit on bytes ever has enough, and pongs, which say that it lives.
func TestEndlessMessage(t *testing.T) {
	s := start(t, Limits{Ping: 100 * time.Millisecond, Linger: 20 * time.Millisecond, Chatter: 1 << 30})
	c := s.raw(`{"kind":"hello","token":"v"}`)
	eventually(t, "it is subscribed", func() bool { return s.hub.Viewers() == 1 })
	if _, err := c.Write(masked(0x01, 0, nil)); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, c) }()
	more := append(masked(0x00, 0, nil), masked(0x8a, 0, nil)...)
	eventually(t, "it is cut off", func() bool {
		_, err := c.Write(more)
		return err != nil || s.hub.Viewers() == 0
	})
	_ = c.Close()
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
