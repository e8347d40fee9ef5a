package ipc

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"vivero/sim/flight"
)

// ErrFull is a message that did not go in because there was no room.
var ErrFull = errors.New("the channel is full")

// SendOnce writes one message as this process's number-th, without a recorder, and never waits: ErrFull, ErrNoReader. Of
// a pipe, e.FD has to be O_NONBLOCK.
func SendOnce(e End, number uint64, payload []byte) error {
	frame := make([]byte, HeaderSize+e.Size)
	if e.Kind == Queue {
		frame = frame[:HeaderSize+len(payload)]
	}
	Header{Length: uint32(len(payload)), Sender: uint32(os.Getpid()), Number: number, At: flight.Now()}.Put(frame)
	copy(frame[HeaderSize:], payload)
	c := caller{fd: e.FD, quick: -1, kind: e.Kind, socket: e.Socket}
	for {
		var err error
		if e.Kind == Pipe {
			_, err = unix.Write(e.FD, frame)
		} else {
			err = c.try(frame)
		}
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN), err == errWouldBlock:
			return ErrFull
		case errors.Is(err, unix.EPIPE), errors.Is(err, unix.ECONNREFUSED), errors.Is(err, unix.ECONNRESET):
			return ErrNoReader
		}
		return err
	}
}
