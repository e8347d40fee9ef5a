package observe

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
)

// EventSource tells each fork, exec and exit in one process's tree as the kernel tells it, 0.1 to 0.4 ms later, also of
// processes that live for less than a millisecond. Its goroutine owns everything below quit and closes the channel.
type EventSource struct {
	out  chan proc.Event
	done chan struct{}
	quit chan struct{}
	once sync.Once
	wake int // eventfd that ends the poll
	lost atomic.Uint64
	err  error // why run ended; read it after out is closed

	connector int
	stats     int // taskstats, -1: not permitted
	family    uint16
	root      int
	kin       map[int]*kin
	obits     map[int]obituary // of tasks whose exit the connector has yet to tell
	batch     []connectorEvent
	early     *[]proc.Event // where events go during the self-test; nil: to out
	look      look
	buf       [1024]byte
}

// kin is one process of the tree, as far as events need it.
type kin struct {
	ppid        int
	name, label string
	threads     time.Duration // CPU time of its threads that ended
	led         bool          // its first thread ended, others have not
	leader      obituary
	status      uint32
}

// eventBatch is how many events are taken before they are handled; each taskstats record of theirs has come by then.
const eventBatch = 256

// selfTest is how long the probe may take to be seen. Machines stall for a second and more.
const selfTest = 3 * time.Second

// Events subscribes to the kernel's process events for pid and its descendants, those that are there already included.
// It proves that they come: probe must fork a process that ends at once, as a child of pid or of a descendant, and
// answer its pid; in a container the kernel may accept the subscription and then tell the pids of another namespace.
// The probe's own events are left out. The error is a sentence that says why there are no events.
func Events(pid int, probe func() (childPID int, err error)) (*EventSource, error) {
	connector, err := openConnector()
	if err != nil {
		return nil, err
	}
	s := &EventSource{
		out: make(chan proc.Event, 4096), done: make(chan struct{}), quit: make(chan struct{}),
		connector: connector, stats: -1, root: pid,
		kin: map[int]*kin{}, obits: map[int]obituary{}, batch: make([]connectorEvent, 0, eventBatch),
	}
	if s.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		unix.Close(connector)
		return nil, refusedEvents("no descriptor left", err)
	}
	if fd, family, err := openTaskstats(); err == nil {
		s.stats, s.family = fd, family
	}
	s.scan()
	early, err := s.prove(probe)
	if err != nil {
		s.closeAll()
		return nil, err
	}
	go s.run(early)
	return s, nil
}

// C is closed after Close, or when the stream ended by itself: Err says why. A reader that is slow loses nothing until the kernel's
// buffer of some 10,000 events is full.
func (s *EventSource) C() <-chan proc.Event { return s.out }

// Err is why the stream ended by itself, nil after a plain Close. Ask once C is closed.
func (s *EventSource) Err() error { return s.err }

// Lost counts how often the kernel's buffer was full: each time one event or more were lost. The source then finds
// again which processes are there; observe anew when this number grows.
func (s *EventSource) Lost() uint64 { return s.lost.Load() }

// Named is true where the kernel also tells name, CPU time and memory of each process that ended (taskstats).
func (s *EventSource) Named() bool { return s.stats >= 0 }

// Close returns when the goroutine has ended. What was not received is dropped.
func (s *EventSource) Close() error {
	s.once.Do(func() {
		close(s.quit)
		var one [8]byte
		binary.NativeEndian.PutUint64(one[:], 1)
		unix.Write(s.wake, one[:])
		<-s.done
		s.closeAll()
	})
	return nil
}

func (s *EventSource) closeAll() {
	unix.Close(s.connector)
	unix.Close(s.wake)
	if s.stats >= 0 {
		unix.Close(s.stats)
	}
}

// prove forks the probe and waits until its exit was told. It answers what else was told meanwhile.
func (s *EventSource) prove(probe func() (int, error)) ([]proc.Event, error) {
	var early []proc.Event
	s.early = &early
	defer func() { s.early = nil }()
	child, err := probe()
	if err != nil {
		return nil, refusedEvents("the probe could not be started", err)
	}
	deadline := Monotonic() + selfTest
	for {
		more, err := s.drain()
		if err != nil {
			return nil, refusedEvents("reading them failed", err)
		}
		rest, ended := early[:0:0], false
		for _, e := range early {
			if e.PID != child {
				rest = append(rest, e)
			} else if e.Kind == proc.Exited {
				ended = true
			}
		}
		if ended {
			return rest, nil
		}
		left := deadline - Monotonic()
		if left <= 0 {
			return nil, fmt.Errorf("the kernel's process events cannot be had, so short-lived processes may be missed: "+
				"subscribed, but the probe (process %d) was not told within %v, as in a container with pids of its own", child, selfTest)
		}
		if !more {
			unix.Poll([]unix.PollFd{{Fd: int32(s.connector), Events: unix.POLLIN}}, int(left.Milliseconds())+1)
		}
	}
}

// run is the goroutine. Its thread ends with it: the raised priority must not reach others.
func (s *EventSource) run(early []proc.Event) {
	defer close(s.done)
	defer close(s.out)
	defer func() {
		if p := recover(); p != nil { // the server goes on without events
			s.err = fmt.Errorf("the kernel's process events ended by a fault of ours: %v\n%s", p, debug.Stack())
		}
	}()
	runtime.LockOSThread()
	Hasten()
	for _, e := range early {
		s.emit(e)
	}
	polled := []unix.PollFd{{Fd: int32(s.wake), Events: unix.POLLIN}, {Fd: int32(s.connector), Events: unix.POLLIN}}
	for {
		select {
		case <-s.quit:
			return
		default:
		}
		more, err := s.drain()
		if err != nil {
			s.err = fmt.Errorf("the kernel's process events ended: %w", err)
			return
		}
		if more {
			continue
		}
		if _, err := unix.Poll(polled, -1); err != nil && err != unix.EINTR {
			s.err = fmt.Errorf("the kernel's process events ended: poll: %w", err)
			return
		}
	}
}

// drain handles the events that have come, one batch of them. more: there may be others.
func (s *EventSource) drain() (more bool, err error) {
	s.batch = s.batch[:0]
	overrun := false
	for len(s.batch) < eventBatch {
		n, err := receive(s.connector, s.buf[:])
		if err == unix.EAGAIN {
			break
		}
		if err == unix.ENOBUFS {
			s.lost.Add(1)
			overrun = true
			continue
		}
		if err != nil {
			return false, err
		}
		var e connectorEvent
		if n > 0 && parseConnector(s.buf[:n], &e) {
			s.batch = append(s.batch, e)
		}
	}
	// The kernel accounts for a task before the connector tells its exit: all records of this batch are there by now.
	s.drainStats()
	for i := range s.batch {
		s.handle(&s.batch[i])
	}
	if overrun {
		s.rescan()
	}
	return len(s.batch) == eventBatch || overrun, nil
}

func (s *EventSource) drainStats() {
	if s.stats < 0 {
		return
	}
	for {
		n, err := receive(s.stats, s.buf[:])
		if err == unix.ENOBUFS {
			continue // names are missing then, no process is
		}
		if err != nil {
			break
		}
		var o obituary
		if parseObituary(s.buf[:n], s.family, &o) {
			s.obits[o.pid] = o
		}
	}
	if len(s.obits) > 1<<16 { // their exits were lost
		clear(s.obits)
	}
}

func (s *EventSource) emit(e proc.Event) {
	if s.early != nil {
		*s.early = append(*s.early, e)
		return
	}
	select {
	case s.out <- e:
	case <-s.quit:
	}
}
