package observe

import (
	"bytes"
	"time"
	"unicode"
	"unicode/utf8"

	"vivero/server/proc"
	"vivero/sim/flight"
)

// What a recorder holds was written by a process that can crash or lie. Here its words become numbers that nothing
// further on can stumble over: sums over thousands of processes stay far within 64 bits, times are of this run.
const (
	messagesMost = 1 << 44
	bytesMost    = 1 << 50
	bufferedMost = 1 << 32
	waitMost     = time.Duration(1) << 60 // 36 years
)

// ahead is how far a time may lie after now: both clocks are the same, but ours is read first.
const ahead = time.Second

// countsOf is what an entry says, within bounds.
func countsOf(e *flight.Entry, now time.Duration) proc.Counts {
	c := proc.Counts{
		Reads: e.End&flight.Reads != 0, Writes: e.End&flight.Writes != 0,
		Sent: min(e.Sent, messagesMost), SentBytes: min(e.SentBytes, bytesMost),
		Received: min(e.Received, messagesMost), ReceivedBytes: min(e.RecvBytes, bytesMost),
		Begun: min(e.Begun, messagesMost), Last: min(e.Last, messagesMost), InHand: min(e.InHand, messagesMost),
		Buffered: min(e.Buffered, bufferedMost),
		Writing:  moment(e.Writing, now), Reading: moment(e.Reading, now),
		WriteWait: min(max(e.WriteWait, 0), waitMost), ReadWait: min(max(e.ReadWait, 0), waitMost),
		EndRead: e.EndRead, Broken: e.Broken,
	}
	if c.Received == 0 {
		c.InHand = 0 // it cannot have what it never received
	}
	return c
}

// moment is a time of CLOCK_MONOTONIC, 0 if it cannot be one.
func moment(ns int64, now time.Duration) time.Duration {
	if at := time.Duration(ns); at > 0 && at <= now+ahead {
		return at
	}
	return 0
}

// unite adds b, another entry of the same process for the same channel, to a.
func unite(a, b *proc.Counts) {
	a.Reads, a.Writes = a.Reads || b.Reads, a.Writes || b.Writes
	a.Sent, a.SentBytes = min(a.Sent+b.Sent, messagesMost), min(a.SentBytes+b.SentBytes, bytesMost)
	a.Received, a.ReceivedBytes = min(a.Received+b.Received, messagesMost), min(a.ReceivedBytes+b.ReceivedBytes, bytesMost)
	a.Begun, a.Last, a.InHand = max(a.Begun, b.Begun), max(a.Last, b.Last), max(a.InHand, b.InHand)
	a.Buffered = min(a.Buffered+b.Buffered, bufferedMost)
	a.Writing, a.Reading = earlier(a.Writing, b.Writing), earlier(a.Reading, b.Reading)
	a.WriteWait, a.ReadWait = min(a.WriteWait+b.WriteWait, waitMost), min(a.ReadWait+b.ReadWait, waitMost)
	a.EndRead, a.Broken = a.EndRead || b.EndRead, a.Broken || b.Broken
}

func earlier(a, b time.Duration) time.Duration {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// messageOf is a record of a message sent or received.
func messageOf(e *flight.Event, now time.Duration) proc.Message {
	m := proc.Message{
		At: moment(e.At, now), Step: proc.Sent, Sender: int(min(e.Sender, 1<<31-1)), Number: min(e.Number, messagesMost),
		Size: int(min(e.Size, 1<<31-1)), Text: preview(e.Preview[:]),
	}
	if e.Kind == flight.Received {
		m.Step = proc.Received
		if sent := moment(e.Value, now); sent <= m.At {
			m.SentAt = sent
		}
	}
	return m
}

// gateOf is how a process stands at its gates.
func gateOf(g flight.Gate, now time.Duration) proc.Gate {
	held := moment(g.Held, now)
	p := proc.Gate{Has: g.Passed > 0 || held > 0, Held: held}
	switch g.At {
	case flight.Sent:
		p.About = proc.Sent
	case flight.Received:
		p.About = proc.Received
	}
	return p
}

// preview is the beginning of a message as a person may see it: at most 16 bytes of valid UTF-8 that print. A rune that
// was cut at the end is left out.
func preview(b []byte) string {
	b, _, _ = bytes.Cut(b, []byte{0})
	b = b[:min(len(b), flight.PreviewSize)]
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && size == 1:
			if !utf8.FullRune(b) {
				return string(out)
			}
			out = append(out, '?')
		case !unicode.IsPrint(r):
			out = append(out, '?')
		default:
			out = append(out, b[:size]...)
		}
		b = b[size:]
	}
	return string(out)
}
