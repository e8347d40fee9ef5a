package flight

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// File is another process's recorder as the server reads it. Nothing in it is trusted: indices are masked, counts are
// only shown. Not for concurrent use.
type File struct {
	memory []byte
	words  []uint64
	next   uint64 // the first record that was not read yet
	lost   uint64 // records that were overwritten before they were read
}

// Event is one record of a File.
type Event struct {
	At      int64 // ns of CLOCK_MONOTONIC
	Kind    Kind
	Channel int // index in the channel table
	Number  uint64
	Size    uint32
	Sender  uint32 // pid
	Value   int64
	Preview [PreviewSize]byte // hostile bytes
}

// Entry is one channel as the process tells it.
type Entry struct {
	Index               int
	Kind                ChannelKind
	End                 End
	Device, Inode       uint64
	Sent, SentBytes     uint64
	Received, RecvBytes uint64
	Writing, Reading    int64 // blocked since, 0: not
	WriteWait           time.Duration
	ReadWait            time.Duration
	Begun, Last         uint64
	InHand              uint64
	Buffered            uint64
	EndRead, Broken     bool
}

// Identity is the header of a File.
type Identity struct {
	PID        int
	Start      uint64
	Generation uint64
	Language   uint64
	Name       string // hostile text
}

// Open maps a recorder that another process writes. It refuses what is not one: a wrong size, magic or layout.
func Open(path string) (_ *File, err error) {
	// O_NOFOLLOW, O_NONBLOCK: neither a link nor a FIFO put into the folder leads anywhere.
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open flight recorder", Path: path, Err: err}
	}
	defer unix.Close(fd)
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return nil, &os.PathError{Op: "stat flight recorder", Path: path, Err: err}
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFREG || stat.Size != Size {
		return nil, fmt.Errorf("flight recorder %s: %d bytes of type %#o, want a file of %d", path, stat.Size, stat.Mode&unix.S_IFMT, Size)
	}
	memory, err := unix.Mmap(fd, 0, Size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, &os.PathError{Op: "map flight recorder", Path: path, Err: err}
	}
	f := &File{memory: memory, words: words(memory)}
	defer guard(&err)()
	if got := f.load(hMagic); got != magic {
		f.Close()
		return nil, fmt.Errorf("flight recorder %s: the magic is %#x, want %#x", path, got, uint64(magic))
	}
	if got := f.load(hLayout); got != layout {
		f.Close()
		return nil, fmt.Errorf("flight recorder %s: the layout is %#x, this Vivero reads %#x", path, got, uint64(layout))
	}
	return f, nil
}

// Close unmaps the file.
func (f *File) Close() error { return unix.Munmap(f.memory) }

func (f *File) load(i int) uint64 { return atomic.LoadUint64(&f.words[i]) }

// View is what one Read of a File gives. Reuse it: its slices are.
type View struct {
	Identity
	Events     []Event // that came since the last Read
	Entries    []Entry
	Gate       Gate
	Unrecorded uint64 // events that the process counted but left out of the ring
	Lost       uint64 // records that were overwritten before they were read
}

// Read reads all that the process says. last says that it has ended, so that a record it did not finish is skipped
// instead of waited for.
func (f *File) Read(v *View, last bool) (err error) {
	defer guard(&err)()
	v.Identity = f.identity()
	v.Events = f.read(v.Events[:0], last)
	v.Entries = f.entries(v.Entries[:0])
	v.Gate = f.gate()
	v.Unrecorded, v.Lost = f.load(hUnrecorded), f.lost
	return nil
}

func (f *File) identity() Identity {
	name := make([]byte, nameSize)
	copy(name, f.memory[hName*8:])
	name, _, _ = bytes.Cut(name, []byte{0})
	return Identity{int(min(f.load(hPID), math.MaxInt32)), f.load(hStart), f.load(hGeneration), f.load(hLanguage), string(bytes.ToValidUTF8(name, []byte("\uFFFD")))}
}

// read appends the records that came since the last time. One that is being written is left for the next, unless the
// process has ended and it never will be whole.
func (f *File) read(events []Event, last bool) []Event {
	head := f.load(hHead)
	if head < f.next || head-f.next > math.MaxInt64 { // absurd: start anew from what it says
		f.next = head
		return events
	}
	if head-f.next > Records {
		f.lost += head - f.next - Records
		f.next = head - Records
	}
	for ; f.next < head; f.next++ {
		at := ringAt/8 + int(f.next%Records)*(recordSize/8)
		w := f.words[at : at+recordSize/8]
		whole := 2*f.next + 2
		sequence := atomic.LoadUint64(&w[rSequence])
		if sequence != whole {
			if sequence > whole { // overwritten meanwhile
				f.lost++
				continue
			}
			if last {
				continue
			}
			return events
		}
		var e Event
		e.At = int64(atomic.LoadUint64(&w[rTime]))
		kind := atomic.LoadUint64(&w[rKind])
		e.Kind, e.Channel = Kind(kind), int(kind>>16&0xffff)%Channels
		e.Number = atomic.LoadUint64(&w[rNumber])
		size := atomic.LoadUint64(&w[rSize])
		e.Size, e.Sender = uint32(size), uint32(size>>32)
		e.Value = int64(atomic.LoadUint64(&w[rValue]))
		p := [2]uint64{atomic.LoadUint64(&w[rPreview]), atomic.LoadUint64(&w[rPreview+1])}
		if atomic.LoadUint64(&w[rSequence]) != whole {
			f.lost++
			continue
		}
		e.Preview = *(*[PreviewSize]byte)(unsafe.Pointer(&p))
		events = append(events, e)
	}
	return events
}

// entries appends the channels that the process uses.
func (f *File) entries(entries []Entry) []Entry {
	for index := range Channels {
		at := (tableAt + index*channelSize) / 8
		load := func(i int) uint64 { return f.load(at + i) }
		kind := load(eKind)
		if kind == 0 {
			break // entries are taken in order and never given back
		}
		flags := load(eFlags)
		entries = append(entries, Entry{Index: index, Kind: ChannelKind(kind), End: End(kind >> 8), Device: load(eDevice), Inode: load(eInode),
			Sent: load(eSent), SentBytes: load(eSentBytes), Received: load(eReceived), RecvBytes: load(eReceivedByte),
			Writing: int64(load(eWriting)), Reading: int64(load(eReading)),
			WriteWait: time.Duration(load(eWriteWait)), ReadWait: time.Duration(load(eReadWait)),
			Begun: load(eBegun), Last: load(eLast), InHand: load(eInHand), Buffered: load(eBuffered),
			EndRead: flags&1 != 0, Broken: flags&2 != 0})
	}
	return entries
}

// Gate is how the process stands at its gates.
type Gate struct {
	Passed  uint64
	Held    int64 // since, 0: it is not held
	At      Kind  // what it is about to do
	Channel int
	Taken   uint64
}

func (f *File) gate() Gate {
	at := f.load(gAt)
	return Gate{f.load(gPassed), int64(f.load(gHeld)), Kind(at), int(at>>8) % Channels, f.load(gTaken)}
}

// Control sets pace and pause; a process that stands at a gate acts on it at once.
func (f *File) Control(pace time.Duration, paused bool) (err error) {
	defer guard(&err)()
	asked, pause := uint64(0), uint64(0)
	if paused {
		pause = 1
		// Steps that were granted before do not count for this pause.
		atomic.StoreUint64(&f.words[cGranted], f.load(gTaken))
	}
	if paused || pace > 0 {
		asked = 1
	}
	atomic.StoreUint64(&f.words[cPace], uint64(pace))
	atomic.StoreUint64(&f.words[cPaused], pause)
	atomic.StoreUint64(&f.words[cAsked], asked)
	f.ring()
	return nil
}

// Step grants one step.
func (f *File) Step() (err error) {
	defer guard(&err)()
	atomic.StoreUint64(&f.words[cGranted], max(f.load(cGranted), f.load(gTaken))+1)
	f.ring()
	return nil
}

// ring wakes the process, should it stand at a gate.
func (f *File) ring() {
	atomic.StoreUint64(&f.words[cBell], (f.load(cBell)+1)&0xffffffff)
	ringBell(&f.words[cBell])
}

// guard turns a fault into an error: whoever owns the file can make it shorter while it is mapped here, and a touch of
// what is gone is a SIGBUS.
func guard(err *error) func() {
	old := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(old)
		if r := recover(); r != nil {
			if _, fault := r.(interface{ Addr() uintptr }); !fault {
				panic(r)
			}
			*err = errors.New("flight recorder: its file was made shorter while it was read")
		}
	}
}
