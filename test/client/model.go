//go:build linux

package client

import (
	"encoding/json"
	"fmt"
)

// Model is what a page knows: it applies messages in their order and holds them to the rules of docs/stream.md.
type Model struct {
	Live      map[int]Process // by id
	Events    []Event         // each once, in order
	Spawned   map[int]Event   // by id
	Exited    map[int]Event   // by id
	Observer  Observer
	Role      string
	Cap       int
	Snapshots int                    // how many came: messages between two of them may not have been told
	Channels  map[int]Channel        // those that are there, by id
	Past      map[int]Channel        // those that were, as last told
	Steps     map[int]map[string]int // how many steps of messages were told, by channel and kind
	Last      map[int]Step           // the last of them, by channel
	Ticks     int                    // deltas that a whole observation made: only those can bring the cores

	seq       uint64
	fresh     bool // no snapshot has come yet
	connected bool // this connection has had its snapshot
	columns   []string
	values    []string
	before    map[int]bool // ids that lived before our first snapshot's events
}

// NewModel knows nothing yet.
func NewModel() *Model {
	return &Model{Live: map[int]Process{}, Spawned: map[int]Event{}, Exited: map[int]Event{}, before: map[int]bool{}, fresh: true,
		Channels: map[int]Channel{}, Past: map[int]Channel{}, Steps: map[int]map[string]int{}, Last: map[int]Step{}}
}

// Reconnected tells that what comes next comes on a new connection: a snapshot first.
func (m *Model) Reconnected() { m.connected = false }

// Apply takes in one message; an error names the rule that it broke.
func (m *Model) Apply(msg Message) error {
	if !m.connected && msg.Kind != "snapshot" {
		return fmt.Errorf("%s came before the snapshot", msg.Kind)
	}
	switch {
	case msg.Snapshot != nil:
		return m.snapshot(msg.Snapshot)
	case msg.Delta != nil:
		return m.delta(msg.Delta)
	}
	return m.event(*msg.Event)
}

func (m *Model) snapshot(s *Snapshot) error {
	m.connected = true
	m.Snapshots++
	m.columns, m.values = s.Columns, s.Values
	was := m.Channels
	m.Channels = map[int]Channel{}
	if err := m.channelsOf(s.Channels, nil, nil); err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	for id, c := range was {
		if _, there := m.Channels[id]; !there {
			m.Past[id] = c
		}
	}
	m.Observer, m.Role, m.Cap = s.Observer, s.Role, s.Cap
	if len(s.Events) > 0 {
		if last := s.Events[len(s.Events)-1].Seq; last != s.Seq {
			return fmt.Errorf("the snapshot's seq is %d, its last event's %d", s.Seq, last)
		}
		if m.fresh {
			m.seq = s.Events[0].Seq - 1
		}
	}
	for _, e := range s.Events {
		if err := m.event(e); err != nil {
			return fmt.Errorf("snapshot: %w", err)
		}
	}
	if m.seq != s.Seq && !m.fresh {
		return fmt.Errorf("after the snapshot's events we are at %d, its seq is %d", m.seq, s.Seq)
	}
	m.seq = s.Seq
	live := map[int]Process{}
	pids := map[int]int{}
	for _, row := range s.Processes {
		p, err := m.row(Process{}, m.columns, row)
		if err != nil {
			return err
		}
		if _, twice := live[p.ID]; twice {
			return fmt.Errorf("snapshot: id %d is there twice", p.ID)
		}
		if other, twice := pids[p.PID]; twice {
			return fmt.Errorf("snapshot: pid %d has the ids %d and %d", p.PID, other, p.ID)
		}
		if _, ended := m.Exited[p.ID]; ended {
			return fmt.Errorf("snapshot: id %d has ended and is there", p.ID)
		}
		if _, spawned := m.Spawned[p.ID]; !spawned && !m.before[p.ID] {
			if !m.fresh {
				return fmt.Errorf("snapshot: id %d was never spawned", p.ID)
			}
			m.before[p.ID] = true
		}
		live[p.ID], pids[p.PID] = p, p.ID
	}
	m.Live, m.fresh = live, false
	return nil
}

func (m *Model) event(e Event) error {
	if e.Seq <= m.seq {
		return nil // had it already
	}
	if e.Seq != m.seq+1 {
		return fmt.Errorf("event %d (%s of id %d) came after %d", e.Seq, e.Kind, e.ID, m.seq)
	}
	m.seq = e.Seq
	m.Events = append(m.Events, e)
	switch e.Kind {
	case "spawned":
		if _, twice := m.Spawned[e.ID]; twice || m.before[e.ID] {
			return fmt.Errorf("id %d was spawned twice", e.ID)
		}
		m.Spawned[e.ID] = e
	case "exited":
		if _, twice := m.Exited[e.ID]; twice {
			return fmt.Errorf("id %d exited twice", e.ID)
		}
		if s, spawned := m.Spawned[e.ID]; !m.fresh && !m.before[e.ID] && (!spawned || s.PID != e.PID) {
			return fmt.Errorf("id %d (pid %d) exited, but what was spawned is %+v", e.ID, e.PID, s)
		}
		if e.Status != nil && e.Signal != "" {
			return fmt.Errorf("id %d exited with a status and by a signal", e.ID)
		}
		m.Exited[e.ID] = e
	}
	return nil
}

func (m *Model) delta(d *Delta) error {
	for _, row := range d.Rows {
		p, err := m.row(Process{}, m.columns, row)
		if err != nil {
			return err
		}
		if _, spawned := m.Spawned[p.ID]; !spawned && !m.before[p.ID] {
			return fmt.Errorf("id %d has a row but was never spawned", p.ID)
		}
		if _, known := m.Live[p.ID]; !known {
			if _, ended := m.Exited[p.ID]; ended {
				return fmt.Errorf("id %d has ended and comes back", p.ID)
			}
		}
		m.Live[p.ID] = p
	}
	for _, row := range d.Values {
		var id int
		if err := json.Unmarshal(row[0], &id); err != nil {
			return err
		}
		known, ok := m.Live[id]
		if !ok {
			return fmt.Errorf("values came for id %d, which is not there", id)
		}
		p, err := m.row(known, m.values, row)
		if err != nil {
			return err
		}
		m.Live[id] = p
	}
	for _, id := range d.Gone {
		if _, ok := m.Live[id]; !ok {
			return fmt.Errorf("id %d is gone, but was not there", id)
		}
		if _, told := m.Exited[id]; !told {
			return fmt.Errorf("id %d is gone, but its exited event has not come", id)
		}
		delete(m.Live, id)
	}
	if err := m.channelsOf(d.Channels, d.GoneChannels, d.Messages); err != nil {
		return err
	}
	if d.Observer != nil {
		m.Observer = *d.Observer
	}
	if d.Cores != nil {
		m.Ticks++
	}
	pids := map[int]int{}
	for id, p := range m.Live {
		if other, twice := pids[p.PID]; twice {
			return fmt.Errorf("pid %d has the ids %d and %d", p.PID, other, id)
		}
		pids[p.PID] = id
	}
	return nil
}

// row puts the values of a row, in the order of columns, into p.
func (m *Model) row(p Process, columns []string, row []json.RawMessage) (Process, error) {
	if len(row) != len(columns) {
		return p, fmt.Errorf("a row has %d values for %d columns", len(row), len(columns))
	}
	object := make(map[string]json.RawMessage, len(row))
	for i, name := range columns {
		object[name] = row[i]
		switch name { // null leaves a field as it was: clear it
		case "progress":
			p.Progress = nil
		case "wait":
			p.Wait = nil
		}
	}
	b, err := json.Marshal(object)
	if err == nil {
		err = json.Unmarshal(b, &p)
	}
	return p, err
}
