package stream

import (
	"sync"
	"time"

	"github.com/fasthttp/websocket"
)

// frame is one message on its way, encoded once for all.
type frame struct {
	message *websocket.PreparedMessage
	size    int // bytes
}

// subscriber is one who said hello: the frames that wait for its writer.
//
// The rule for slow readers: at most Limits.Frames frames or Limits.Bytes bytes wait. When one more would not fit, all
// of them are dropped and the subscriber has lost the thread: it gets no deltas until its writer is free again, and
// then a fresh snapshot, which carries the last 1,000 events, so that what it missed is not missed unsaid. It holds
// no more memory than that, however long it sleeps. The writer ends it when a write makes no progress (Limits.Stall).
type subscriber struct {
	role   Role // set before it is subscribed
	limits *Limits
	wake   func()        // asks for a Publish
	more   chan struct{} // of one: the writer has something to do

	mu      sync.Mutex
	backlog []*frame
	bytes   int
	writing bool      // a frame is on its way to the socket
	lost    bool      // deltas mean nothing to it: it is new, or frames were dropped
	asked   bool      // it wants a snapshot
	last    time.Time // when it got its last snapshot
	dropped int       // backlogs dropped so far
}

func newSubscriber(limits *Limits, wake func()) *subscriber {
	return &subscriber{limits: limits, wake: wake, more: make(chan struct{}, 1), lost: true}
}

// push puts f at the end of the backlog; never blocks.
func (s *subscriber) push(f *frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost {
		return
	}
	if n := len(s.backlog); n >= s.limits.Frames || n > 0 && s.bytes+f.size > s.limits.Bytes {
		clear(s.backlog)
		s.backlog, s.bytes, s.lost = s.backlog[:0], 0, true
		s.dropped++
		return
	}
	s.add(f)
}

func (s *subscriber) add(f *frame) {
	s.backlog = append(s.backlog, f)
	s.bytes += f.size
	select {
	case s.more <- struct{}{}:
	default:
	}
}

// ready is true when the subscriber should get a snapshot now: it has lost the thread and its writer is free, or it
// asked and its last one is long enough ago that asking cannot be used to keep the server busy.
func (s *subscriber) ready(now time.Time, again time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost {
		return !s.writing
	}
	return s.asked && now.Sub(s.last) >= again
}

// restart gives it a snapshot, which replaces whatever still waits.
func (s *subscriber) restart(f *frame, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.backlog)
	s.backlog, s.bytes = s.backlog[:0], 0
	s.lost, s.asked, s.last = false, false, now
	s.add(f)
}

// ask is the client asking for a snapshot. Asking again before it is served wakes nobody.
func (s *subscriber) ask() {
	s.mu.Lock()
	again := s.asked
	s.asked = true
	s.mu.Unlock()
	if !again {
		s.wake()
	}
}

// next takes the first frame for the writer, nil when none waits. Called only by the writer, when its last write is done.
func (s *subscriber) next() *frame {
	s.mu.Lock()
	if len(s.backlog) == 0 {
		wake := s.lost && s.writing // it fell behind while this write went on
		s.writing = false
		s.mu.Unlock()
		if wake {
			s.wake()
		}
		return nil
	}
	f := s.backlog[0]
	n := copy(s.backlog, s.backlog[1:])
	s.backlog[n] = nil
	s.backlog = s.backlog[:n]
	s.bytes -= f.size
	s.writing = true
	s.mu.Unlock()
	return f
}
