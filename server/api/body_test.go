package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"vivero/server/refusal"
)

func TestBodies(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		name, to, body string
		status         int
		says           string
	}{
		{"none where none is needed", "POST /api/end-all", "", 200, ""},
		{"empty object", "POST /api/end-all", "{}", 200, ""},
		{"spaces", "POST /api/end-all", "  {}\n", 200, ""},
		{"unknown field of nothing", "POST /api/end-all", `{"x":1}`, 400, `unknown field "x"`},
		{"null", "POST /api/end-all", "null", 400, "JSON object"},
		{"no workload", "POST /api/processes", "", 400, "workload is missing"},
		{"empty workload", "POST /api/processes", `{"workload":""}`, 400, "workload is missing"},
		{"count of one", "POST /api/processes", `{"workload":"primes"}`, 201, ""},
		{"all of it", "POST /api/processes", `{"workload":"primes","params":{"n":100,"mode":"fast"},"parent":3,"count":1000}`, 201, ""},
		{"null fields", "POST /api/processes", `{"workload":"primes","params":null,"parent":null,"count":null}`, 201, ""},
		{"count 0", "POST /api/processes", `{"workload":"primes","count":0}`, 400, "start primes: count must be 1..1000, got 0"},
		{"count 1001", "POST /api/processes", `{"workload":"primes","count":1001}`, 400, "got 1001"},
		{"count -5", "POST /api/processes", `{"workload":"primes","count":-5}`, 400, "got -5"},
		{"count as a string", "POST /api/processes", `{"workload":"primes","count":"5"}`, 400, "count must be a whole number, got string"},
		{"count of half", "POST /api/processes", `{"workload":"primes","count":0.5}`, 400, "count must be a whole number"},
		{"count of 2^63", "POST /api/processes", `{"workload":"primes","count":9223372036854775808}`, 400, "count must be a whole number"},
		{"parent -1", "POST /api/processes", `{"workload":"primes","parent":-1}`, 400, "parent"},
		{"parent of 2^54", "POST /api/processes", `{"workload":"primes","parent":18014398509481984}`, 400, "parent"},
		{"workload as a number", "POST /api/processes", `{"workload":7}`, 400, "workload must be a string, got number"},
		{"params as a list", "POST /api/processes", `{"workload":"primes","params":[1]}`, 400, "params must be an object, got array"},
		{"unknown field", "POST /api/processes", `{"workload":"primes","cmd":"rm"}`, 400, `unknown field "cmd"; known are workload, params, parent, count`},
		{"half an object", "POST /api/processes", `{"workload":"primes"`, 400, "not valid JSON"},
		{"not JSON", "POST /api/processes", `{workload}`, 400, "not valid JSON at byte"},
		{"two objects", "POST /api/processes", `{"workload":"primes"}{"workload":"bomb"}`, 400, "nothing after it"},
		{"a list", "POST /api/processes", `[{"workload":"primes"}]`, 400, "JSON object"},
		{"invalid UTF-8", "POST /api/processes", "{\"workload\":\"\xff\"}", 400, "UTF-8"},
		{"a deep one", "POST /api/processes", `{"params":{"a":` + strings.Repeat("[", 100_000), 400, "not valid JSON"},
		{"no signal", "POST /api/processes/2/signal", "", 400, "must be one of TERM, KILL"},
		{"unknown signal", "POST /api/processes/2/signal", `{"signal":"FOO"}`, 400, `got "FOO"`},
		{"signal by number", "POST /api/processes/2/signal", `{"signal":9}`, 400, "signal must be a string"},
		{"signal 0", "POST /api/processes/2/signal", `{"signal":"0"}`, 400, "must be one of"},
		{"long signal", "POST /api/processes/2/signal", `{"signal":"` + strings.Repeat("A", 64_000) + `"}`, 400, "must be one of"},
		{"hostile signal", "POST /api/processes/2/signal", `{"signal":"TERM\u0000;ls"}`, 400, "must be one of"},
		{"tree as a word", "POST /api/processes/2/signal", `{"signal":"TERM","tree":"yes"}`, 400, "tree must be true or false"},
		{"tree as 1", "DELETE /api/processes/2?tree=1", "", 400, "tree must be true or false"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(s.backend.changes())
			method, path, _ := strings.Cut(c.to, " ")
			a := s.ask(method, path, presenterToken, c.body)
			if a.status != c.status {
				t.Fatalf("%d, want %d: %s", a.status, c.status, a.body)
			}
			if c.status >= 400 {
				if got := a.sentence(t); !strings.Contains(got, c.says) || len(got) > 500 {
					t.Errorf("says %q, want %q", got, c.says)
				}
				if n := len(s.backend.changes()); n != before {
					t.Errorf("the backend was asked to %v", s.backend.changes()[before:])
				}
			}
		})
	}
	last := s.backend.starts[1]
	if last.Workload != "primes" || string(last.Params["n"]) != "100" || string(last.Params["mode"]) != `"fast"` || last.Parent != 3 || last.Count != 1000 {
		t.Errorf("the backend got %+v", last)
	}
	if one := s.backend.starts[0]; one.Count != 1 || one.Parent != 0 {
		t.Errorf("the backend got %+v", one)
	}
}

func TestAnswers(t *testing.T) {
	s := start(t)
	for _, c := range []struct{ to, body, want, did string }{
		{"POST /api/processes", `{"workload":"primes"}`, `[{"id":7,"pid":4217}]`, "start primes"},
		{"POST /api/processes/2/signal", `{"signal":"sigterm"}`, `{"signalled":[2,3]}`, "signal 2 TERM false"},
		{"POST /api/processes/2/signal", `{"signal":"USR1","tree":true}`, `{"signalled":[2,3]}`, "signal 2 USR1 true"},
		{"DELETE /api/processes/2", "", `{"signalled":[2,3]}`, "end 2 false"},
		{"DELETE /api/processes/2?tree=true", "", `{"signalled":[2,3]}`, "end 2 true"},
		{"POST /api/end-all", "", `{"signalled":[2,3]}`, "end all"},
		{"POST /api/pace", `{"delay_ms":500}`, `{"paused":false,"delay_ms":500,"without":[]}`, "pace 500ms"},
		{"POST /api/pause", "", `{"paused":true,"delay_ms":0,"without":[]}`, "pause"},
		{"POST /api/resume", "{}", `{"paused":false,"delay_ms":0,"without":[]}`, "resume"},
		{"POST /api/step", "", `{"paused":false,"delay_ms":0,"without":[]}`, "step 0"},
		{"POST /api/step", `{"process":2}`, `{"paused":false,"delay_ms":0,"without":[]}`, "step 2"},
		{"POST /api/channels/3/messages", `{"text":"hola <b>"}`, `{"sent":true}`, "send 3 hola <b>"},
		{"GET /api/workloads", "", `[{"name":"primes"}]`, ""},
	} {
		method, path, _ := strings.Cut(c.to, " ")
		a := s.ask(method, path, presenterToken, c.body)
		if a.body != c.want || a.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %s, want %s", c.to, a.body, c.want)
		}
		if did := s.backend.changes(); c.did != "" && did[len(did)-1] != c.did {
			t.Errorf("%s: did %v, want %s", c.to, did, c.did)
		}
	}
	var tree map[string]any
	if err := json.Unmarshal([]byte(s.ask("GET", "/api/tree", viewerToken, "").body), &tree); err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{"processes", "cores"} {
		if _, ok := tree[list].([]any); !ok {
			t.Errorf("%s is %v, not a list", list, tree[list])
		}
	}
}

func TestWrongTargets(t *testing.T) {
	s := start(t)
	for _, id := range []string{"0", "-1", "+2", "02", "2.0", "2e0", "0x2", "1;ls", "$(ls)", "9007199254740993", "9223372036854775808", "18446744073709551618", "%32", "2%20", "%00", "..", "٢", "NaN", strings.Repeat("9", 3000)} {
		for _, to := range []string{"GET /api/processes/%s", "GET /api/processes/%s/output", "POST /api/processes/%s/signal", "DELETE /api/processes/%s"} {
			method, path, _ := strings.Cut(fmt.Sprintf(strings.Replace(to, "%s", "%[1]s", 1), strings.ReplaceAll(id, "%", "%%")), " ")
			path = strings.ReplaceAll(path, "%%", "%")
			body := ""
			if method == "POST" {
				body = `{"signal":"KILL"}`
			}
			a := s.raw(fmt.Sprintf("%s %s HTTP/1.1\r\nHost: localhost:%s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
				method, path, s.port(), presenterToken, len(body), body))
			if a.status != 400 {
				t.Errorf("%s %.60s: %d", method, path, a.status)
			}
			if got := a.sentence(t); !strings.Contains(got, "a process id is a number from 1 to 9007199254740992") || len(got) > 400 {
				t.Errorf("%s %.60s: %q", method, path, got)
			}
		}
	}
	if c := s.backend.changes(); len(c) != 0 {
		t.Errorf("the backend was asked to %v", c)
	}
	if a := s.ask("GET", "/api/processes/3", presenterToken, ""); a.status != 404 {
		t.Errorf("an unknown id: %d", a.status)
	}
}

func TestContentTypes(t *testing.T) {
	s := start(t)
	body := `{"workload":"primes"}`
	for kind, want := range map[string]int{
		"application/json": 201, "application/json; charset=utf-8": 201, "Application/JSON": 201,
		"text/plain": 415, "application/x-www-form-urlencoded": 415, "multipart/form-data; boundary=x": 415, "": 415,
		"application/jsonp": 415, "text/plain; application/json": 415, "text/json": 415,
	} {
		if a := s.ask("POST", "/api/processes", presenterToken, body, "Content-Type", kind); a.status != want {
			t.Errorf("%q: %d, want %d", kind, a.status, want)
		} else if want == 415 && !strings.Contains(a.sentence(t), "application/json") {
			t.Error(a.body)
		}
	}
	for _, coding := range []string{"gzip", "br", "deflate", "identity", "x"} {
		for _, to := range []string{"POST /api/processes", "POST /api/end-all", "GET /api/tree", "DELETE /api/processes/2"} {
			method, path, _ := strings.Cut(to, " ")
			if a := s.ask(method, path, presenterToken, "", "Content-Encoding", coding); a.status != 415 {
				t.Errorf("%s with Content-Encoding %s: %d", to, coding, a.status)
			}
		}
	}
	// A bomb is not even looked at.
	if a := s.ask("POST", "/api/processes", presenterToken, string(zipped(strings.Repeat(" ", 8<<20))), "Content-Encoding", "gzip"); a.status != 415 {
		t.Errorf("a zip bomb: %d", a.status)
	}
	if n := len(s.backend.starts); n != 3 {
		t.Errorf("%d starts", n)
	}
}

// The client reads 413, and not a broken connection, however it sends.
func TestBigBodies(t *testing.T) {
	s := start(t)
	big := `{"workload":"` + strings.Repeat("x", 5<<20) + `"}`
	for name, client := range map[string]func() answer{
		"at once":   func() answer { return s.ask("POST", "/api/processes", presenterToken, big) },
		"no token":  func() answer { return s.ask("POST", "/api/processes", "", big) },
		"with a ?":  func() answer { return s.ask("POST", "/api/processes", presenterToken, big, "Expect", "100-continue") },
		"to a GET":  func() answer { return s.ask("GET", "/api/tree", presenterToken, big) },
		"in chunks": func() answer { return s.chunked(big) },
		"write first": func() answer {
			return s.raw(fmt.Sprintf("POST /api/processes HTTP/1.1\r\nHost: localhost:%s\r\nContent-Length: %d\r\n\r\n%s", s.port(), len(big), big))
		},
	} {
		a := client()
		if a.status != 413 || !strings.Contains(a.sentence(t), "1 MiB") {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := s.ask("POST", "/api/processes", presenterToken, `{"workload":"primes"}`+strings.Repeat(" ", 1<<20-100)); a.status != 201 {
		t.Errorf("just under the limit: %d", a.status)
	}
	if n := len(s.backend.starts); n != 1 {
		t.Errorf("%d starts", n)
	}

	var was, is runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&was)
	a := s.raw(fmt.Sprintf("POST /api/processes HTTP/1.1\r\nHost: localhost:%s\r\nContent-Length: %d\r\n\r\n{", s.port(), uint64(1)<<62))
	runtime.ReadMemStats(&is)
	if a.status != 413 || is.TotalAlloc-was.TotalAlloc > 16<<20 {
		t.Errorf("a claim of 2^62 bytes: %d, %d bytes allocated", a.status, is.TotalAlloc-was.TotalAlloc)
	}
	s.alive()
}

func (s *site) chunked(body string) answer {
	s.t.Helper()
	r, err := http.NewRequest("POST", "http://"+s.addr+"/api/processes", struct{ *strings.Reader }{strings.NewReader(body)})
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	_, _ = b.ReadFrom(resp.Body)
	return answer{resp.StatusCode, resp.Header, b.String()}
}

func TestHostileNamesAreValidJSON(t *testing.T) {
	s := start(t)
	for _, path := range []string{"/api/processes/2", "/api/processes/2/output"} {
		for _, token := range []string{presenterToken, viewerToken} {
			a := s.ask("GET", path, token, "")
			if !json.Valid([]byte(a.body)) || strings.ContainsAny(a.body, "<>\x00\u2028") {
				t.Errorf("%s: %q", path, a.body)
			}
		}
	}
	for _, path := range []string{"/<img src=x onerror=alert(1)>", "/%3Cscript%3E", "/..%2f..%2fetc/passwd", "/../../etc/passwd", "/assets/../embed.go", "//evil.example", "/\\evil", "/embed.go", "/assets/", "/index.html", "/assets/index-VMoJOsnr.js.gz"} {
		a := s.raw(fmt.Sprintf("GET %s HTTP/1.1\r\nHost: localhost:%s\r\nConnection: close\r\n\r\n", strings.ReplaceAll(path, " ", "%20"), s.port()))
		if a.status != 404 || strings.ContainsAny(a.body, "<>") || a.header.Get("Location") != "" {
			t.Errorf("%s: %d %q", path, a.status, a.body)
		}
		a.sentence(t)
	}
}

func TestErrorsAreSentences(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		method, path, token string
		status              int
	}{
		{"GET", "/nope", "", 404}, {"GET", "/api/nope", presenterToken, 404}, {"GET", "/api/nope", "", 401}, {"GET", "/API/tree", presenterToken, 404},
		{"GET", "/api/tree/", presenterToken, 404}, {"PUT", "/api/tree", presenterToken, 405}, {"POST", "/", "", 405}, {"GET", "/api/end-all", presenterToken, 405},
	} {
		a := s.ask(c.method, c.path, c.token, "")
		if a.status != c.status {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, a.status, c.status)
		}
		a.sentence(t)
	}
	s.backend.fail = refusal.Conflict("stop it first")
	if a := s.ask("POST", "/api/end-all", presenterToken, ""); a.status != 409 || a.sentence(t) != "stop it first" {
		t.Errorf("%d %s", a.status, a.body)
	}
	s.backend.fail = fmt.Errorf("wrapped: %w", refusal.TooMany("cap reached"))
	if a := s.ask("POST", "/api/end-all", presenterToken, ""); a.status != 429 || a.sentence(t) != "cap reached" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// A fault is logged whole, shown as one, and tells the client nothing; the server lives; no token is in the log.
func TestFaults(t *testing.T) {
	s := start(t)
	for _, fault := range []string{"open /proc/42/stat: permission denied", "panic"} {
		s.backend.fail = errors.New(fault)
		a := s.ask("GET", "/api/tree?token="+presenterToken, presenterToken, "")
		if a.status != 500 || strings.Contains(a.body, "/proc") || !strings.Contains(a.sentence(t), "Vivero failed") {
			t.Errorf("%d %s", a.status, a.body)
		}
		if a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Error("a fault has no headers")
		}
		s.backend.fail = nil
		s.alive()
	}
	for _, token := range []string{"wrong-token", viewerToken, presenterToken} {
		s.ask("POST", "/api/processes?t="+token, token, `{"workload":"primes"}`)
	}
	log := s.log.String()
	for _, want := range []string{"/proc/42/stat: permission denied", "a fault of ours", "server/api/"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log does not say %q", want)
		}
	}
	for _, token := range []string{presenterToken, viewerToken} {
		if strings.Contains(log, token) {
			t.Error("the log holds a token")
		}
	}
}

func TestPage(t *testing.T) {
	s := start(t)
	index := s.ask("GET", "/", "", "")
	if index.body != "<!doctype html><title>Vivero</title>" || index.header.Get("Content-Type") != "text/html; charset=utf-8" || index.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("%+v", index)
	}
	if a := s.ask("GET", "/", "", "", "If-None-Match", index.header.Get("ETag")); a.status != 304 || a.body != "" {
		t.Errorf("known already: %d %q", a.status, a.body)
	}
	for path, want := range map[string][2]string{
		"/assets/index-VMoJOsnr.js":      {"text/javascript; charset=utf-8", "public, max-age=31536000, immutable"},
		"/assets/index-B4dljBxJ.css":     {"text/css; charset=utf-8", "public, max-age=31536000, immutable"},
		"/assets/inter-Dx4kXJAl_9.woff2": {"font/woff2", "public, max-age=31536000, immutable"},
		"/favicon.svg":                   {"image/svg+xml", "no-cache"},
		"/odd.bin":                       {"application/octet-stream", "no-cache"},
	} {
		a := s.ask("GET", path, "", "")
		if a.status != 200 || a.header.Get("Content-Type") != want[0] || a.header.Get("Cache-Control") != want[1] {
			t.Errorf("%s: %d %v", path, a.status, a.header)
		}
	}
	zip := s.ask("GET", "/assets/index-VMoJOsnr.js", "", "", "Accept-Encoding", "gzip")
	if zip.header.Get("Content-Encoding") != "gzip" || zip.body != string(zipped("let x = 1")) || zip.header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("%+v", zip)
	}
	plain := s.ask("GET", "/assets/index-VMoJOsnr.js", "", "", "Accept-Encoding", "identity")
	if plain.header.Get("Content-Encoding") != "" || plain.body != "let x = 1" {
		t.Errorf("%+v", plain)
	}
}

// A request that takes longer than Shutdown's patience is cut off; that its handler returns afterwards ends nobody.
func TestShutdownCutsOffRequests(t *testing.T) {
	s := start(t)
	s.backend.block = make(chan struct{})
	cut := make(chan error)
	go func() {
		r, err := http.NewRequest("GET", "http://"+s.addr+"/api/tree", nil)
		if err == nil {
			r.Header.Set("Authorization", "Bearer "+presenterToken)
			_, err = s.client.Do(r)
		}
		cut <- err
	}()
	for end := time.Now().Add(20 * time.Second); s.backend.waiting.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the request did not come")
		}
	}
	if err := s.Shutdown(10 * time.Millisecond); err == nil || !strings.Contains(err.Error(), "1 requests were cut off") {
		t.Errorf("shutdown: %v", err)
	}
	if err := <-cut; err == nil {
		t.Error("the request was answered")
	}
	close(s.backend.block) // a panic of fasthttp's would end the test
	for end := time.Now().Add(20 * time.Second); s.backend.waiting.Load() != 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("its handler does not return")
		}
	}
}

func TestShutdownLetsRequestsFinish(t *testing.T) {
	s := start(t)
	s.backend.block = make(chan struct{})
	got := make(chan answer)
	go func() { got <- s.ask("GET", "/api/tree", presenterToken, "") }()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		s.mu.Lock()
		n := len(s.conns)
		s.mu.Unlock()
		if n == 1 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the request did not come")
		}
	}
	done := make(chan error)
	go func() { done <- s.Shutdown(20 * time.Second) }()
	for s.hub.Viewers() != 0 || !func() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.closed }() {
		time.Sleep(time.Millisecond)
	}
	close(s.backend.block)
	if a := <-got; a.status != 200 {
		t.Errorf("%d", a.status)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := s.client.Get("http://" + s.addr + "/healthz"); err == nil {
		t.Error("still listening")
	}
}
