//go:build linux

package client

import (
	"sync"
	"testing"
	"time"
)

// Follower keeps a Model by the stream, in a goroutine of its own, until Close.
type Follower struct {
	t     testing.TB
	p     *Program
	token string

	mu     sync.Mutex
	model  *Model
	raw    func(frame []byte)
	stream *Stream
	err    error         // the rule that was broken, or why the connection ended
	more   chan struct{} // closed and replaced at each frame
	done   sync.WaitGroup
}

// Follow connects with token and begins to keep a Model; raw, if it is not nil, gets each frame as it came.
func (p *Program) Follow(token string, raw func(frame []byte)) *Follower {
	p.t.Helper()
	f := &Follower{t: p.t, p: p, token: token, model: NewModel(), raw: raw, more: make(chan struct{})}
	f.connect()
	p.t.Cleanup(f.Close)
	return f
}

func (f *Follower) connect() {
	f.t.Helper()
	s := f.p.Watch(f.token)
	f.mu.Lock()
	f.stream = s
	f.model.Reconnected()
	f.mu.Unlock()
	f.done.Add(1)
	go f.read(s)
}

// Reconnect drops the connection and makes another, which the same Model goes on with.
func (f *Follower) Reconnect() {
	f.t.Helper()
	f.drop()
	f.connect()
}

// Close ends the connection; the Model stays as it is.
func (f *Follower) Close() { f.drop() }

func (f *Follower) drop() {
	f.mu.Lock()
	s := f.stream
	f.stream = nil
	f.mu.Unlock()
	if s != nil {
		s.Close()
	}
	f.done.Wait()
}

func (f *Follower) read(s *Stream) {
	defer f.done.Done()
	for {
		raw, messages, err := s.Next()
		f.mu.Lock()
		if f.stream != s { // dropped on purpose
			f.mu.Unlock()
			return
		}
		if f.raw != nil && raw != nil {
			f.raw(raw)
		}
		for _, m := range messages {
			if err == nil {
				err = f.model.Apply(m)
			}
		}
		if f.err == nil {
			f.err = err
		}
		close(f.more)
		f.more = make(chan struct{})
		f.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// Await returns once ok says yes of the Model; ok is asked after each frame. A broken rule, or the end of the connection,
// fails the test.
func (f *Follower) Await(what string, ok func(m *Model) bool) {
	f.t.Helper()
	deadline := time.After(Patience)
	for {
		f.mu.Lock()
		err, more := f.err, f.more
		good := err == nil && ok(f.model)
		f.mu.Unlock()
		if err != nil {
			f.t.Fatalf("the stream, while waiting for %s: %v", what, err)
		}
		if good {
			return
		}
		select {
		case <-more:
		case <-deadline:
			f.t.Fatalf("%s: not within %v", what, Patience)
		}
	}
}

// Look lets look see the Model; a broken rule, or the end of the connection, fails the test.
func (f *Follower) Look(look func(m *Model)) {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		f.t.Fatalf("the stream: %v", f.err)
	}
	look(f.model)
}
