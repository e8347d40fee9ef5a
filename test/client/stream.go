//go:build linux

package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
)

// Event is one thing that happened.
type Event struct {
	Kind     string   `json:"kind"`
	Seq      uint64   `json:"seq"`
	At       int64    `json:"at"`
	ID       int      `json:"id"`
	PID      int      `json:"pid"`
	PPID     int      `json:"ppid"`
	Parent   int      `json:"parent"`
	Name     string   `json:"name"`
	Label    string   `json:"label"`
	Workload string   `json:"workload"`
	Role     string   `json:"role"`
	Status   *int     `json:"status"`
	Signal   string   `json:"signal"`
	CPU      *float64 `json:"cpu"`
	RSS      *uint64  `json:"rss"`
	Stream   string   `json:"stream"`
	Text     string   `json:"text"`
}

// Message is any message of the stream: Snapshot, Delta or Event is set, by Kind.
type Message struct {
	Kind     string
	At       int64
	Snapshot *Snapshot
	Delta    *Delta
	Event    *Event
}

// Snapshot is the whole state.
type Snapshot struct {
	Role      string              `json:"role"`
	Seq       uint64              `json:"seq"`
	Reader    string              `json:"reader"`
	Run       bool                `json:"run"`
	Cap       int                 `json:"cap"`
	Columns   []string            `json:"columns"`
	Values    []string            `json:"values"`
	Processes [][]json.RawMessage `json:"processes"`
	Channels  []Channel           `json:"channels"`
	Observer  Observer            `json:"observer"`
	Events    []Event             `json:"events"`
}

// Delta is what changed.
type Delta struct {
	Rows     [][]json.RawMessage `json:"rows"`
	Values   [][]json.RawMessage `json:"values"`
	Gone     []int               `json:"gone"`
	Cores    []float64           `json:"cores"`
	Observer *Observer           `json:"observer"`

	Channels     []Channel `json:"channels"`
	GoneChannels []int     `json:"goneChannels"`
	Messages     []Step    `json:"messages"`
}

// Stream is one websocket.
type Stream struct {
	t  testing.TB
	ws *websocket.Conn
}

// Watch connects and says hello with token; a wrong one shows at the first Next.
func (p *Program) Watch(token string) *Stream {
	p.t.Helper()
	ws, response, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(p.URL, "http")+"/ws", nil)
	if err != nil {
		p.t.Fatalf("connect to the stream: %v (%v)", err, response)
	}
	s := &Stream{p.t, ws}
	s.Say(M{"kind": "hello", "token": token})
	return s
}

// Say sends one message.
func (s *Stream) Say(message any) {
	s.t.Helper()
	if err := s.ws.WriteJSON(message); err != nil {
		s.t.Fatal(err)
	}
}

// Close drops the connection, as a browser that is closed does.
func (s *Stream) Close() { s.ws.Close() }

// Next is the next frame, raw and decoded. The error is a *websocket.CloseError when the server ended the connection.
func (s *Stream) Next() (raw []byte, messages []Message, err error) {
	_ = s.ws.SetReadDeadline(time.Now().Add(Patience))
	_, raw, err = s.ws.ReadMessage()
	if err != nil {
		return nil, nil, err
	}
	messages, err = decode(raw)
	return raw, messages, err
}

// decode takes a frame apart: one message, or an array of them.
func decode(raw []byte) ([]Message, error) {
	parts := []json.RawMessage{raw}
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		if err := json.Unmarshal(raw, &parts); err != nil {
			return nil, fmt.Errorf("frame %.200q: %w", raw, err)
		}
	}
	messages := make([]Message, len(parts))
	for i, part := range parts {
		m := &messages[i]
		var head struct {
			Kind string `json:"kind"`
			At   int64  `json:"at"`
		}
		err := json.Unmarshal(part, &head)
		m.Kind, m.At = head.Kind, head.At
		if err == nil {
			switch m.Kind {
			case "snapshot":
				err = json.Unmarshal(part, &m.Snapshot)
			case "delta":
				err = json.Unmarshal(part, &m.Delta)
			case "spawned", "exited", "signalled", "output":
				err = json.Unmarshal(part, &m.Event)
			default:
				err = fmt.Errorf("there is no kind %q", m.Kind)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("message %.200q: %w", part, err)
		}
	}
	return messages, nil
}
