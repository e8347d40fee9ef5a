package api

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

// everywhere are addresses of each sort: page, file, open, API, stream.
var everywhere = []string{"/", "/assets/index-VMoJOsnr.js", "/healthz", "/api/tree", "/api/processes/2", "/ws", "/nowhere"}

func TestHost(t *testing.T) {
	s := start(t)
	port := s.port()
	for _, host := range []string{"localhost:" + port, "LOCALHOST:" + port, "127.0.0.1:" + port, "[::1]:" + port, "192.168.7.7:" + port} {
		for _, path := range everywhere {
			a := s.ask("GET", path, presenterToken, "", "Host", host)
			if want := map[string]int{"/ws": 426, "/nowhere": 404}[path]; a.status != want && !(want == 0 && a.status == 200) {
				t.Errorf("%s as %s: %d", path, host, a.status)
			}
		}
	}
	for _, host := range []string{
		"evil.example:" + port, "127.0.0.1.evil.com", "127.0.0.1.evil.com:" + port, "localhost.evil.com:" + port, "evil-localhost:" + port,
		"localhost", "127.0.0.1", "localhost:1", "localhost.:" + port, "127.1:" + port, "0.0.0.0:" + port, "[::]:" + port, "[::ffff:127.0.0.1]:" + port,
		"192.168.7.8:" + port, "localhost:" + port + "@evil.example", "localhost:0" + port, "evil.example#localhost:" + port, "a b", "%6cocalhost:" + port,
	} {
		for _, path := range everywhere {
			for _, lie := range []string{"X-Forwarded-Host", "X-Real-Ip", "X-Forwarded-For", "Forwarded", "X-Host"} {
				a := s.raw(fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\n%s: localhost:%s\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n",
					path, host, lie, port, presenterToken))
				if a.status != 403 && a.status != 400 {
					t.Errorf("%s as %s with %s: %d", path, host, lie, a.status)
				}
				a.sentence(t)
			}
		}
	}
	for _, request := range []string{
		"GET /api/tree HTTP/1.1\r\n\r\n", "GET /api/tree HTTP/1.1\r\nHost:\r\n\r\n", "GET /api/tree HTTP/1.0\r\n\r\n",
		"GET http://localhost:" + port + "/api/tree HTTP/1.1\r\nHost: localhost:" + port + "\r\n\r\n",
		"GET http://evil.example/api/tree HTTP/1.1\r\nHost: localhost:" + port + "\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: localhost:" + port + "\r\n\r\n",
		"GET  HTTP/1.1\r\nHost: localhost:" + port + "\r\n\r\n",
		"GET /api/tree HTTP/1.1\r\nHost: \x00\xff\r\n\r\n", "GET /api/tree HTTP/1.1\r\nHost: [::1\r\n\r\n",
		"GET /api/tree HTTP/1.1\r\nHost: " + strings.Repeat("a", 10_000) + "\r\n\r\n",
	} {
		if a := s.raw(request); a.status != 400 && a.status != 403 {
			t.Errorf("%q: %d %s", request[:min(80, len(request))], a.status, a.body)
		}
	}
	s.alive()
}

func foreignOrigins(port string) []string {
	return []string{
		"http://evil.example", "http://localhost:1", "null", "http://localhost:" + port + ".evil.com", "https://localhost:" + port,
		"http://localhost", "http://LOCALHOST:" + port, "http://localhost:" + port + "/", "http://127.0.0.1.evil.com:" + port, "", "://", "\xff", "file://",
		"http://localhost:" + port + " http://evil.example", "chrome-extension://x",
	}
}

func TestOrigin(t *testing.T) {
	s := start(t)
	own := []string{"http://localhost:" + s.port(), "http://127.0.0.1:" + s.port(), "http://[::1]:" + s.port(), "http://192.168.7.7:" + s.port()}
	for _, origin := range own {
		if a := s.ask("POST", "/api/end-all", presenterToken, "", "Origin", origin, "Sec-Fetch-Site", "same-origin"); a.status != 200 {
			t.Errorf("from %s: %d %s", origin, a.status, a.body)
		}
	}
	before := len(s.backend.changes())
	for _, origin := range foreignOrigins(s.port()) {
		for _, to := range []string{"POST /api/end-all", "DELETE /api/processes/2", "GET /api/tree", "GET /", "GET /ws", "OPTIONS /api/end-all"} {
			method, path, _ := strings.Cut(to, " ")
			a := s.raw(fmt.Sprintf("%s %s HTTP/1.1\r\nHost: localhost:%s\r\nOrigin: %s\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n",
				method, path, s.port(), origin, presenterToken))
			if a.status != 403 {
				t.Errorf("%s from %q: %d", to, origin, a.status)
			}
			for name := range a.header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%s from %q: %s: %s", to, origin, name, a.header.Get(name))
				}
			}
		}
	}
	if n := len(s.backend.changes()); n != before {
		t.Errorf("a foreign page changed something: %v", s.backend.changes()[before:])
	}
	s.alive()
}

// TestRepeatedHeaders: of two that decide, neither counts.
func TestRepeatedHeaders(t *testing.T) {
	s := start(t)
	own, evil := "localhost:"+s.port(), "evil.example"
	for _, lines := range []string{
		"Host: " + own + "\r\nHost: " + evil, "Host: " + evil + "\r\nhOST: " + own, "Host: " + own + "\r\nHost: " + own,
		"Host: " + own + "\r\nOrigin: http://" + own + "\r\nOrigin: http://" + evil, "Host: " + own + "\r\nOrigin: http://" + evil + "\r\nOrigin: http://" + own,
		"Host: " + own + "\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site",
		"Host: " + own + "\r\nAuthorization: Bearer x",
	} {
		for _, to := range []string{"POST /api/end-all", "GET /ws", "GET /"} {
			a := s.raw(to + " HTTP/1.1\r\n" + lines + "\r\nAuthorization: Bearer " + presenterToken + "\r\nConnection: close\r\n\r\n")
			if a.status != 400 && a.status != 403 {
				t.Errorf("%s with %q: %d", to, lines, a.status)
			}
		}
	}
	if c := s.backend.changes(); len(c) != 0 {
		t.Errorf("the backend was asked to %v", c)
	}
	if a := s.ask("GET", "/api/tree", presenterToken, "", "X-Host", "Host: x"); a.status != 200 {
		t.Errorf("once each: %d", a.status)
	}
}

func TestFetchSite(t *testing.T) {
	s := start(t)
	for site, foreign := range map[string]bool{"": false, "none": false, "same-origin": false, "same-site": true, "cross-site": true, "Same-Origin": true, "x": true} {
		for _, to := range []string{"POST /api/end-all", "DELETE /api/processes/2", "GET /api/tree", "GET /ws", "GET /", "GET /assets/index-VMoJOsnr.js"} {
			method, path, _ := strings.Cut(to, " ")
			want := 200
			switch {
			case foreign && s.files[path] == nil:
				want = 403
			case path == "/ws":
				want = 426
			}
			if a := s.ask(method, path, presenterToken, "", "Sec-Fetch-Site", site); a.status != want {
				t.Errorf("%s with Sec-Fetch-Site %q: %d, want %d", to, site, a.status, want)
			}
		}
	}
	if a := s.ask("POST", "/", presenterToken, "", "Sec-Fetch-Site", "cross-site"); a.status != 403 {
		t.Errorf("POST / from another site: %d", a.status)
	}
}

func TestGETChangesNothing(t *testing.T) {
	s := start(t)
	for _, path := range []string{"/api/end-all", "/api/processes", "/api/processes/2/signal", "/api/processes/2/signal?signal=KILL", "/api/processes/2?_method=DELETE"} {
		for _, method := range []string{"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "PATCH"} {
			s.ask(method, path, presenterToken, "", "X-Http-Method-Override", "DELETE")
		}
	}
	if c := s.backend.changes(); len(c) != 0 {
		t.Errorf("the backend was asked to %v", c)
	}
}

func TestHeaders(t *testing.T) {
	s := start(t)
	for _, path := range everywhere {
		a := s.ask("GET", path, presenterToken, "")
		csp := a.header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'", "ws://localhost:" + s.port()} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: %q is missing in %q", path, want, csp)
			}
		}
		if strings.Contains(csp, "unsafe") || strings.Contains(csp, "data:") || strings.Contains(csp, "*") || strings.Contains(csp, "[") {
			t.Errorf("%s: %q", path, csp)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Server": "",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Access-Control-Allow-Origin": "",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s: %q, want %q", path, name, got, want)
			}
		}
		if cache := a.header.Get("Cache-Control"); s.files[path] == nil && cache != "no-store" {
			t.Errorf("%s: Cache-Control: %q", path, cache)
		}
	}
	// What never reaches a handler has them too.
	for _, request := range []string{"GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("A: b\r\n", 5000) + "\r\n", "BREW / HTTP/1.1\r\nHost: x\r\n\r\n"} {
		a := s.raw(request)
		if a.header.Get("X-Content-Type-Options") != "nosniff" || a.status < 400 {
			t.Errorf("%.20q: %d %v", request, a.status, a.header)
		}
		a.sentence(t)
	}
}

// A websocket from anywhere but our own page is refused before the upgrade, and nobody is subscribed.
func TestForeignWebsockets(t *testing.T) {
	s := start(t)
	url := "ws://" + s.addr + "/ws"
	refused := func(what string, h http.Header) {
		t.Helper()
		ws, resp, err := websocket.DefaultDialer.Dial(url, h)
		if err == nil {
			_ = ws.Close()
			t.Errorf("%s: upgraded", what)
			return
		}
		if resp == nil || resp.StatusCode != 403 && resp.StatusCode != 400 {
			t.Errorf("%s: %v %v", what, resp, err)
		}
	}
	for _, origin := range foreignOrigins(s.port()) {
		refused("origin "+origin, http.Header{"Origin": {origin}})
	}
	refused("host", http.Header{"Host": {"evil.example:" + s.port()}})
	refused("site", http.Header{"Sec-Fetch-Site": {"cross-site"}})
	if n := s.hub.Viewers(); n != 0 {
		t.Errorf("%d viewers", n)
	}

	for token, want := range map[string]int{"": 4401, "wrong": 4401, viewerToken: 0, presenterToken: 0} {
		ws, _, err := websocket.DefaultDialer.Dial(url, http.Header{"Origin": {"http://localhost:" + s.port()}})
		if err != nil {
			t.Fatal(err)
		}
		_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
		if err := ws.WriteJSON(map[string]string{"kind": "hello", "token": token}); err != nil {
			t.Fatal(err)
		}
		_, frame, err := ws.ReadMessage()
		if want != 0 && !websocket.IsCloseError(err, want) || want == 0 && (err != nil || !bytes.Contains(frame, []byte(`"kind":"snapshot"`))) {
			t.Errorf("token %q: %v %s", token, err, frame)
		}
		// The viewer's messages cannot do what its token may not.
		if want == 0 {
			_ = ws.WriteMessage(websocket.TextMessage, []byte(`{"kind":"signal","id":2,"signal":"KILL"}`))
			for err == nil {
				_, _, err = ws.ReadMessage()
			}
			if !websocket.IsCloseError(err, 4400) {
				t.Errorf("an unknown message: %v", err)
			}
		}
		_ = ws.Close()
	}
	if c := s.backend.changes(); len(c) != 0 {
		t.Errorf("the backend was asked to %v", c)
	}
}

func TestSlowHeadersAreCutOff(t *testing.T) {
	s := start(t, func(o *Options) { o.ReadTimeout = 200 * time.Millisecond })
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: localhost:"+s.port()+"\r\nX-A: ")
	b, err := io.ReadAll(c) // the server ends it
	if err != nil {
		t.Fatal(err)
	}
	if len(b) > 0 && !bytes.HasPrefix(b, []byte("HTTP/1.1 408")) {
		t.Errorf("%s", b)
	}
	s.alive()
}
