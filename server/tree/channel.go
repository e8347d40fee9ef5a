package tree

import (
	"slices"
	"strconv"
	"time"

	"vivero/server/proc"
)

// Count is a number of bytes or messages; proc.Unknown becomes null for the reader of the API.
type Count int64

// MarshalJSON tells what is unknown as null, never as 0.
func (c Count) MarshalJSON() ([]byte, error) {
	if c < 0 {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, int64(c), 10), nil
}

// Measure is a rate or a time; a negative one is unknown, and null for the reader of the API.
type Measure float64

// MarshalJSON tells what is unknown as null, never as 0.
func (m Measure) MarshalJSON() ([]byte, error) {
	if m < 0 {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(m), 'f', -1, 64), nil
}

// Channel is a pipe, a queue or a socket pair that processes of the tree hold, as a reader of the API sees it.
type Channel struct {
	ID       int       `json:"id"`       // ours, never reused
	Kind     string    `json:"kind"`     // pipe, queue, socket
	Name     string    `json:"name"`     // what its makers call it, "" if they do not
	Made     bool      `json:"made"`     // by us: a message can be put in
	Capacity Count     `json:"capacity"` // bytes; at most, for a pipe counts pages
	Fill     Count     `json:"fill"`     // bytes
	Slots    Count     `json:"slots"`    // messages
	Depth    Count     `json:"depth"`    // messages in it
	Buffered Count     `json:"buffered"` // messages in its senders' own buffers
	Sent     Count     `json:"sent"`     // messages
	Received Count     `json:"received"` // messages that a process has, or had and finished with
	Bytes    Count     `json:"bytes"`    // of payload sent
	Lost     Count     `json:"lost"`     // messages lost with a killed process
	Skipped  Count     `json:"skipped"`  // steps of messages that were counted but not told one by one
	Sampled  bool      `json:"sampled"`  // some were skipped in the last second: what is told is a sample
	Writers  []int     `json:"writers"`  // ids
	Readers  []int     `json:"readers"`  // ids
	Blocked  []Blocked `json:"blocked"`
	Rate     Measure   `json:"rate"` // messages received a second, over the last second
	Latency  Latency   `json:"latency"`
	Ended    bool      `json:"ended"`  // a reader read the end of file: no writer is left
	Broken   bool      `json:"broken"` // a write failed: no reader was left
}

// Blocked is a process that waits for a channel.
type Blocked struct {
	Process int    `json:"process"`
	Op      string `json:"op"`    // read, write
	Since   int64  `json:"since"` // ms since the epoch
}

// Latency is the time from send to receive in milliseconds, over the samples of the last seconds.
type Latency struct {
	P50 Measure `json:"p50"`
	P99 Measure `json:"p99"`
}

// Message is one recorded step of a message.
type Message struct {
	Channel int     // id
	Step    string  // sent, received, lost
	Process int     // id of who did it
	Sender  int     // id of who sent it, 0: not of the tree (any more), or the teacher
	Number  uint64  // the sender's count
	Size    int     // bytes of payload
	At      float64 // ms since the epoch, with fractions
	SentAt  float64 // the same; 0 unknown
	Text    string  // how it begins; hostile text
}

func same(a, b *Channel) bool {
	x, y := *a, *b
	if !slices.Equal(x.Writers, y.Writers) || !slices.Equal(x.Readers, y.Readers) || !slices.Equal(x.Blocked, y.Blocked) {
		return false
	}
	x.Writers, x.Readers, x.Blocked = nil, nil, nil
	y.Writers, y.Readers, y.Blocked = nil, nil, nil
	return x.ID == y.ID && x.Kind == y.Kind && x.Name == y.Name && x.Made == y.Made && x.Capacity == y.Capacity &&
		x.Fill == y.Fill && x.Slots == y.Slots && x.Depth == y.Depth && x.Buffered == y.Buffered && x.Sent == y.Sent &&
		x.Received == y.Received && x.Bytes == y.Bytes && x.Lost == y.Lost && x.Skipped == y.Skipped && x.Sampled == y.Sampled && x.Rate == y.Rate && x.Latency == y.Latency &&
		x.Ended == y.Ended && x.Broken == y.Broken
}

// flow is one channel and what is needed to tell its next row.
type flow struct {
	key     proc.ChannelKey
	shown   Channel // as last told
	now     Channel
	counts  map[int]proc.Counts // by pid, of those that live
	dead    totals              // of those that have ended
	teacher totals              // put in by us
	gap     gap
	// Those that have ended and may have done something that they did not record.
	doubtful struct{ readers, writers uint64 }

	last  [3]uint64 // sent, received, inside, at the last tick
	still int       // ticks since any of them moved

	steps     uint64        // of messages, told one by one
	sampledAt time.Duration // when some were not; 0: never

	rate      []mark
	latencies []lag
	told      bool
}

// totals are sums over processes.
type totals struct{ sent, sentBytes, received, receivedBytes, lost uint64 }

type mark struct {
	at       time.Duration
	received uint64
}

type lag struct{ at, took time.Duration }

// sums adds up what all processes, alive and ended, have done.
func (f *flow) sums() (t totals, buffered uint64) {
	t = f.dead
	t.sent += f.teacher.sent
	t.sentBytes += f.teacher.sentBytes
	for _, c := range f.counts {
		t.sent += c.Sent
		t.sentBytes += c.SentBytes
		t.received += c.Received
		t.receivedBytes += c.ReceivedBytes
		buffered += c.Buffered
	}
	return t, buffered
}

// end keeps the counts of a process that has ended. The message in its hand is lost with it.
func (f *flow) end(c proc.Counts) {
	if _, lived := f.counts[c.PID]; !lived {
		return
	}
	delete(f.counts, c.PID)
	f.dead.sent += c.Sent
	f.dead.sentBytes += c.SentBytes
	f.dead.received += c.Received
	f.dead.receivedBytes += c.ReceivedBytes
	if c.Received > 0 && c.InHand != 0 {
		f.dead.received--
		f.dead.lost++
	}
	if c.Reads && !c.EndRead {
		f.doubtful.readers++
	}
	if c.Begun > c.Sent {
		f.doubtful.writers++
	}
}

// count computes the row's numbers at the moment now.
func (f *flow) count(c proc.Channel, now time.Duration) {
	n := &f.now
	n.Name, n.Made = c.Name, c.Made
	n.Capacity, n.Fill, n.Slots = Count(c.Capacity), Count(c.Fill), Count(c.Slots)
	t, buffered := f.sums()
	recorded := len(f.counts) > 0 || f.dead != (totals{})
	if !recorded { // a program without a recorder: only the kernel's word
		n.Sent, n.Received, n.Bytes, n.Lost, n.Buffered = proc.Unknown, proc.Unknown, proc.Unknown, proc.Unknown, proc.Unknown
		n.Skipped = proc.Unknown
		n.Depth, n.Rate = Count(c.Depth), proc.Unknown
		return
	}
	f.settle(c, t)
	f.skip(t, now)
	t.sent += f.gap.unsent
	t.received += f.gap.unread
	t.lost += f.gap.lost
	t.sent = max(t.sent, t.received+t.lost) // whoever received it: it was sent
	n.Sent, n.Received, n.Bytes, n.Lost, n.Buffered = Count(t.sent), Count(t.received), Count(t.sentBytes), Count(t.lost), Count(buffered)
	if c.Depth >= 0 {
		n.Depth = Count(c.Depth)
	} else {
		n.Depth = max(0, n.Sent-n.Received-n.Lost)
	}
	f.rate = append(f.rate, mark{now, t.received})
	drop := 0
	for drop < len(f.rate)-2 && f.rate[drop+1].at <= now-second {
		drop++
	}
	f.rate = f.rate[:copy(f.rate, f.rate[drop:])]
	n.Rate = 0
	if first := f.rate[0]; now > first.at && t.received >= first.received {
		n.Rate = Measure(thousandths(float64(t.received-first.received) / (now - first.at).Seconds()))
	}
}

// gap is what processes did that were killed or stopped between a system call and the record of it, in messages.
type gap struct {
	unsent uint64 // in the channel, or taken out of it, though no sender has recorded them
	unread uint64 // taken out by readers that have yet to record them
	lost   uint64 // taken out by readers that never will
}

// settle finds the gap once nothing moves, by the kernel's count of what is inside. It is found anew each time, so that a
// wrong guess heals. What the dead did stays when things move on; a process that lives will record it itself.
func (f *flow) settle(c proc.Channel, t totals) {
	if c.Depth < 0 { // the kernel does not say, or the channel is gone: then what is inside is what is missing
		f.gap.unread = 0
		return
	}
	if now := [3]uint64{t.sent, t.received, uint64(c.Depth)}; now != f.last {
		f.last, f.still = now, 0
		f.gap.unread = 0
		f.gap.unsent = min(f.gap.unsent, f.doubtful.writers)
		return
	}
	if f.still++; f.still < 2 {
		return
	}
	f.gap = gap{}
	missing := int64(t.sent) - int64(t.received) - int64(t.lost) - int64(c.Depth)
	if missing < 0 {
		f.gap.unsent = uint64(-missing)
		return
	}
	// Of those that are missing, each reader that was killed may have had one, and each that lives may have one. More
	// than that was taken by somebody who does not record.
	f.gap.lost = min(uint64(missing), f.doubtful.readers)
	f.gap.unread = min(uint64(missing)-f.gap.lost, f.live())
	f.gap.lost = uint64(missing) - f.gap.unread
}

// live is how many readers live, by their recorders.
func (f *flow) live() (n uint64) {
	for _, c := range f.counts {
		if c.Reads || c.Received > 0 {
			n++
		}
	}
	return n
}

// skip counts the steps that were not told one by one, and notes when it grows.
func (f *flow) skip(t totals, now time.Duration) {
	counted := t.sent - f.teacher.sent + t.received + t.lost
	skipped := Count(0)
	if counted > f.steps {
		skipped = Count(min(counted-f.steps, 1<<53))
	}
	if skipped > f.now.Skipped {
		f.sampledAt = now
	}
	f.now.Skipped = skipped
	f.now.Sampled = f.sampledAt > 0 && now-f.sampledAt < second
}

// late takes in how long a message took.
func (f *flow) late(at, took time.Duration) {
	f.latencies = append(f.latencies, lag{at, took})
	const most, span = 256, 5 * time.Second
	drop := max(0, len(f.latencies)-most)
	for drop < len(f.latencies) && f.latencies[drop].at < at-span {
		drop++
	}
	f.latencies = f.latencies[:copy(f.latencies, f.latencies[drop:])]
}

// latency is over the samples that late kept.
func (f *flow) latency() Latency {
	if len(f.latencies) == 0 {
		return Latency{proc.Unknown, proc.Unknown}
	}
	sorted := make([]time.Duration, len(f.latencies))
	for i, l := range f.latencies {
		sorted[i] = l.took
	}
	slices.Sort(sorted)
	at := func(p int) Measure {
		return Measure(thousandths(float64(sorted[(len(sorted)-1)*p/100]) / float64(time.Millisecond)))
	}
	return Latency{at(50), at(99)}
}
