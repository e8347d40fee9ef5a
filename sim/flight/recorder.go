package flight

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Recorder is a process's own recorder. Its methods may be called from any goroutine. The nil Recorder records nothing,
// so that a worker started by hand needs no special case.
type Recorder struct {
	memory []byte
	words  []uint64

	mu       sync.Mutex
	channels []*Channel
}

// Asked is what the presenter asks of all processes at a moment: a process that starts then begins with it, so that it
// stands at its first gate, before anybody has opened its file.
type Asked struct {
	Pace   time.Duration
	Paused bool
}

// Create makes, fills and publishes the recorder of this process in dir. start is the process's start time in clock
// ticks (proc.Key), a what is asked of it from the first. The file appears under its name whole or not at all.
func Create(dir string, start uint64, language uint64, name string, a Asked) (*Recorder, error) {
	pid := os.Getpid()
	draft := filepath.Join(dir, fmt.Sprintf(".%d", pid))
	file, err := os.OpenFile(draft, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make the flight recorder: %w", err)
	}
	defer file.Close()
	r, err := fill(file, pid, start, language, name)
	if err == nil {
		r.ask(a)
		err = publish(dir, draft, pid, r)
	}
	if err != nil {
		os.Remove(draft)
		return nil, fmt.Errorf("make the flight recorder: %w", err)
	}
	return r, nil
}

// fill reserves the file's memory and writes its header.
func fill(file *os.File, pid int, start, language uint64, name string) (*Recorder, error) {
	// Reserved now: a full tmpfs is an error here, but a SIGBUS at the first store later.
	if err := reserve(file); err != nil {
		return nil, err
	}
	memory, err := unix.Mmap(int(file.Fd()), 0, Size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	r := &Recorder{memory: memory, words: words(memory)}
	w := r.words
	w[hMagic], w[hLayout], w[hPID], w[hStart], w[hLanguage] = magic, layout, uint64(pid), start, language
	copy(memory[hName*8:hName*8+nameSize-1], name)
	return r, nil
}

func (r *Recorder) ask(a Asked) {
	if a.Paused {
		r.words[cPaused], r.words[cAsked] = 1, 1
	}
	if a.Pace > 0 {
		r.words[cPace], r.words[cAsked] = uint64(a.Pace), 1
	}
}

// Asked is what is asked of this process now; its children begin with it.
func (r *Recorder) Asked() Asked {
	if r == nil || atomic.LoadUint64(&r.words[cAsked]) == 0 {
		return Asked{}
	}
	return Asked{time.Duration(atomic.LoadUint64(&r.words[cPace])), atomic.LoadUint64(&r.words[cPaused]) != 0}
}

// String is how Asked travels in the environment (VIVERO_ASKED), "" when nothing is asked: nanoseconds, then 'paused' or
// 'going'. ParseAsked reads it; what it does not understand asks for nothing.
func (a Asked) String() string {
	if a == (Asked{}) {
		return ""
	}
	word := "going"
	if a.Paused {
		word = "paused"
	}
	return fmt.Sprintf("%d %s", int64(a.Pace), word)
}

// ParseAsked is the Asked of its String.
func ParseAsked(text string) Asked {
	var pace int64
	var word string
	if n, _ := fmt.Sscanf(text, "%d %s", &pace, &word); n != 2 || pace < 0 {
		return Asked{}
	}
	return Asked{time.Duration(pace), word == "paused"}
}

// publish gives the file the next free generation as its name.
func publish(dir, draft string, pid int, r *Recorder) error {
	for generation := range uint64(1000) {
		r.words[hGeneration] = generation
		name := filepath.Join(dir, fmt.Sprintf("%d-%d", pid, generation))
		err := unix.Linkat(unix.AT_FDCWD, draft, unix.AT_FDCWD, name, 0)
		if errors.Is(err, unix.EEXIST) {
			continue
		}
		if err != nil {
			return err
		}
		return os.Remove(draft)
	}
	return errors.New("a thousand generations of one process")
}

// Close unmaps the recorder; nothing may be recorded afterwards. A process that just ends need not call it.
func (r *Recorder) Close() error {
	if r == nil {
		return nil
	}
	return unix.Munmap(r.memory)
}

// words is memory seen as 8-byte words.
func words(memory []byte) []uint64 {
	return unsafe.Slice((*uint64)(unsafe.Pointer(&memory[0])), len(memory)/8)
}

// record writes one record. number, size, value and preview are what layout.go says of kind.
func (r *Recorder) record(kind Kind, channel int, now int64, number uint64, size, sender uint32, value int64, preview [2]uint64) {
	i := atomic.AddUint64(&r.words[hHead], 1) - 1
	at := ringAt/8 + int(i%Records)*(recordSize/8)
	w := r.words[at : at+recordSize/8 : at+recordSize/8]
	atomic.StoreUint64(&w[rSequence], 2*i+1)
	atomic.StoreUint64(&w[rTime], uint64(now))
	atomic.StoreUint64(&w[rKind], uint64(kind)|uint64(channel)<<16)
	atomic.StoreUint64(&w[rNumber], number)
	atomic.StoreUint64(&w[rSize], uint64(size)|uint64(sender)<<32)
	atomic.StoreUint64(&w[rValue], uint64(value))
	atomic.StoreUint64(&w[rPreview], preview[0])
	atomic.StoreUint64(&w[rPreview+1], preview[1])
	atomic.StoreUint64(&w[rSequence], 2*i+2)
}
