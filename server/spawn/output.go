//go:build unix

package spawn

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
)

const (
	keep        = 64 << 10 // bytes of a stream that Output gives
	tellSize    = 4 << 10  // bytes that OnOutput gets at once
	tellEvery   = 100 * time.Millisecond
	endedSize   = 16 << 20 // bytes kept of processes that have ended, all together
	endedNumber = 1000     // and of so many of them

	// After each read a stream rests: a flood of short lines cost 0.49 of a core when read as it came, and costs 0.03 so. It
	// is slowed to one full pipe (64 kB) in this time, as a terminal slows it, and never stopped.
	rest = 10 * time.Millisecond
)

// outputs are what processes wrote lately; under Spawner.mu.
type outputs struct {
	byKey map[proc.Key]*output
	live  map[int]*output // by pid: those of which a stream is still open
	ended []*output       // oldest first
	size  int             // bytes that ended ones hold
}

func (o *outputs) add(out *output) {
	o.byKey[out.key] = out
	o.live[out.key.PID] = out
}

// end makes room for out, both of whose streams have ended.
func (o *outputs) end(out *output) {
	if o.live[out.key.PID] == out {
		delete(o.live, out.key.PID)
	}
	o.ended = append(o.ended, out)
	o.size += out.size()
	for len(o.ended) > endedNumber || o.size > endedSize && len(o.ended) > 1 {
		oldest := o.ended[0]
		o.ended[0], o.ended = nil, o.ended[1:]
		o.size -= oldest.size()
		if o.byKey[oldest.key] == oldest {
			delete(o.byKey, oldest.key)
		}
	}
}

func (o *outputs) close() {
	for _, out := range o.live {
		out.close()
	}
}

// Output is the latest that a worker wrote, at most 64 kB of each stream; it stays for a while after its end. ok is false
// for a process whose output does not come to us, or was long ago.
func (s *Spawner) Output(key proc.Key) (stdout, stderr []byte, ok bool) {
	s.mu.Lock()
	out := s.outputs.byKey[key]
	s.mu.Unlock()
	if out == nil {
		return nil, nil, false
	}
	return out.streams[0].latest(), out.streams[1].latest(), true
}

// drain tells what a process that has ended wrote last.
func (s *Spawner) drain(pid int) {
	s.mu.Lock()
	out := s.outputs.live[pid]
	s.mu.Unlock()
	if out != nil {
		for _, st := range out.streams {
			st.drain()
		}
	}
}

// output is the two streams of one process.
type output struct {
	key     proc.Key
	streams [2]*stream
	open    int // streams that have not ended; under Spawner.mu
}

func newOutput(s *Spawner, key proc.Key, stdout, stderr int) *output {
	out := &output{key: key, open: 2}
	out.streams[0] = &stream{s: s, out: out, name: "stdout", file: os.NewFile(uintptr(stdout), "stdout")}
	out.streams[1] = &stream{s: s, out: out, name: "stderr", file: os.NewFile(uintptr(stderr), "stderr")}
	return out
}

func (o *output) size() int { return o.streams[0].size() + o.streams[1].size() }

func (o *output) close() {
	for _, st := range o.streams {
		st.file.Close()
	}
}

// stream is one pipe that we read.
type stream struct {
	s    *Spawner
	out  *output
	name string
	file *os.File

	mu      sync.Mutex // held while reading and telling, so that text stays in order
	recent  ring
	pending []byte // not told yet, at most tellSize
	skipped int    // bytes before pending that will not be told
	told    time.Time
}

// read follows the pipe until nobody can write to it any more. A grandchild that holds it keeps it open.
func (st *stream) read() {
	defer st.s.wg.Done()
	defer st.end()
	raw, err := st.file.SyscallConn()
	if err != nil {
		return
	}
	for {
		n, fault := 0, error(nil)
		err := raw.Read(func(fd uintptr) bool {
			n, fault = st.take(int(fd))
			return fault != unix.EAGAIN
		})
		late := errors.Is(err, os.ErrDeadlineExceeded)
		if err != nil && !late || err == nil && (fault != nil || n == 0) {
			return
		}
		if wait, pending := st.tell(late); pending {
			err = st.file.SetReadDeadline(time.Now().Add(wait))
		} else {
			err = st.file.SetReadDeadline(time.Time{})
		}
		if err != nil {
			return // closed by Close
		}
		if n > 0 {
			time.Sleep(rest)
		}
	}
}

// end tells the rest and closes the pipe.
func (st *stream) end() {
	st.tell(true)
	st.file.Close()
	st.s.mu.Lock()
	defer st.s.mu.Unlock()
	if st.out.open--; st.out.open == 0 {
		st.s.outputs.end(st.out)
	}
}

// drain reads what is in the pipe now, without waiting and beside the goroutine that reads it, and tells it.
func (st *stream) drain() {
	raw, err := st.file.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { // an error means closed: nothing is left
		for range 16 { // a grandchild may write on and on; 16 × 64 kB are more than any pipe of ours holds
			if n, err := st.take(int(fd)); err != nil || n == 0 {
				return
			}
		}
	})
	st.tell(true)
}

// pages are buffers for one read: as large as a pipe, borrowed only while there is something to read.
var pages = sync.Pool{New: func() any { return new([64 << 10]byte) }}

// take reads once. 0: the end. EAGAIN: nothing now.
func (st *stream) take(fd int) (n int, err error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	page := pages.Get().(*[64 << 10]byte)
	defer pages.Put(page)
	for {
		n, err = syscall.Read(fd, page[:])
		if err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		return 0, err
	}
	text := page[:n]
	st.recent.write(text)
	if over := len(st.pending) + n - tellSize; over > 0 {
		st.skipped += over
		fromPending := min(over, len(st.pending))
		st.pending = st.pending[:copy(st.pending, st.pending[fromPending:])]
		text = text[over-fromPending:]
	}
	st.pending = append(st.pending, text...)
	return n, nil
}

// tell gives what is pending to OnOutput, if the last time is long enough ago or all must go. Otherwise it says how long
// to wait.
func (st *stream) tell(all bool) (wait time.Duration, pending bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.pending) == 0 {
		return 0, false
	}
	now := time.Now()
	if since := now.Sub(st.told); !all && since < tellEvery {
		return tellEvery - since, true
	}
	text := st.pending
	st.pending = nil
	if st.skipped > 0 { // the cut may have gone through a character
		whole := runeStart(text)
		st.skipped += len(text) - len(whole)
		text = whole
	}
	if cut := incomplete(text); cut > 0 && cut < len(text) && !all {
		st.pending = append(st.pending, text[len(text)-cut:]...)
		text = text[:len(text)-cut]
	}
	skipped := st.skipped
	st.told, st.skipped = now, 0
	if st.s.o.OnOutput != nil {
		st.s.o.OnOutput(st.out.key.PID, st.name, text, skipped)
	}
	return tellEvery, len(st.pending) > 0
}

func (st *stream) latest() []byte {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.recent.text()
}

func (st *stream) size() int {
	st.mu.Lock()
	defer st.mu.Unlock()
	return cap(st.recent.b)
}

// runeStart is b without the rest of a character that was cut off before it.
func runeStart(b []byte) []byte {
	for i := 0; i < len(b) && i < utf8.UTFMax-1; i++ {
		if utf8.RuneStart(b[i]) {
			return b[i:]
		}
	}
	return b
}

// incomplete is how many bytes at the end of b begin a character that is not complete: 0 to 3.
func incomplete(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}

// ring holds the last keep bytes.
type ring struct {
	b    []byte
	next int // where the oldest byte is, once b is full
}

func (r *ring) write(p []byte) {
	if len(p) > keep {
		p = p[len(p)-keep:]
	}
	if room := keep - len(r.b); room > 0 {
		n := min(room, len(p))
		r.b = append(r.b, p[:n]...)
		p = p[n:]
	}
	for len(p) > 0 {
		n := copy(r.b[r.next:], p)
		p = p[n:]
		r.next = (r.next + n) % keep
	}
}

// text is a copy, from the first whole character.
func (r *ring) text() []byte {
	out := make([]byte, 0, len(r.b))
	out = append(append(out, r.b[r.next:]...), r.b[:r.next]...)
	if len(out) == keep {
		out = runeStart(out)
	}
	return out
}
