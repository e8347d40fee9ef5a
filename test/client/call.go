//go:build linux

package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"golang.org/x/sys/unix"
)

// Process is a row of the tree, as API and stream tell it.
type Process struct {
	ID       int      `json:"id"`
	PID      int      `json:"pid"`
	PPID     int      `json:"ppid"`
	Parent   int      `json:"parent"`
	Name     string   `json:"name"`
	Label    string   `json:"label"`
	Workload string   `json:"workload"`
	Role     string   `json:"role"`
	State    string   `json:"state"`
	CPU      float64  `json:"cpu"`
	RSS      uint64   `json:"rss"`
	Threads  int      `json:"threads"`
	Core     int      `json:"core"`
	Started  int64    `json:"started"`
	Progress *float64 `json:"progress"`
	Wait     *float64 `json:"wait"`
	Adopted  bool     `json:"adopted"`
}

// Observer is what watching costs and misses.
type Observer struct {
	CPU    float64 `json:"cpu"`
	RSS    uint64  `json:"rss"`
	Missed *int    `json:"missed"`
	Events bool    `json:"events"`
}

// Tree is GET /api/tree.
type Tree struct {
	Host      map[string]any `json:"host"`
	Reader    string         `json:"reader"`
	Cores     []struct{ ID int }
	Observer  Observer  `json:"observer"`
	Processes []Process `json:"processes"`
}

// ByPID is the rows by pid; the test fails if two have the same.
func (tr Tree) ByPID(t testing.TB) map[int]Process {
	t.Helper()
	by := map[int]Process{}
	for _, p := range tr.Processes {
		if other, twice := by[p.PID]; twice {
			t.Fatalf("pid %d is there twice: %+v and %+v", p.PID, other, p)
		}
		by[p.PID] = p
	}
	return by
}

// Started names one process that a request started.
type Started struct {
	ID  int `json:"id"`
	PID int `json:"pid"`
}

// Call does one request: body is sent as it is if it is a string, else as JSON; nil: none. It fails the test only if
// no answer comes.
func (p *Program) Call(token, method, path string, body any) (status int, answer []byte) {
	p.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = bytes.NewReader([]byte(b))
	default:
		encoded, err := json.Marshal(b)
		if err != nil {
			p.t.Fatal(err)
		}
		reader = bytes.NewReader(encoded)
	}
	r, err := http.NewRequest(method, p.URL+path, reader)
	if err != nil {
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	if reader != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := p.http.Do(r)
	if err != nil {
		unix.Kill(p.Server, unix.SIGABRT) // the stacks of its goroutines then stand in its stderr, which the end of the test shows
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	return response.StatusCode, answer
}

// Refusal is the sentence of an answer that refuses.
func Refusal(answer []byte) string {
	var e struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(answer, &e) != nil {
		return ""
	}
	return e.Error
}

// Must is Call as the presenter; it fails the test on any other status, and decodes the answer into v unless that is nil.
func (p *Program) Must(want int, method, path string, body, v any) {
	p.t.Helper()
	status, answer := p.Call(Presenter, method, path, body)
	if status != want {
		p.t.Fatalf("%s %s %v: status %d, want %d: %s", method, path, body, status, want, answer)
	}
	if v != nil {
		if err := json.Unmarshal(answer, v); err != nil {
			p.t.Fatalf("%s %s: %v: %s", method, path, err, answer)
		}
	}
}

// Tree is the tree now.
func (p *Program) Tree() (t Tree) {
	p.t.Helper()
	p.Must(200, "GET", "/api/tree", nil, &t)
	return t
}

// Process is one row of the tree now; false: there is none with that id.
func (p *Program) Process(id int) (Process, bool) {
	p.t.Helper()
	for _, row := range p.Tree().Processes {
		if row.ID == id {
			return row, true
		}
	}
	return Process{}, false
}

// M is a JSON object.
type M = map[string]any

// Start starts one process, or count of them, under parent (0: the root).
func (p *Program) Start(workload string, params M, parent, count int) (started []Started) {
	p.t.Helper()
	body := M{"workload": workload}
	if params != nil {
		body["params"] = params
	}
	if parent != 0 {
		body["parent"] = parent
	}
	if count != 1 {
		body["count"] = count
	}
	p.Must(201, "POST", "/api/processes", body, &started)
	if len(started) != count {
		p.t.Fatalf("start %d × %s: %d were started", count, workload, len(started))
	}
	return started
}

// Signal sends a signal, and gives the ids that got it.
func (p *Program) Signal(id int, signal string, subtree bool) []int {
	p.t.Helper()
	var answer struct{ Signalled []int }
	p.Must(200, "POST", fmt.Sprintf("/api/processes/%d/signal", id), M{"signal": signal, "tree": subtree}, &answer)
	return answer.Signalled
}
