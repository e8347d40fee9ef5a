// Package ipc is how workers talk: messages on real pipes and POSIX message queues between real processes.
//
// The server makes the channels (make_linux.go), hands their ends to the workers at fork, from descriptor FirstFD on, and
// describes them in one environment variable (Inherit). A worker sends with a Writer and receives with a Reader; both
// pass the gates of the flight recorder and tell it what they do.
//
// Whoever blocks does so in the plain system call that its channel has for it (write, read, mq_timedsend,
// mq_timedreceive) on the main thread, so that the kernel can name the wait; Go's poller would hide it. Each call is
// first tried without blocking, in one system call, so that 'blocked' is recorded before it is true; the price of that
// is paid only when it would have blocked. A signal that is allowed to interrupt (interrupt_linux.go) ends a blocked
// call when the worker is to stop.
//
// On a pipe each frame takes the same room, header and the channel's size, padded: so one read takes exactly one
// message, also when several processes read, and what the kernel counts in the pipe divided by that is its depth.
//
// Absent on purpose: goroutines, buffers of our own (what a process has not read is in the channel, where the kernel
// counts it), reconnecting.
package ipc

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"vivero/sim/flight"
)

const (
	// FirstFD is the descriptor of a worker's first end; 3 is its control socket.
	FirstFD = 4
	// MaxSlots is how many messages a queue may hold: msg_max is 10 on an ordinary Linux, and root has to keep to it too.
	MaxSlots = 10
	// EndsVariable is the environment variable that describes a worker's ends, a JSON array of End.
	EndsVariable = "VIVERO_ENDS"
)

// The kinds and ends, as they stand in End.
const (
	Pipe     = "pipe"
	Queue    = "queue"
	ForRead  = "read"
	ForWrite = "write"
)

// Spec says what channel a workload wants.
type Spec struct {
	Name  string // unique in its workload; a short plain word
	Kind  string // Pipe or Queue
	Size  int    // the largest payload in bytes, 1..MaxPayload
	Slots int    // of a queue: how many messages it holds, 1..MaxSlots
}

// Check says what is wrong with a Spec, in a sentence.
func (s Spec) Check() error {
	switch {
	case s.Kind != Pipe && s.Kind != Queue:
		return fmt.Errorf("channel %s: the kind must be pipe or queue, got %.20q", s.Name, s.Kind)
	case s.Size < 1 || s.Size > MaxPayload:
		return fmt.Errorf("channel %s: the size must be 1..%d bytes, got %d", s.Name, MaxPayload, s.Size)
	case s.Kind == Queue && (s.Slots < 1 || s.Slots > MaxSlots):
		return fmt.Errorf("channel %s: the slots must be 1..%d (the system's msg_max), got %d", s.Name, MaxSlots, s.Slots)
	}
	return nil
}

// End is one end of a channel in the hand of a worker.
type End struct {
	FD    int    `json:"fd"`
	Kind  string `json:"kind"` // pipe, queue
	End   string `json:"end"`  // read, write
	Name  string `json:"name"`
	Slots int    `json:"slots,omitempty"` // of a queue
	Size  int    `json:"size"`            // the largest payload in bytes
	// Socket says that the queue is a pair of datagram sockets, because this system gave no message queue.
	Socket bool `json:"socket,omitempty"`
}

var (
	// ErrNoReader is a write that nobody can read any more (EPIPE).
	ErrNoReader = errors.New("the reader has gone: EPIPE")
	// ErrNoWriter is the end of file: all that was written has been read, and nobody can write any more.
	ErrNoWriter = errors.New("the writer has gone: end of file")
)

// channelError says of which channel an error is.
func channelError(e End, err error) error { return fmt.Errorf("%s: %w", e.Name, err) }

// Ends are what Inherit found.
type Ends struct {
	Readers []*Reader
	Writers []*Writer
}

// Inherit opens the ends that this process was given, in the order of the environment variable, which it takes away:
// children are to have neither the ends nor the word of them. No variable: no ends. recorder may be nil.
func Inherit(recorder *flight.Recorder) (*Ends, error) {
	text, given := os.LookupEnv(EndsVariable)
	if !given {
		return &Ends{}, nil
	}
	if err := os.Unsetenv(EndsVariable); err != nil {
		return nil, err
	}
	var list []End
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("%s is not what the server writes: %w", EndsVariable, err)
	}
	ends := &Ends{}
	for _, e := range list {
		if err := (Spec{e.Name, e.Kind, e.Size, e.Slots}).Check(); err != nil {
			return nil, err
		}
		closeOnExec(e.FD)
		switch e.End {
		case ForRead:
			r, err := NewReader(e, recorder)
			if err != nil {
				return nil, err
			}
			ends.Readers = append(ends.Readers, r)
		case ForWrite:
			w, err := NewWriter(e, recorder)
			if err != nil {
				return nil, err
			}
			ends.Writers = append(ends.Writers, w)
		default:
			return nil, fmt.Errorf("channel %s: the end must be read or write, got %.20q", e.Name, e.End)
		}
	}
	return ends, nil
}

// Reader is the end of that name that this process reads from, nil if it has none.
func (e *Ends) Reader(name string) *Reader {
	for _, r := range e.Readers {
		if r.Name == name {
			return r
		}
	}
	return nil
}

// Writer is the end of that name that this process writes to, nil if it has none.
func (e *Ends) Writer(name string) *Writer {
	for _, w := range e.Writers {
		if w.Name == name {
			return w
		}
	}
	return nil
}
