package api

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"vivero/server/refusal"
	"vivero/server/stream"
)

// rule is what one address does for {no, wrong, viewer, presenter} token.
type rule struct {
	path    string // the route with its parameters filled in
	body    string
	status  [4]int
	changes bool // for those who may
}

var (
	open   = func(status int) [4]int { return [4]int{status, status, status, status} }
	look   = [4]int{401, 401, 200, 200}
	act    = [4]int{401, 401, 403, 200}
	matrix = map[string]rule{
		"GET /":         {path: "/", status: open(200)},
		"GET /healthz":  {path: "/healthz", status: open(200)},
		"HEAD /":        {path: "/", status: open(200)},
		"HEAD /healthz": {path: "/healthz", status: open(200)},
		// A plain GET; the websocket's own token is tested with real upgrades below.
		"GET /ws": {path: "/ws", status: open(426)},

		"GET /api/workloads":             {path: "/api/workloads", status: look},
		"GET /api/tree":                  {path: "/api/tree", status: look},
		"GET /api/processes/:id":         {path: "/api/processes/2", status: look},
		"GET /api/processes/:id/output":  {path: "/api/processes/2/output", status: look},
		"HEAD /api/workloads":            {path: "/api/workloads", status: look},
		"HEAD /api/tree":                 {path: "/api/tree", status: look},
		"HEAD /api/processes/:id":        {path: "/api/processes/2", status: look},
		"HEAD /api/processes/:id/output": {path: "/api/processes/2/output", status: look},

		"POST /api/processes":             {path: "/api/processes", body: `{"workload":"primes"}`, status: [4]int{401, 401, 403, 201}, changes: true},
		"POST /api/processes/:id/signal":  {path: "/api/processes/2/signal", body: `{"signal":"TERM"}`, status: act, changes: true},
		"DELETE /api/processes/:id":       {path: "/api/processes/2?tree=true", status: act, changes: true},
		"POST /api/end-all":               {path: "/api/end-all", status: act, changes: true},
		"POST /api/pace":                  {path: "/api/pace", body: `{"delay_ms":0}`, status: act, changes: true},
		"POST /api/pause":                 {path: "/api/pause", status: act, changes: true},
		"POST /api/resume":                {path: "/api/resume", status: act, changes: true},
		"POST /api/step":                  {path: "/api/step", status: act, changes: true},
		"POST /api/channels/:id/messages": {path: "/api/channels/3/messages", body: `{"text":"x"}`, status: [4]int{401, 401, 403, 201}, changes: true},
	}
)

func TestRoles(t *testing.T) {
	s := start(t)
	for path := range s.files {
		if path != "/" {
			matrix["GET "+path] = rule{path: path, status: open(200)}
			matrix["HEAD "+path] = rule{path: path, status: open(200)}
		}
	}
	left := map[string]bool{}
	for name := range matrix {
		left[name] = true
	}
	for _, route := range s.App().GetRoutes(true) {
		name := route.Method + " " + route.Path
		r, known := matrix[name]
		if !known {
			t.Errorf("%s is not in the matrix: say who may use it", name)
			continue
		}
		delete(left, name)
		for i, token := range []string{"", "wrong-token", viewerToken, presenterToken} {
			before := len(s.backend.changes())
			a := s.ask(route.Method, r.path, token, r.body)
			if a.status != r.status[i] {
				t.Errorf("%s with token %q: %d, want %d: %s", name, token, a.status, r.status[i], a.body)
			}
			if a.status >= 400 && route.Method != "HEAD" {
				a.sentence(t)
			}
			changed, want := len(s.backend.changes())-before, 0
			if r.changes && i == 3 {
				want = 1
			}
			if changed != want {
				t.Errorf("%s with token %q: the backend was asked %d times to change something, want %d", name, token, changed, want)
			}
		}
	}
	for name := range left {
		t.Errorf("%s is in the matrix, but there is no such route", name)
	}
}

func TestViewersSeeNoSecrets(t *testing.T) {
	s := start(t)
	v := s.ask("GET", "/api/processes/2", viewerToken, "")
	if strings.Contains(v.body, "hunter") || strings.Contains(v.body, "cmdline") || !strings.Contains(v.body, `"exe":"/bin/x"`) {
		t.Errorf("a viewer reads %s", v.body)
	}
	p := s.ask("GET", "/api/processes/2", presenterToken, "")
	if !strings.Contains(p.body, "hunter2") || !strings.Contains(p.body, "hunter3") {
		t.Errorf("the presenter reads %s", p.body)
	}
}

// One scheme, spelt right, is a token; nothing else is.
func TestTokenHeader(t *testing.T) {
	s := start(t)
	for header, want := range map[string]int{
		"Bearer " + presenterToken: 200, "bearer " + presenterToken: 200, presenterToken: 401, "Basic " + presenterToken: 401,
		"Bearer": 401, "Bearer ": 401, "Bearer " + presenterToken + "x": 401, "Bearer " + presenterToken[:10]: 401,
		"Bearer " + strings.ToUpper(presenterToken): 401,
	} {
		if a := s.ask("GET", "/api/tree", "", "", "Authorization", header); a.status != want {
			t.Errorf("%q: %d, want %d", header, a.status, want)
		}
	}
	for _, path := range []string{"/api/tree?token=" + presenterToken, "/api/tree#token=" + presenterToken} {
		if a := s.ask("GET", path, "", "", "Cookie", "token="+presenterToken); a.status != 401 || a.header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

func TestNoTokensOpenNothing(t *testing.T) {
	s := start(t, func(o *Options) { o.Tokens = Tokens{} })
	for _, header := range []string{"", "Bearer", "Bearer ", "Bearer x"} {
		if a := s.ask("GET", "/api/tree", "", "", "Authorization", header); a.status != 401 {
			t.Errorf("%q: %d", header, a.status)
		}
	}
}

func TestGuessing(t *testing.T) {
	s := start(t)
	now := time.Now()
	s.guard.now = func() time.Time { return now }
	for i := range guessLimit + 20 {
		want := 401
		if i >= guessLimit {
			want = 429
		}
		a := s.ask("GET", "/api/tree", fmt.Sprintf("guess-%d", i), "")
		if a.status != want {
			t.Fatalf("guess %d: %d, want %d", i, a.status, want)
		}
		if want == 429 && a.header.Get("Retry-After") == "" {
			t.Error("429 without Retry-After")
		}
	}
	for token, want := range map[string]int{presenterToken: 200, viewerToken: 200, "": 401, "another": 429} {
		if a := s.ask("GET", "/api/tree", token, ""); a.status != want {
			t.Errorf("after the guessing, token %q: %d, want %d", token, a.status, want)
		}
	}
	now = now.Add(guessWindow)
	if a := s.ask("GET", "/api/tree", "another", ""); a.status != 401 {
		t.Errorf("a minute later: %d", a.status)
	}
}

// With --share and without TLS the presenter's token travels in the clear: it opens nothing from other machines.
func TestPresenterFromElsewhere(t *testing.T) {
	elsewhere := []net.Addr{
		&net.TCPAddr{IP: net.IPv4(192, 168, 1, 9)}, &net.TCPAddr{IP: net.ParseIP("fe80::1")}, &net.TCPAddr{}, &net.UnixAddr{}, nil,
	}
	here := []net.Addr{&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, &net.TCPAddr{IP: net.ParseIP("::1")}, &net.TCPAddr{IP: net.ParseIP("::ffff:127.0.0.1")}}
	tokens := Tokens{presenterToken, viewerToken}
	for _, a := range elsewhere {
		if _, err := newGuard(tokens, true, time.Now).role(presenterToken, a); refusal.Status(err) != 403 {
			t.Errorf("shared, from %v: %v", a, err)
		}
		if r, err := newGuard(tokens, true, time.Now).role(viewerToken, a); err != nil || r != stream.Viewer {
			t.Errorf("shared, viewer from %v: %v", a, err)
		}
		if r, err := newGuard(tokens, false, time.Now).role(presenterToken, a); err != nil || r != stream.Presenter {
			t.Errorf("with TLS, from %v: %v", a, err)
		}
	}
	for _, a := range here {
		if r, err := newGuard(tokens, true, time.Now).role(presenterToken, a); err != nil || r != stream.Presenter {
			t.Errorf("shared, from %v: %v", a, err)
		}
	}
	s := start(t, func(o *Options) { o.Share = true })
	if a := s.ask("GET", "/api/tree", presenterToken, "", "X-Forwarded-For", "192.168.1.9"); a.status != 200 {
		t.Errorf("from loopback: %d", a.status)
	}
	if !New(Options{Hub: stream.NewHub(stream.Options{}), Static: page, Share: true, Hosts: []string{"x:1"}}).guard.presenterFromLoopbackOnly {
		t.Error("Share without TLS does not keep the presenter's token to loopback")
	}
	if New(Options{Hub: stream.NewHub(stream.Options{}), Static: page, Share: true, TLS: true}).guard.presenterFromLoopbackOnly {
		t.Error("TLS does not lift it")
	}
}

// The other address of this machine is a real one that is not loopback, where there is one.
func TestPresenterFromTheLAN(t *testing.T) {
	var lan net.IP
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() && n.IP.To4() != nil {
			lan = n.IP
		}
	}
	if lan == nil {
		t.Skip("this machine has no address but loopback")
	}
	ln, err := net.Listen("tcp", net.JoinHostPort(lan.String(), "0"))
	if err != nil {
		t.Skip(err)
	}
	s := start(t, func(o *Options) { o.Share = true; o.Hosts = append(o.Hosts, ln.Addr().String()) })
	done := make(chan error)
	go func() { done <- s.Serve(ln) }()
	for token, want := range map[string]int{presenterToken: 403, viewerToken: 200} {
		r, _ := http.NewRequest("GET", "http://"+ln.Addr().String()+"/api/tree", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		resp, err := s.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s over the LAN: %d, want %d", token, resp.StatusCode, want)
		}
	}
	s.client.CloseIdleConnections()
	if err := s.Shutdown(10 * time.Second); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestTLS(t *testing.T) {
	certificate := selfSigned(t)
	s := start(t, func(o *Options) { o.TLS = true })
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		done <- s.Serve(tls.NewListener(ln, &tls.Config{Certificates: []tls.Certificate{certificate}}))
	}()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // self-signed
	for origin, want := range map[string]int{"": 200, "https://localhost:" + s.port(): 200, "http://localhost:" + s.port(): 403} {
		r, _ := http.NewRequest("GET", "https://"+ln.Addr().String()+"/api/tree", nil)
		r.Host = "localhost:" + s.port()
		r.Header.Set("Authorization", "Bearer "+presenterToken)
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("origin %q: %d, want %d", origin, resp.StatusCode, want)
		}
		if csp := resp.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "wss://localhost:"+s.port()) || strings.Contains(csp, "ws://localhost") && !strings.Contains(csp, "wss://") {
			t.Error(csp)
		}
	}
	client.CloseIdleConnections()
	if err := s.Shutdown(10 * time.Second); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
