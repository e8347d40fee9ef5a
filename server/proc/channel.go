package proc

import "time"

// ChannelKind is what a channel is for the kernel.
type ChannelKind uint8

// The kinds of channel. The numbers are those of sim/flight.
const (
	Pipe   ChannelKind = 1 // pipe(2)
	Queue  ChannelKind = 2 // a POSIX message queue
	Socket ChannelKind = 3 // a pair of connected unix sockets; its key is the smaller of the two inodes
)

// ChannelKey names a channel for the kernel while somebody holds it.
type ChannelKey struct {
	Kind          ChannelKind
	Device, Inode uint64
}

// Unknown stands for a count that cannot be had.
const Unknown = -1

// Channel is what the kernel says of one pipe, queue or socket pair at one moment.
type Channel struct {
	Key      ChannelKey
	Name     string // what its makers call it, "" if they do not
	Made     bool   // made by us: its messages are framed, and we may put one in
	Ends     []End
	Capacity int // bytes, Unknown
	Fill     int // bytes in it now, Unknown
	Slots    int // messages it can hold, Unknown
	Depth    int // messages in it now, by the kernel's count, Unknown
}

// End is one process's hold on a channel.
type End struct {
	PID    int
	Reads  bool
	Writes bool
}

// Waiting says what a sleeping process waits for, as its system call tells.
type Waiting struct {
	PID     int
	For     WaitKind
	Channel ChannelKey // of WaitRead, WaitWrite: on what, if it is a channel
	Since   time.Duration
}

// WaitKind is what a process waits for.
type WaitKind uint8

// What a process may wait for. Anything else is WaitUnknown.
const (
	WaitUnknown WaitKind = iota
	WaitNothing          // it does not wait
	WaitChild            // wait4, waitid
	WaitRead             // read from a pipe or socket, receive from a queue
	WaitWrite            // write to a pipe or socket, send to a queue
	WaitInput            // read from a terminal
	WaitSleep            // nanosleep and its like
	WaitLock             // flock, fcntl, or a futex
	WaitEvents           // poll, select, epoll
	WaitDisk             // state D
)

// Step is what happened to a message.
type Step uint8

// The steps of a message.
const (
	Sent     Step = 1
	Received Step = 2
	Lost     Step = 3
)

// Message is one recorded step of one message. The recorders keep a sample when there are too many.
type Message struct {
	At      time.Duration // CLOCK_MONOTONIC
	Step    Step
	Channel ChannelKey
	PID     int    // who did it
	Sender  int    // pid of who sent it
	Number  uint64 // the sender's count, from 1
	Size    int    // bytes of payload
	SentAt  time.Duration
	Text    string // how it begins, cleaned; hostile text
}

// Counts are what one process has done with one channel, exact to its last message.
type Counts struct {
	PID                     int
	Channel                 ChannelKey
	Reads, Writes           bool   // the ends that it uses
	Sent, SentBytes         uint64 // payload
	Received, ReceivedBytes uint64
	Begun                   uint64        // number of the last message whose write began
	Last                    uint64        // number of the last message received
	InHand                  uint64        // number of the message it works on, 0: none
	Buffered                uint64        // in its own buffer, on the way to the channel
	Writing, Reading        time.Duration // blocked since (CLOCK_MONOTONIC), 0: not
	WriteWait, ReadWait     time.Duration // blocked in all
	EndRead, Broken         bool          // it read the end of file; a write of its failed with EPIPE
	Ended                   bool          // the process has ended: these are its last words
}

// Gate is how a process stands to Pause, Step and slow motion.
type Gate struct {
	PID     int
	Called  string        // what its program calls it (Python's Process.name), "" if nothing; hostile text
	Has     bool          // it has gates: it has passed one, or stands at one
	Held    time.Duration // stands at one since (CLOCK_MONOTONIC), 0: it does not
	About   Step          // what it is about to do there
	Channel ChannelKey
}

// Traffic is what one tick saw of channels.
type Traffic struct {
	At       time.Duration
	Channels []Channel // all that the tree's processes hold; valid until the next tick
	Waiting  []Waiting // of every process whose waiting may have changed
	Counts   []Counts  // of every recorder that changed
	Messages []Message // in the order of their times
	Gates    []Gate    // of every recorder whose gate changed
	Skipped  uint64    // steps of messages that were counted but not recorded, in all
}
