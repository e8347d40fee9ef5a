package ipc

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"vivero/sim/flight"
)

// Writer sends messages on one channel. One goroutine uses it; the one of the main thread, so that the kernel shows
// what the process waits for.
type Writer struct {
	End
	link
	number uint64
	bytes  uint64 // of payload
}

// NewWriter is the writing end e with its entry in the recorder, which may be nil.
func NewWriter(e End, recorder *flight.Recorder) (*Writer, error) {
	l, err := newLink(e, recorder, flight.Writes)
	return &Writer{End: e, link: l}, err
}

// Sent is how many messages were sent so far, and the bytes of their payloads.
func (w *Writer) Sent() (messages, bytes uint64) { return w.number, w.bytes }

// Send passes the gate and sends payload, and returns when it is in the channel. It blocks while the channel is full.
// ErrNoReader: nobody can read it; the context's error: it was cancelled before the message was in the channel.
func (w *Writer) Send(ctx context.Context, payload []byte) error {
	if len(payload) > w.Size {
		return fmt.Errorf("%s: a message of %d bytes is over the channel's size, %d", w.Name, len(payload), w.Size)
	}
	w.recorder.Gate(ctx, flight.Sent, w.channel)
	if err := ctx.Err(); err != nil {
		return err
	}
	now := flight.Now()
	Header{Length: uint32(len(payload)), Sender: w.pid, Number: w.number + 1, At: now}.Put(w.frame)
	copy(w.frame[HeaderSize:], payload)
	frame := w.frame
	if w.Kind == Queue { // a queue keeps the borders of messages by itself: no padding
		frame = w.frame[:HeaderSize+len(payload)]
	}
	w.channel.Begin(w.number + 1)
	var err error
	if w.bare {
		err = w.write(ctx, frame)
	} else if err = w.try(frame); err == errWouldBlock {
		began := now
		w.channel.Blocked(flight.Writing, began)
		err = w.write(ctx, frame)
		now = flight.Now()
		w.channel.Resumed(flight.Writing, began, now)
	}
	if err != nil {
		w.channel.Begin(w.number) // a frame goes in whole or not at all, and this one has not
		return w.failed(err)
	}
	w.number++
	w.bytes += uint64(len(payload))
	w.channel.Sent(now, w.number, payload)
	return nil
}

// write blocks until frame is in the channel or ctx is cancelled.
func (w *Writer) write(ctx context.Context, frame []byte) error {
	for {
		err := w.block(ctx, frame)
		if err != unix.EINTR {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

func (w *Writer) failed(err error) error {
	if errors.Is(err, unix.EPIPE) || errors.Is(err, unix.ECONNREFUSED) || errors.Is(err, unix.ECONNRESET) {
		w.channel.Ended(flight.Broken, flight.Now())
		err = ErrNoReader
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return channelError(w.End, err)
}

// link is what both ends have.
type link struct {
	caller
	recorder *flight.Recorder
	channel  *flight.Channel
	frame    []byte
	pid      uint32
	bare     bool // do not try first: for the benchmark, which measures what trying costs
}

// newLink makes the recorder's entry. A recorder that has no room for it records nothing of this channel.
func newLink(e End, recorder *flight.Recorder, side flight.End) (link, error) {
	l := link{recorder: recorder, frame: make([]byte, HeaderSize+e.Size), pid: uint32(os.Getpid())}
	var stat unix.Stat_t
	if err := unix.Fstat(e.FD, &stat); err != nil {
		return l, fmt.Errorf("%s: descriptor %d: %w", e.Name, e.FD, err)
	}
	l.caller = newCaller(e)
	kind := flight.Pipe
	switch {
	case e.Socket:
		kind = flight.Socket
	case e.Kind == Queue:
		kind = flight.Queue
	}
	l.channel, _ = recorder.Channel(kind, side, uint64(stat.Dev), stat.Ino)
	return l, nil
}
