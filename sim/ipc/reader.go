package ipc

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"vivero/sim/flight"
)

// Reader receives messages from one channel, under the same rule as Writer.
type Reader struct {
	End
	link
	messages, bytes uint64
}

// Message is what came. Payload is valid until the next Receive.
type Message struct {
	Header
	Payload []byte
}

// NewReader is the reading end e with its entry in the recorder, which may be nil.
func NewReader(e End, recorder *flight.Recorder) (*Reader, error) {
	l, err := newLink(e, recorder, flight.Reads)
	return &Reader{End: e, link: l}, err
}

// Received is how many messages came so far, and the bytes of their payloads.
func (r *Reader) Received() (messages, bytes uint64) { return r.messages, r.bytes }

// Receive takes the next message out of the channel and passes the gate with it. It blocks while there is none. From
// here on the message is in the hand of this process, until Done. ErrNoWriter: there will be none any more; the
// context's error: it was cancelled before one came.
func (r *Reader) Receive(ctx context.Context) (m Message, err error) {
	if err := ctx.Err(); err != nil {
		return m, err
	}
	var n int
	if r.bare {
		n, err = r.read(ctx)
	} else {
		n, err = r.tryRead(r.frame)
	}
	now := flight.Now()
	if err == errWouldBlock {
		began := now
		r.channel.Blocked(flight.Reading, began)
		n, err = r.read(ctx)
		now = flight.Now()
		r.channel.Resumed(flight.Reading, began, now)
	}
	if err == nil && n == 0 {
		r.channel.Ended(flight.EndRead, now)
		err = ErrNoWriter
	}
	if err == nil {
		m.Header, m.Payload, err = Parse(r.frame[:n])
	}
	if err != nil {
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			return m, err
		}
		return m, channelError(r.End, err)
	}
	r.messages++
	r.bytes += uint64(len(m.Payload))
	r.channel.Received(now, m.Number, m.Sender, m.At, m.Payload)
	r.recorder.Gate(ctx, flight.Received, r.channel)
	return m, nil
}

// Done tells that this process has finished with the message in its hand. A process that ends without it has lost it.
func (r *Reader) Done() { r.channel.Done() }

// read blocks until a message is there or ctx is cancelled.
func (r *Reader) read(ctx context.Context) (n int, err error) {
	for {
		n, err = r.blockRead(ctx, r.frame)
		if err != unix.EINTR {
			return n, err
		}
		if err := ctx.Err(); err != nil {
			return 0, err
		}
	}
}

// Wait returns the first of readers that has a message (or the end of file) to receive. While none has, it blocks in
// poll(2) and is recorded as blocked in reading from all of them.
func Wait(ctx context.Context, readers []*Reader) (int, error) {
	if len(readers) == 0 {
		return -1, fmt.Errorf("wait: %w", ErrNoWriter)
	}
	fds := make([]unix.PollFd, len(readers))
	for i, r := range readers {
		fds[i] = unix.PollFd{Fd: int32(r.FD), Events: unix.POLLIN}
	}
	ready := func(timeout int) (int, error) {
		for {
			n, err := unix.Poll(fds, timeout)
			if err != nil && err != unix.EINTR {
				return -1, fmt.Errorf("wait: poll: %w", err)
			}
			if err := ctx.Err(); err != nil {
				return -1, err
			}
			if n > 0 {
				for i, fd := range fds {
					if fd.Revents != 0 {
						return i, nil
					}
				}
			}
			if timeout == 0 {
				return -1, nil
			}
		}
	}
	if i, err := ready(0); i >= 0 || err != nil {
		return i, err
	}
	began := flight.Now()
	for _, r := range readers {
		r.channel.Blocked(flight.Reading, began)
	}
	i, err := ready(pollTime)
	now := flight.Now()
	for _, r := range readers {
		r.channel.Resumed(flight.Reading, began, now)
	}
	return i, err
}
