package ipc

import (
	"encoding/binary"
	"fmt"
)

const (
	// HeaderSize is what stands before each payload, in bytes.
	HeaderSize = 24
	// MaxPayload is the largest payload of a message: with its header it is one page, which is PIPE_BUF, so that a write is
	// whole or not at all and the messages of several writers never mix.
	MaxPayload = 4096 - HeaderSize
)

// Header is what stands before each payload, little-endian: u32 length of the payload, u32 sender, u64 number, i64 at.
type Header struct {
	Length uint32 // bytes of payload
	Sender uint32 // pid
	Number uint64 // the sender's count on this channel, from 1
	At     int64  // when its write began, ns of CLOCK_MONOTONIC
}

// Put writes the header to the first HeaderSize bytes of frame.
func (h Header) Put(frame []byte) {
	_ = frame[HeaderSize-1]
	binary.LittleEndian.PutUint32(frame, h.Length)
	binary.LittleEndian.PutUint32(frame[4:], h.Sender)
	binary.LittleEndian.PutUint64(frame[8:], h.Number)
	binary.LittleEndian.PutUint64(frame[16:], uint64(h.At))
}

// Parse reads one frame: its header, and its payload as a part of frame. What follows the payload is padding.
func Parse(frame []byte) (h Header, payload []byte, err error) {
	if len(frame) < HeaderSize {
		return h, nil, fmt.Errorf("a message of %d bytes, shorter than its header (%d)", len(frame), HeaderSize)
	}
	h = Header{
		Length: binary.LittleEndian.Uint32(frame),
		Sender: binary.LittleEndian.Uint32(frame[4:]),
		Number: binary.LittleEndian.Uint64(frame[8:]),
		At:     int64(binary.LittleEndian.Uint64(frame[16:])),
	}
	switch room := len(frame) - HeaderSize; {
	case int64(h.Length) > int64(room):
		return h, nil, fmt.Errorf("a message says it has %d bytes, but %d came", h.Length, room)
	case h.Number == 0 || h.Sender == 0:
		return h, nil, fmt.Errorf("a message without a number or a sender (number %d, sender %d)", h.Number, h.Sender)
	}
	return h, frame[HeaderSize : HeaderSize+int(h.Length)], nil
}
