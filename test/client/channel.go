//go:build linux

package client

import (
	"encoding/json"
	"fmt"
)

// Channel is a row of the channels, as API and stream tell it; what is unknown is nil.
type Channel struct {
	ID       int      `json:"id"`
	Kind     string   `json:"kind"`
	Name     string   `json:"name"`
	Made     bool     `json:"made"`
	Capacity *int64   `json:"capacity"`
	Fill     *int64   `json:"fill"`
	Slots    *int64   `json:"slots"`
	Depth    *int64   `json:"depth"`
	Sent     *int64   `json:"sent"`
	Received *int64   `json:"received"`
	Bytes    *int64   `json:"bytes"`
	Lost     *int64   `json:"lost"`
	Skipped  *int64   `json:"skipped"`
	Sampled  bool     `json:"sampled"`
	Writers  []int    `json:"writers"`
	Readers  []int    `json:"readers"`
	Rate     *float64 `json:"rate"`
	Blocked  []struct {
		Process int    `json:"process"`
		Op      string `json:"op"`
	} `json:"blocked"`
	Ended  bool `json:"ended"`
	Broken bool `json:"broken"`
}

// Conserved is the law of a system that stands still: what was sent was received, is in the channel, or was lost with a
// killed process.
func (c Channel) Conserved() error {
	if c.Sent == nil || c.Received == nil || c.Depth == nil || c.Lost == nil {
		return fmt.Errorf("%s %q: a count is unknown: %s", c.Kind, c.Name, c)
	}
	if *c.Sent != *c.Received+*c.Depth+*c.Lost || *c.Depth < 0 || *c.Lost < 0 {
		return fmt.Errorf("%s %q: sent %d ≠ received %d + inside %d + lost %d", c.Kind, c.Name, *c.Sent, *c.Received, *c.Depth, *c.Lost)
	}
	return nil
}

// String is the row as JSON.
func (c Channel) String() string {
	b, _ := json.Marshal(c)
	return string(b)
}

// Worker is a row of the tree with how it stands to channels and gates.
type Worker struct {
	Process
	Waits string `json:"waits"`
	On    int    `json:"on"`
	Held  bool   `json:"held"`
	Gates bool   `json:"gates"`
}

// Traffic is what GET /api/tree says of channels and their processes.
type Traffic struct {
	Processes []Worker  `json:"processes"`
	Channels  []Channel `json:"channels"`
	Control   struct {
		Paused bool `json:"paused"`
		Delay  int  `json:"delay_ms"`
	} `json:"control"`
}

// Traffic is the tree now, with its channels.
func (p *Program) Traffic() (t Traffic) {
	p.t.Helper()
	p.Must(200, "GET", "/api/tree", nil, &t)
	return t
}

// Worker is the row of a process, the zero Worker if it is not there.
func (t Traffic) Worker(id int) Worker {
	for _, w := range t.Processes {
		if w.ID == id {
			return w
		}
	}
	return Worker{}
}

// Step is one recorded step of a message, as the stream tells it: channel, step, process, sender, number, size, at,
// sentAt, text.
type Step struct {
	Channel, Process, Sender int
	Number                   uint64
	Size                     int
	At, SentAt               float64
	Step, Text               string
}

// UnmarshalJSON reads the row.
func (s *Step) UnmarshalJSON(b []byte) error {
	row := [...]any{&s.Channel, &s.Step, &s.Process, &s.Sender, &s.Number, &s.Size, &s.At, &s.SentAt, &s.Text}
	var values []json.RawMessage
	if err := json.Unmarshal(b, &values); err != nil {
		return err
	}
	if len(values) != len(row) {
		return fmt.Errorf("a message has %d values, want %d: %s", len(values), len(row), b)
	}
	for i, v := range values {
		if err := json.Unmarshal(v, row[i]); err != nil {
			return fmt.Errorf("message %s: %w", b, err)
		}
	}
	return nil
}

// Group is one start of a workload that is several processes.
type Group []Member

// Member is one of its processes.
type Member struct {
	ID   int    `json:"id"`
	PID  int    `json:"pid"`
	Role string `json:"role"`
}

// StartGroup starts a workload of several processes.
func (p *Program) StartGroup(workload string, params M) (g Group) {
	p.t.Helper()
	p.Must(201, "POST", "/api/processes", M{"workload": workload, "params": params}, &g)
	if len(g) < 2 {
		p.t.Fatalf("start %s: %d processes were started", workload, len(g))
	}
	return g
}

// Role is the first member with that role; the test fails if there is none.
func (p *Program) Role(g Group, role string) Member {
	p.t.Helper()
	for _, m := range g {
		if m.Role == role {
			return m
		}
	}
	p.t.Fatalf("there is no %s in %v", role, g)
	return Member{}
}

// Output is what a process wrote so far, also after its end.
func (p *Program) Output(id int) (stdout, stderr string) {
	p.t.Helper()
	var o struct{ Stdout, Stderr string }
	p.Must(200, "GET", fmt.Sprintf("/api/processes/%d/output", id), nil, &o)
	return o.Stdout, o.Stderr
}

// channelsOf takes in what a message says of channels.
func (m *Model) channelsOf(rows []Channel, gone []int, steps []Step) error {
	for _, c := range rows {
		if _, was := m.Past[c.ID]; was {
			return fmt.Errorf("channel %d is gone and comes back", c.ID)
		}
		if c.Writers == nil || c.Readers == nil || c.Blocked == nil {
			return fmt.Errorf("channel %d: a list is null", c.ID)
		}
		m.Channels[c.ID] = c
	}
	for _, id := range gone {
		c, known := m.Channels[id]
		if !known {
			return fmt.Errorf("channel %d is gone, but was not there", id)
		}
		m.Past[id] = c
		delete(m.Channels, id)
	}
	for _, s := range steps {
		if m.Steps[s.Channel] == nil {
			m.Steps[s.Channel] = map[string]int{}
		}
		m.Steps[s.Channel][s.Step]++
		m.Last[s.Channel] = s
	}
	return nil
}
