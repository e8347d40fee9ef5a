package truth_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/fasthttp/websocket"

	"vivero/test/client"
)

// leaks collects whatever may hold a token, and counts.
type leaks struct {
	t     *testing.T
	mu    sync.Mutex
	bytes int
}

func (l *leaks) look(where string, content []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bytes += len(content)
	for role, token := range map[string]string{"presenter": client.Presenter, "viewer": client.Viewer} {
		if n := bytes.Count(content, []byte(token)); n > 0 {
			i := bytes.Index(content, []byte(token))
			l.t.Errorf("%s: the %s's token is in it %d times: …%s", where, role, n, content[max(0, i-60):i])
		}
	}
}

// processes looks at the environment and the arguments of the server and all below it.
func (l *leaks) processes(p *client.Program) {
	l.t.Helper()
	for pid, k := range descendants(l.t, p.Server) {
		for _, what := range []string{"environ", "cmdline"} {
			content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, what)) // it may have ended, or be a zombie
			l.look(fmt.Sprintf("%s of pid %d (%s)", what, pid, k.comm), content)
		}
	}
}

// TestSecrets does everything once, with both tokens known, and then finds them nowhere but where they belong: in the
// keeper's environment, which it was given, and in the presenter's link.
func TestSecrets(t *testing.T) {
	p := boot(t)
	l := &leaks{t: t}
	f := p.Follow(client.Presenter, func(frame []byte) { l.look("a frame", frame) })
	viewer := p.Follow(client.Viewer, func(frame []byte) { l.look("a viewer's frame", frame) })

	worker := p.Start("idle", nil, 0, 1)[0]
	child := p.Start("wait", nil, worker.ID, 1)[0]
	p.Start("crash", client.M{"how": "panic", "delay_ms": 0}, 0, 1)
	p.Start("zombie", nil, 0, 1)
	p.Start("tree", nil, 0, 1)
	f.Await("the panic is over", func(m *client.Model) bool { return len(m.Exited) == 1 })
	l.processes(p)

	do := func(token, method, path string, body any) {
		status, answer := p.Call(token, method, path, body)
		l.look(fmt.Sprintf("%s %s (%d)", method, path, status), answer)
		if wrong := token != client.Presenter && token != client.Viewer; wrong && strings.HasPrefix(path, "/api") && status != 401 {
			t.Errorf("%s %s with the token %q: %d, want 401", method, path, token, status)
		}
	}
	for _, token := range []string{"", "presenter-token-012345678X", client.Viewer, client.Presenter} {
		do(token, "GET", "/", nil)
		do(token, "GET", "/healthz", nil)
		do(token, "GET", "/nosuch", nil)
		do(token, "GET", "/api/workloads", nil)
		do(token, "GET", "/api/tree", nil)
		do(token, "GET", "/api/nosuch", nil)
		for _, id := range []int{1, worker.ID, child.ID, 4, 999_999} {
			do(token, "GET", fmt.Sprintf("/api/processes/%d", id), nil)
			do(token, "GET", fmt.Sprintf("/api/processes/%d/output", id), nil)
		}
		do(token, "POST", "/api/processes", client.M{"workload": "idle"})
		do(token, "POST", "/api/processes", "{")
		do(token, "POST", fmt.Sprintf("/api/processes/%d/signal", child.ID), client.M{"signal": "STOP"})
		do(token, "POST", fmt.Sprintf("/api/processes/%d/signal", child.ID), client.M{"signal": "CONT"})
		do(token, "DELETE", fmt.Sprintf("/api/processes/%d", child.ID), nil)

		s := p.Watch(token)
		raw, _, err := s.Next()
		l.look("the first frame", raw)
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			l.look("a close reason", []byte(closed.Text))
		}
		if right := token == client.Presenter || token == client.Viewer; right != (err == nil) {
			t.Errorf("the stream with the token %q: %v", token, err)
		}
		if err == nil && token == client.Viewer {
			s.Say(client.M{"kind": "start", "token": client.Viewer}) // not understood: the connection is closed
			for err == nil {
				raw, _, err = s.Next()
				l.look("a frame", raw)
			}
			l.look("a close reason", []byte(err.Error()))
		}
		s.Close()
	}
	l.processes(p)

	f.Look(func(m *client.Model) {
		if m.Role != "presenter" {
			t.Errorf("the role is %q", m.Role)
		}
	})
	viewer.Look(func(m *client.Model) {
		if m.Role != "viewer" {
			t.Errorf("the role is %q", m.Role)
		}
	})
	f.Close()
	viewer.Close()
	failure(t, p, worker)
	link, rest, _ := strings.Cut(p.Stdout.String(), "\n")
	if strings.Count(link, client.Presenter) != 1 {
		t.Errorf("the first line is %q, want the presenter's link", link)
	}
	l.look("stdout after the link", []byte(rest))
	l.look("the log", []byte(p.Stderr.String()))
	t.Logf("looked at %d bytes; the log: %s", l.bytes, p.Stderr)
}

// failure makes a request fail by a fault (500): it waits for a parent that is stopped, longer than the server, which is
// ending, waits for it. What comes of it stands in the log.
func failure(t *testing.T, p *client.Program, worker client.Started) {
	t.Helper()
	p.Signal(worker.ID, "STOP", false)
	sent := make(chan struct{})
	var once sync.Once
	var done sync.WaitGroup
	defer done.Wait()
	done.Add(1)
	go func() {
		defer done.Done()
		defer once.Do(func() { close(sent) })
		body := strings.NewReader(fmt.Sprintf(`{"workload":"idle","parent":%d,"count":100}`, worker.ID))
		r, err := http.NewRequest("POST", p.URL+"/api/processes", body)
		if err != nil {
			t.Error(err)
			return
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+client.Presenter)
		trace := &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { once.Do(func() { close(sent) }) }}
		transport := &http.Transport{DisableKeepAlives: true}
		response, err := transport.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
		if err == nil { // otherwise the server cut it off
			response.Body.Close()
		}
	}()
	<-sent
	p.Tree() // comes after it
	if status := p.Stop(); status != 0 {
		t.Errorf("it ended with status %d: %s", status, p.Stderr)
	}
}

// TestSecretsOfForeigners: a program that was given the token by hand is shown without it, to the presenter too.
func TestSecretsOfForeigners(t *testing.T) {
	stdin, hold, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Close()
	p := client.Boot(t, client.Options{Program: program, Stdin: stdin,
		Command: []string{"env", "MINE=" + client.Viewer, "sh", "-c", "read end", client.Presenter}})
	stdin.Close()
	l := &leaks{t: t}
	f := p.Follow(client.Presenter, func(frame []byte) { l.look("a frame", frame) })
	id := 0
	f.Await("the shell", func(m *client.Model) bool {
		for _, row := range m.Live {
			if row.Name == "sh" {
				id = row.ID
			}
		}
		return id != 0
	})
	status, answer := p.Call(client.Presenter, "GET", fmt.Sprintf("/api/processes/%d", id), nil)
	l.look("its details", answer)
	if status != 200 || !bytes.Contains(answer, []byte(`"read end"`)) || !bytes.Contains(answer, []byte("MINE=…")) {
		t.Errorf("its details: %d %s", status, answer)
	}
}
