// Package flight is the flight recorder: a memory-mapped file in which a process says what it does, without a system call
// and without losing anything when it is killed. The process writes (Recorder), the server reads (File, and package
// observe); the server writes the control words, the process obeys them at its gates.
//
// The process side is one goroutine for each end of a channel; the file side is used by one at a time. docs/flight.md is
// the layout's own document; the Python probe writes the same bytes, and testdata/golden.flight holds the two together.
// All words are little-endian and 8 bytes; both sides use atomic loads and stores of whole words.
//
// Absent on purpose: locks, system calls on the way of an event, start and end records that must come in pairs (state is
// a word that is overwritten), trust: what a file holds was written by a process that can crash or lie, so a reader
// checks every number before it follows it.
package flight

// Sizes of the file, in bytes and counts.
const (
	Channels = 64   // entries of the channel table
	Records  = 1024 // slots of the ring, a power of two

	headerSize  = 4096
	channelSize = 128
	recordSize  = 64
	tableAt     = headerSize
	ringAt      = tableAt + Channels*channelSize
	Size        = ringAt + Records*recordSize
)

// magic is "VIVERO1\n" as a little-endian word, version the layout's.
const (
	magic   = 0x0a314f5245564956
	version = 1
)

// Words of the header, by index.
const (
	hMagic      = 0
	hLayout     = 1 // version | Channels<<16 | Records<<32
	hPID        = 2
	hStart      = 3 // clock ticks after boot: with the pid it names the process for good
	hGeneration = 4 // 0, 1, …: a process that execs starts another file
	hHead       = 5 // records reserved so far; the next goes to slot head % Records
	hUnrecorded = 6 // events that were counted in the table but deliberately left out of the ring
	hLanguage   = 7 // 1 Go, 2 Python
	hName       = 8 // 64 bytes of UTF-8, NUL-padded: what the program calls this process
	nameSize    = 64

	// Written by the server.
	cAsked   = 64 // 0: nothing is asked, and a gate costs this one load
	cPace    = 65 // nanoseconds of delay at each gate
	cPaused  = 66 // 1: stand at the next gate
	cGranted = 67 // steps granted while paused, in all
	cBell    = 68 // changes with every order, in its low 32 bits: the futex that a waiting process sleeps on

	// Written by the process.
	gPassed = 72 // gates passed in all; 0: it has none, or has not come to one
	gHeld   = 73 // since when it stands at a gate, ns of CLOCK_MONOTONIC; 0: it does not
	gAt     = 74 // at which: the Kind of what it is about to do | channel<<8
	gTaken  = 75 // granted steps that it used, in all
)

// Words of a channel table entry, by index.
const (
	eKind         = 0 // ChannelKind | End bits<<8; written last: 0 is a free entry
	eDevice       = 1 // of fstat, as is the inode: the kernel's name for the channel
	eInode        = 2
	eSent         = 3 // messages whose write has returned
	eSentBytes    = 4 // of payload
	eReceived     = 5
	eReceivedByte = 6
	eWriting      = 7  // blocked in a write since, ns; 0: not
	eReading      = 8  // blocked in a read since, ns; 0: not
	eWriteWait    = 9  // ns blocked in writes, in all
	eReadWait     = 10 // ns blocked in reads, in all
	eBegun        = 11 // number of the last message whose write began: eBegun − 1 ≤ eSent
	eLast         = 12 // number of the last message received
	eInHand       = 13 // number of the message that is being worked on; 0: none
	eBuffered     = 14 // messages in the sender's own buffer (Python's Queue has one, with a feeder thread)
	eFlags        = 15 // bit 0: end of file was read; bit 1: a write failed with EPIPE
)

// Words of a record, by index.
const (
	rSequence = 0 // 2i+1 while record i is being written, 2i+2 when it is whole
	rTime     = 1 // ns of CLOCK_MONOTONIC
	rKind     = 2 // Kind | channel<<16
	rNumber   = 3 // of the message
	rSize     = 4 // bytes of payload | sender's pid<<32
	rValue    = 5 // Sent, Received: when it was sent, ns. Held: the Kind of what is held. Child: 0 begins, 1 has ended
	rPreview  = 6 // 16 bytes: the beginning of the message as UTF-8, NUL-padded
)

// PreviewSize is how many bytes of a message's text a record keeps.
const PreviewSize = 16

// The languages of a recorder's writer, in hLanguage.
const (
	Go     = 1
	Python = 2
)

// ChannelKind is what a channel is for the kernel.
type ChannelKind uint8

// The kinds of channel.
const (
	Pipe   ChannelKind = 1 // pipe(2)
	Queue  ChannelKind = 2 // a POSIX message queue
	Socket ChannelKind = 3 // one end of a socket pair
)

// End says which ends of a channel a process uses.
type End uint8

// The ends, as bits.
const (
	Reads  End = 1
	Writes End = 2
)

// Kind is what a record tells.
type Kind uint8

// The kinds of record.
const (
	Sent     Kind = 1  // a message was written
	Received Kind = 2  // a message was read
	Done     Kind = 3  // the receiver has finished with it
	Writing  Kind = 4  // blocked in a write from now on
	Reading  Kind = 5  // blocked in a read from now on
	Held     Kind = 6  // stands at a gate: Pause, or slow motion
	EndRead  Kind = 7  // end of file
	Broken   Kind = 8  // a write failed: nobody reads any more
	Put      Kind = 9  // into the sender's own buffer
	Child    Kind = 10 // of Python's Process: it begins, or has ended
)

// layout is the word hLayout of files that this package understands.
const layout = version | Channels<<16 | Records<<32
