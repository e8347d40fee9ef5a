package api

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"vivero/server/refusal"
	"vivero/server/stream"
	"vivero/server/tree"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// fasthttp's clock of the Date header never ends.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
	)
}

const (
	presenterToken = "presenter-secret-Xk29fLq0"
	viewerToken    = "viewer-secret-7hGd3Pw1"
)

// backend stands for the program behind the API in these tests of HTTP behaviour: it records what it was asked to do.
// (That the real one does it is tested with the whole program.)
type backend struct {
	mu     sync.Mutex
	calls  []string // what would have changed something
	starts []StartRequest
	fail   error
	block  chan struct{} // Snapshot waits for it, if it is there

	waiting atomic.Int32 // calls that wait for block
}

func (b *backend) call(format string, args ...any) ([]int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls = append(b.calls, fmt.Sprintf(format, args...))
	return []int{2, 3}, b.fail
}

func (b *backend) changes() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.calls...)
}

func (b *backend) Snapshot(context.Context) (tree.Snapshot, error) {
	if b.block != nil {
		b.waiting.Add(1)
		<-b.block
		b.waiting.Add(-1)
	}
	if b.fail != nil && b.fail.Error() == "panic" {
		panic("a fault of ours")
	}
	return tree.Snapshot{Reader: "procfs"}, b.fail
}

func (b *backend) Start(_ context.Context, r StartRequest) ([]Started, error) {
	b.mu.Lock()
	b.starts = append(b.starts, r)
	b.mu.Unlock()
	_, err := b.call("start %s", r.Workload)
	return []Started{{ID: 7, PID: 4217}}, err
}

func (b *backend) Signal(_ context.Context, id int, signal string, subtree bool) ([]int, error) {
	return b.call("signal %d %s %v", id, signal, subtree)
}
func (b *backend) End(_ context.Context, id int, subtree bool) ([]int, error) {
	return b.call("end %d %v", id, subtree)
}
func (b *backend) Pace(_ context.Context, d time.Duration) (Held, error) {
	_, err := b.call("pace %s", d)
	return Held{Control: tree.Control{Delay: int(d / time.Millisecond)}}, err
}
func (b *backend) Pause(context.Context) (Held, error) {
	_, err := b.call("pause")
	return Held{Control: tree.Control{Paused: true}}, err
}
func (b *backend) Resume(context.Context) (Held, error) {
	_, err := b.call("resume")
	return Held{}, err
}
func (b *backend) Step(_ context.Context, id int) (Held, error) {
	_, err := b.call("step %d", id)
	return Held{}, err
}
func (b *backend) Send(_ context.Context, id int, text string) error {
	_, err := b.call("send %d %s", id, text)
	return err
}
func (b *backend) EndAll(context.Context) ([]int, error) { return b.call("end all") }

// Details gives the secrets away to anybody, so that the API has to keep them.
func (b *backend) Details(_ context.Context, id int, _ bool) (any, error) {
	if id != 2 {
		return nil, refusal.NotFound("there is no process %d", id)
	}
	return struct {
		tree.Process
		Exe     string   `json:"exe"`
		Cmdline []string `json:"cmdline"`
		Environ []string `json:"environ"`
	}{tree.Process{ID: 2, Name: hostileName}, "/bin/x", []string{"--password=hunter2"}, []string{"SECRET=hunter3"}}, b.fail
}

func (b *backend) Output(context.Context, int) (Output, error) {
	return Output{Stdout: hostileName}, b.fail
}

const hostileName = "<img src=x onerror=alert(1)>\x00\xff\u2028$(touch /tmp/x)"

// site is a real server on loopback.
type site struct {
	*Server
	t       testing.TB
	backend *backend
	log     *bytes.Buffer
	addr    string
	client  *http.Client
}

var page = fstest.MapFS{
	"index.html":                    {Data: []byte("<!doctype html><title>Vivero</title>")},
	"assets/index-VMoJOsnr.js":      {Data: []byte("let x = 1")},
	"assets/index-VMoJOsnr.js.gz":   {Data: zipped("let x = 1")},
	"assets/index-B4dljBxJ.css":     {Data: []byte("a{}")},
	"assets/inter-Dx4kXJAl_9.woff2": {Data: []byte("wOF2")},
	"favicon.svg":                   {Data: []byte("<svg/>")},
	"odd.bin":                       {Data: []byte{0}},
}

func zipped(s string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	return b.Bytes()
}

// lockedLog is written by handlers and read by tests.
type lockedLog struct {
	mu sync.Mutex
	b  *bytes.Buffer
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func start(t testing.TB, change ...func(*Options)) *site {
	t.Helper()
	before := descriptors(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, backend: &backend{}, log: &bytes.Buffer{}, addr: ln.Addr().String()}
	log := slog.New(slog.NewTextHandler(&lockedLog{b: s.log}, nil))
	wake := make(chan struct{}, 1)
	hub := stream.NewHub(stream.Options{Log: log, Wake: func() {
		select {
		case wake <- struct{}{}:
		default:
		}
	}, Limits: stream.Limits{Hello: time.Minute}})
	o := Options{
		Backend: s.backend, Hub: hub, Tokens: Tokens{presenterToken, viewerToken}, Hosts: []string{s.addr, "192.168.7.7:" + s.port()},
		Static: page, Workloads: []map[string]any{{"name": "primes"}}, Log: log,
	}
	for _, f := range change {
		f(&o)
	}
	s.Server = New(o)
	s.app.Server().MaxIdleWorkerDuration = 50 * time.Millisecond // its cleaner sleeps that long after the end
	s.client = &http.Client{Transport: &http.Transport{}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	var running sync.WaitGroup
	stop := make(chan struct{})
	running.Add(2)
	go func() {
		defer running.Done()
		if err := s.Serve(ln); err != nil {
			t.Error(err)
		}
	}()
	go func() {
		defer running.Done()
		for {
			select {
			case <-stop:
				return
			case <-wake:
				hub.Publish(tree.Delta{At: 1}, func() tree.Snapshot { return tree.Snapshot{} })
			}
		}
	}()
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		if err := s.Shutdown(10 * time.Second); err != nil {
			t.Error(err)
		}
		close(stop)
		running.Wait()
		for end := time.Now().Add(20 * time.Second); descriptors(t) > before; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Errorf("%d descriptors at the start, %d at the end", before, descriptors(t))
				break
			}
		}
	})
	return s
}

func (s *site) port() string {
	_, port, _ := net.SplitHostPort(s.addr)
	return port
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

type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) sentence(t testing.TB) string {
	t.Helper()
	var e struct{ Error string }
	if err := json.Unmarshal([]byte(a.body), &e); err != nil || e.Error == "" {
		t.Errorf("%d: not an error as JSON: %q", a.status, a.body)
	}
	if got := a.header.Get("Content-Type"); got != "application/json" {
		t.Errorf("an error of type %q", got)
	}
	return e.Error
}

// ask sends one request; headers are pairs, and "Host" is one of them.
func (s *site) ask(method, path, token, body string, headers ...string) answer {
	s.t.Helper()
	r, err := http.NewRequest(method, "http://"+s.addr+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		} else {
			r.Header[headers[i]] = []string{headers[i+1]}
		}
	}
	resp, err := s.client.Do(r)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(b)}
}

// raw sends bytes as they are and reads one answer.
func (s *site) raw(request string) answer {
	s.t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, request); err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		s.t.Fatalf("%q: %v", request[:min(60, len(request))], err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(b)}
}

// alive fails the test if the server does not answer.
func (s *site) alive() {
	s.t.Helper()
	if a := s.ask("GET", "/healthz", "", ""); a.status != 200 || a.body != `{"status":"ok"}` {
		s.t.Fatalf("the server is not well: %d %s", a.status, a.body)
	}
}
