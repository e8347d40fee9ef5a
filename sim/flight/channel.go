package flight

import (
	"encoding/binary"
	"errors"
	"sync/atomic"
)

// Above some 3,000 events a second and channel nobody can follow them: each is counted, the ring gets a sample.
const (
	sampleSpan  = 10_000_000 // ns
	sampleLimit = 32         // records in a span
)

// Channel is one entry of the channel table: what this process did with one pipe or queue. One goroutine may send and
// another receive; the same end is used by one goroutine at a time.
type Channel struct {
	r     *Recorder
	index int
	words []uint64
	spans [4]span // of what is sent, received; of blocked writes, reads: a flood of messages leaves room for these
}

// span counts the records of the last sampleSpan.
type span struct {
	began int64
	count int
}

// Channel adds an entry to the table. device and inode are those of fstat.
func (r *Recorder) Channel(kind ChannelKind, end End, device, inode uint64) (*Channel, error) {
	if r == nil {
		return nil, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.channels) == Channels {
		return nil, errors.New("flight recorder: the channel table is full (64 entries)")
	}
	index := len(r.channels)
	at := (tableAt + index*channelSize) / 8
	c := &Channel{r: r, index: index, words: r.words[at : at+channelSize/8 : at+channelSize/8]}
	atomic.StoreUint64(&c.words[eDevice], device)
	atomic.StoreUint64(&c.words[eInode], inode)
	atomic.StoreUint64(&c.words[eKind], uint64(kind)|uint64(end)<<8)
	r.channels = append(r.channels, c)
	return c, nil
}

// Begin tells that the write of message number begins: should the process be killed in it, the number says that it may
// have been written.
func (c *Channel) Begin(number uint64) {
	if c != nil {
		atomic.StoreUint64(&c.words[eBegun], number)
	}
}

// Sent tells that the write of the message has returned. now is Now().
func (c *Channel) Sent(now int64, number uint64, payload []byte) {
	if c == nil {
		return
	}
	// One goroutine writes these words, so a plain addition is exact; the store is whole for the reader.
	atomic.StoreUint64(&c.words[eSentBytes], c.words[eSentBytes]+uint64(len(payload)))
	atomic.StoreUint64(&c.words[eSent], c.words[eSent]+1)
	c.sample(0, Sent, now, number, payload, uint32(c.r.words[hPID]), now)
}

// Received tells that message number of process sender was read. sent is when it was sent, now is Now(). From here on
// it is in the hand of this process, until Done.
func (c *Channel) Received(now int64, number uint64, sender uint32, sent int64, payload []byte) {
	if c == nil {
		return
	}
	atomic.StoreUint64(&c.words[eInHand], number)
	atomic.StoreUint64(&c.words[eLast], number)
	atomic.StoreUint64(&c.words[eReceivedByte], c.words[eReceivedByte]+uint64(len(payload)))
	atomic.StoreUint64(&c.words[eReceived], c.words[eReceived]+1)
	c.sample(1, Received, now, number, payload, sender, sent)
}

// Done tells that the receiver has finished with the message in its hand.
func (c *Channel) Done() {
	if c != nil {
		atomic.StoreUint64(&c.words[eInHand], 0)
	}
}

// Blocked tells, before it blocks, that the process waits in a write or a read (kind is Writing or Reading) from now on.
func (c *Channel) Blocked(kind Kind, now int64) {
	if c == nil {
		return
	}
	since := eWriting
	if kind == Reading {
		since = eReading
	}
	atomic.StoreUint64(&c.words[since], uint64(now))
	c.sample(2+int(kind-Writing), kind, now, 0, nil, 0, 0)
}

// Resumed tells that what Blocked told at began is over. (Two calls, not a function that Blocked returns: that one would
// be garbage for each message.)
func (c *Channel) Resumed(kind Kind, began, now int64) {
	if c == nil {
		return
	}
	since, total := eWriting, eWriteWait
	if kind == Reading {
		since, total = eReading, eReadWait
	}
	atomic.StoreUint64(&c.words[since], 0)
	atomic.StoreUint64(&c.words[total], c.words[total]+uint64(max(0, now-began)))
}

// Ended tells of the end of file (EndRead) or of a write that nobody can read any more (Broken).
func (c *Channel) Ended(kind Kind, now int64) {
	if c == nil {
		return
	}
	flag := uint64(1)
	if kind == Broken {
		flag = 2
	}
	atomic.OrUint64(&c.words[eFlags], flag)
	c.r.record(kind, c.index, now, 0, 0, 0, 0, [2]uint64{})
}

// sample records the event unless this span has enough; then it is only counted.
func (c *Channel) sample(side int, kind Kind, now int64, number uint64, payload []byte, sender uint32, value int64) {
	s := &c.spans[side]
	if now-s.began >= sampleSpan {
		s.began, s.count = now, 0
	}
	if s.count >= sampleLimit {
		atomic.AddUint64(&c.r.words[hUnrecorded], 1)
		return
	}
	s.count++
	c.r.record(kind, c.index, now, number, uint32(len(payload)), sender, value, preview(payload))
}

// preview is the first 16 bytes of a message.
func preview(payload []byte) (p [2]uint64) {
	if len(payload) == 0 {
		return p
	}
	var head [PreviewSize]byte
	copy(head[:], payload)
	return [2]uint64{binary.LittleEndian.Uint64(head[:8]), binary.LittleEndian.Uint64(head[8:])}
}
