// Package control is the wire between the server and its workers: an AF_UNIX socket pair that keeps message borders,
// one JSON message a packet. The worker's end is descriptor FD.
//
//	worker -> server   hello      first thing it writes
//	                   progress   how far it is
//	                   ask        asks for a place to start a child in
//	                   started    an order was carried out
//	                   failed     an order could not be carried out
//	                   reaped     a child that was started on order has ended, and how
//	server -> worker   spawn      the order to fork; carries the child's control end, stdout and stderr as descriptors
//	                   refused    the answer to an ask that gets no order
//
// An order comes as the answer to an ask or unasked; the worker treats both alike. An order older than its deadline is
// discarded, so that a worker that was stopped never carries out a stale one. The end of the socket ends the worker.
//
// Both sides decode with Decode, which believes nothing: sizes, kinds and ranges are checked there.
package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// FD is the worker's end of the socket pair.
const FD = 3

// MaxMessage is the largest message in bytes; a longer one is refused by both sides.
const MaxMessage = 8 << 10

// Files is the number of descriptors that a spawn order carries: the child's control end, stdout, stderr.
const Files = 3

// The kinds of Message.
const (
	Hello    = "hello"
	Progress = "progress"
	Ask      = "ask"
	Started  = "started"
	Failed   = "failed"
	Reaped   = "reaped"
	Spawn    = "spawn"
	Refused  = "refused"
)

// Message is one packet. Which fields a kind has is told by Decode; the others are empty.
type Message struct {
	Kind     string          `json:"kind"`
	Share    float64         `json:"share,omitempty"`    // progress: 0..1
	Ask      uint64          `json:"ask,omitempty"`      // ask, spawn, refused: the worker's number, 0 on an unasked order
	Order    uint64          `json:"order,omitempty"`    // spawn, started, failed: the server's number, from 1
	PID      int             `json:"pid,omitempty"`      // hello, started, reaped
	Start    uint64          `json:"start,omitempty"`    // started: clock ticks after boot, 0 if it could not be read
	Code     int             `json:"code,omitempty"`     // reaped: exit status 0..255, when Signal is 0
	Signal   int             `json:"signal,omitempty"`   // reaped: the signal that killed it, 1..127
	Workload string          `json:"workload,omitempty"` // ask, spawn
	Params   json.RawMessage `json:"params,omitempty"`   // ask, spawn: a JSON object or nothing
	Role     string          `json:"role,omitempty"`     // ask, spawn
	Deadline int64           `json:"deadline,omitempty"` // spawn: CLOCK_MONOTONIC nanoseconds
	Error    string          `json:"error,omitempty"`    // failed, refused: a sentence
}

// Encode is the packet of m. It fails on a message that Decode would refuse, so that a mistake shows where it is made.
func Encode(m Message) ([]byte, error) {
	b, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", m.Kind, err)
	}
	if _, err := Decode(b); err != nil {
		return nil, err
	}
	return b, nil
}

// Malformed is the error of a packet that is not a message; the socket itself is well, and the next may be good.
type Malformed struct{ Reason string }

func (e *Malformed) Error() string { return "control message: " + e.Reason }

func malformed(format string, args ...any) error { return &Malformed{fmt.Sprintf(format, args...)} }

// Decode reads one packet and checks all that can be checked without knowing the sender. Its errors are Malformed.
func Decode(b []byte) (Message, error) {
	if len(b) > MaxMessage {
		return Message{}, malformed("%d bytes, at most %d are allowed", len(b), MaxMessage)
	}
	var m Message
	if err := json.Unmarshal(b, &m); err != nil {
		return Message{}, malformed("not JSON: %v", err)
	}
	if err := m.check(); err != nil {
		return Message{}, malformed("%.20q: %v", m.Kind, err)
	}
	return m, nil
}

func (m *Message) check() error {
	switch m.Kind {
	case Hello:
		return checkPID(m.PID)
	case Progress:
		if !(m.Share >= 0 && m.Share <= 1) {
			return fmt.Errorf("share must be 0..1, got %v", m.Share)
		}
	case Ask:
		if m.Ask == 0 {
			return errors.New("ask must be from 1")
		}
		return m.checkJob()
	case Spawn:
		if m.Order == 0 || m.Deadline <= 0 {
			return errors.New("order and deadline must be from 1")
		}
		return m.checkJob()
	case Started:
		if m.Order == 0 {
			return errors.New("order must be from 1")
		}
		return checkPID(m.PID)
	case Reaped:
		if m.Code < 0 || m.Code > 255 || m.Signal < 0 || m.Signal > 127 {
			return fmt.Errorf("no such status: code %d, signal %d", m.Code, m.Signal)
		}
		return checkPID(m.PID)
	case Failed:
		if m.Order == 0 {
			return errors.New("order must be from 1")
		}
	case Refused:
		if m.Ask == 0 {
			return errors.New("ask must be from 1")
		}
	default:
		return errors.New("no such kind")
	}
	return nil
}

// checkPID allows what Linux can give out: 2 up to 2^22 (pid 1 is never a child of ours).
func checkPID(pid int) error {
	if pid < 2 || pid > 1<<22 {
		return fmt.Errorf("no such pid: %d", pid)
	}
	return nil
}

// Names of workloads and roles are short plain words; anything else would only be a way to carry hostile text.
func (m *Message) checkJob() error {
	if m.Workload == "" || !Word(m.Workload) {
		return fmt.Errorf("no such workload: %.40q", m.Workload)
	}
	if !Word(m.Role) {
		return fmt.Errorf("role must be at most 32 letters, digits, spaces, '-' or '_', got %.40q", m.Role)
	}
	if p := strings.TrimSpace(string(m.Params)); p != "" && p != "null" && p[0] != '{' {
		return errors.New("params must be an object")
	}
	return nil
}

// Word says whether s may be the name of a workload, a role or a channel: at most 32 plain characters.
func Word(s string) bool {
	if len(s) > 32 || !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == ' ') {
			return false
		}
	}
	return true
}
