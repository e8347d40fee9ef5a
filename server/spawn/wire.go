//go:build unix

package spawn

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
	"vivero/sim/control"
)

const (
	// A worker that says more than 500 messages in 100 ms is not heard for the rest of them: no workload of ours comes
	// near (progress is limited to 10 a second, an ask takes 0.5 ms), and one that floods costs us some 5 % of a core.
	// A long message counts as several, one for each floodSize bytes: 8 kB of brackets take as long to read as 100 short ones.
	floodSpan  = 100 * time.Millisecond
	floodLimit = 500
	floodSize  = 128
	// askLimit is how many asks of one worker may be open; further ones are refused.
	askLimit = 16
)

// worker is what joins us with a worker that lives.
type worker struct {
	Process
	socket *os.File
	raw    syscall.RawConn

	writing sync.Mutex // one message at a time: each has a deadline of its own

	children map[int]uint64 // start times of those it forked on order and has not reaped; under Spawner.mu
	asking   chan struct{}  // a token for each open ask
}

// join begins to listen to a process that was just started and owns our ends. It tells OnStarted first.
func (s *Spawner) join(p Process, e *ends) error {
	w := &worker{Process: p, socket: os.NewFile(uintptr(e.ours[0]), "control"), children: map[int]uint64{}, asking: make(chan struct{}, askLimit)}
	out := newOutput(s, p.Key, e.ours[1], e.ours[2])
	e.ours = [...]int{-1, -1, -1}
	if s.o.OnStarted != nil {
		s.o.OnStarted(p)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	raw, err := w.socket.SyscallConn()
	if err == nil && s.closed {
		err = errClosed
	}
	if err != nil {
		w.socket.Close()
		out.close()
		return err
	}
	w.raw = raw
	s.workers[p.Key.PID] = w
	s.outputs.add(out)
	s.wg.Add(3)
	go s.hear(w)
	for _, st := range out.streams {
		go st.read()
	}
	return nil
}

// send writes m with files to the worker; os.ErrDeadlineExceeded: its socket stayed full until then.
func (w *worker) send(m control.Message, files []int, until time.Time) error {
	b, err := control.Encode(m)
	if err != nil {
		return err
	}
	var rights []byte
	if len(files) > 0 {
		rights = unix.UnixRights(files...)
	}
	w.writing.Lock()
	defer w.writing.Unlock()
	if err := w.socket.SetWriteDeadline(until); err != nil {
		return err
	}
	var sent error
	err = w.raw.Write(func(fd uintptr) bool {
		for {
			sent = unix.Sendmsg(int(fd), b, rights, nil, sendFlags)
			if sent != unix.EINTR {
				return sent != unix.EAGAIN
			}
		}
	})
	if err != nil {
		return err
	}
	return sent
}

// hear reads what a worker says until its socket ends.
func (s *Spawner) hear(w *worker) {
	defer s.wg.Done()
	var asks sync.WaitGroup
	defer asks.Wait()
	defer s.left(w) // first: it fails the orders that asks wait for
	said, span, resets := 0, time.Now(), 0
	for {
		m, size, err := w.receive()
		var bad *control.Malformed
		switch {
		case errors.As(err, &bad):
			// Only a broken or hostile worker says that. Skipped; it is still counted as said.
		case errors.Is(err, unix.ECONNRESET) && resets == 0:
			// It died with orders unread; what it said before is still to be read (Linux says so once).
			resets++
			continue
		case err != nil:
			return
		default:
			s.heard(w, m, &asks)
		}
		if said += 1 + size/floodSize; said >= floodLimit {
			if rest := floodSpan - time.Since(span); rest > 0 {
				select {
				case <-time.After(rest):
				case <-s.stop:
				}
			}
			said, span = 0, time.Now()
		} else if time.Since(span) > floodSpan {
			said, span = 0, time.Now()
		}
	}
}

// messages are buffers for one message each and one byte more, which shows that a message was too long.
var messages = sync.Pool{New: func() any { return new([control.MaxMessage + 1]byte) }}

// receive is the next message, of so many bytes. Descriptors that come with it are closed by the kernel, since we give no room for any.
func (w *worker) receive() (m control.Message, size int, err error) {
	var fault error
	err = w.raw.Read(func(fd uintptr) bool {
		buf := messages.Get().(*[control.MaxMessage + 1]byte)
		defer messages.Put(buf)
		n, _, e := unix.Recvfrom(int(fd), buf[:], 0)
		for e == unix.EINTR {
			n, _, e = unix.Recvfrom(int(fd), buf[:], 0)
		}
		switch {
		case e == unix.EAGAIN:
			return false
		case e != nil:
			fault = e
		case n == 0:
			fault = os.ErrClosed
		default:
			size = n
			m, fault = control.Decode(buf[:n])
		}
		return true
	})
	if err != nil {
		return m, size, err
	}
	return m, size, fault
}

// heard acts on one message of w's. Kinds that only we may say are ignored.
func (s *Spawner) heard(w *worker, m control.Message, asks *sync.WaitGroup) {
	if s.o.heard != nil {
		s.o.heard(w.Key.PID, m.Kind)
	}
	switch m.Kind {
	case control.Progress:
		if s.o.OnProgress != nil {
			s.o.OnProgress(w.Key.PID, m.Share)
		}
	case control.Started, control.Failed:
		s.answered(w, m)
	case control.Reaped:
		s.reported(w, m)
	case control.Ask:
		select {
		case w.asking <- struct{}{}:
			asks.Go(func() {
				defer func() { <-w.asking }()
				s.asked(w, m)
			})
		default:
			_ = w.send(control.Message{Kind: control.Refused, Ask: m.Ask, Error: "too many asks at once"}, nil, time.Now())
		}
	}
}

// reported takes in that w has reaped a child: it must be one that it forked on order, and be gone.
func (s *Spawner) reported(w *worker, m control.Message) {
	s.mu.Lock()
	start, known := w.children[m.PID]
	s.mu.Unlock()
	if !known {
		return
	}
	if _, now, err := control.Identity(m.PID); err == nil && now == start {
		return
	}
	s.drain(m.PID)
	s.mu.Lock()
	delete(w.children, m.PID)
	if child := s.workers[m.PID]; child != nil && child.Key.Start == start {
		delete(s.workers, m.PID)
	}
	s.mu.Unlock()
	if s.o.OnReaped != nil {
		s.o.OnReaped(m.PID, proc.Status{Known: true, Code: m.Code, Signal: m.Signal})
	}
}

// left forgets a worker whose socket has ended; orders that it has not answered fail.
func (s *Spawner) left(w *worker) {
	s.mu.Lock()
	if s.workers[w.Key.PID] == w {
		delete(s.workers, w.Key.PID)
	}
	var void []*order
	for number, o := range s.orders {
		if o.w == w {
			void = append(void, o)
			delete(s.orders, number)
		}
	}
	s.mu.Unlock()
	w.socket.Close()
	for _, o := range void {
		o.ends.closeOurs()
		o.result <- outcome{err: o.refuse("the parent has ended")}
	}
}
