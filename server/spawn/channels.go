//go:build unix

package spawn

import (
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
	"vivero/server/refusal"
	"vivero/sim/ipc"
)

// Channel is one that was made for a workload.
type Channel struct {
	Key      proc.ChannelKey
	Name     string // in its workload
	Workload string
	Size     int    // the largest payload in bytes
	Slots    int    // of a queue, 0 of a pipe
	Frame    int    // of a pipe: bytes that each message takes in it, header and padding included; 0 of a queue
	Note     string // what is not as it should be, a sentence ("" if all is)
}

// channels are those that were made and that a process may still hold.
type channels struct {
	mu   sync.Mutex
	made map[proc.ChannelKey]*channel
}

type channel struct {
	Channel
	ends     *ipc.Made    // only what a queue is watched by is still open
	holders  map[int]bool // pids that were given an end and have not ended
	starting bool         // not all of its processes are forked yet
	injected Injected
}

// Injected counts the messages that the server itself has put into a channel; its pid is their sender.
type Injected struct {
	Messages, Bytes uint64 // the number of the last one; bytes of payload
}

// tell registers the channels of a Start and tells of them.
func (s *Spawner) tell(g groups) {
	for _, group := range g {
		for _, m := range group.made {
			c := &channel{ends: m, holders: map[int]bool{}, starting: true, Channel: Channel{
				Key: keyOf(m), Name: m.Name, Workload: group.job.Workload, Size: m.Size, Slots: m.Slots, Note: m.Why}}
			if m.Kind == ipc.Pipe {
				c.Frame = ipc.HeaderSize + m.Size
			}
			s.channels.mu.Lock()
			s.channels.made[c.Key] = c
			s.channels.mu.Unlock()
			if s.o.OnChannel != nil {
				s.o.OnChannel(c.Channel)
			}
		}
	}
}

// untold lets go of those that nobody holds, now that all processes are forked or none will be.
func (s *Spawner) untold(g groups) {
	for _, group := range g {
		for _, m := range group.made {
			s.forget(keyOf(m), func(c *channel) { c.starting = false })
		}
	}
}

// hold notes that a new process has the ends of j.
func (s *Spawner) hold(pid int, j job) {
	s.channels.mu.Lock()
	defer s.channels.mu.Unlock()
	for _, key := range j.keys {
		if c := s.channels.made[key]; c != nil {
			c.holders[pid] = true
		}
	}
}

// release notes that a process has ended.
func (s *Spawner) release(pid int) {
	s.channels.mu.Lock()
	var held []proc.ChannelKey
	for key, c := range s.channels.made {
		if c.holders[pid] {
			held = append(held, key)
		}
	}
	s.channels.mu.Unlock()
	for _, key := range held {
		s.forget(key, func(c *channel) { delete(c.holders, pid) })
	}
}

// forget changes what is known of a channel, and lets it go if nobody holds it then.
func (s *Spawner) forget(key proc.ChannelKey, change func(*channel)) {
	s.channels.mu.Lock()
	c := s.channels.made[key]
	if c == nil {
		s.channels.mu.Unlock()
		return
	}
	change(c)
	gone := !c.starting && len(c.holders) == 0
	if gone {
		delete(s.channels.made, key)
		c.ends.CloseWatch()
	}
	s.channels.mu.Unlock()
	if gone && s.o.OnChannelGone != nil {
		s.o.OnChannelGone(key)
	}
}

// closeChannels ends the watching when all processes have ended.
func (s *Spawner) closeChannels() {
	s.channels.mu.Lock()
	defer s.channels.mu.Unlock()
	for key, c := range s.channels.made {
		c.ends.CloseWatch()
		delete(s.channels.made, key)
	}
}

// WatchQueue is a descriptor of a queue, of the caller's own, that can only read. It keeps the queue alive until it is
// closed. An error is one for programs: it is none of ours, or there are no descriptors left.
func (s *Spawner) WatchQueue(key proc.ChannelKey) (fd int, err error) {
	s.channels.mu.Lock()
	defer s.channels.mu.Unlock()
	c := s.channels.made[key]
	if c == nil || c.ends.Watch < 0 {
		return -1, os.ErrNotExist
	}
	return unix.FcntlInt(uintptr(c.ends.Watch), unix.F_DUPFD_CLOEXEC, 0)
}

// Inject puts a message with this text into a channel that was made here, by the descriptor of holder, any process that
// writes to it. It never waits: a full channel is a refusal. What it returns counts this message too; the caller keeps
// the last one, for the counts go with the channel.
func (s *Spawner) Inject(holder int, key proc.ChannelKey, text string) (Injected, error) {
	s.channels.mu.Lock()
	defer s.channels.mu.Unlock()
	c := s.channels.made[key]
	if c == nil {
		return Injected{}, refusal.Conflict("send a message: the channel has gone, or it was not made by Vivero, which does not know how its program reads it")
	}
	if text == "" || len(text) > c.Size {
		return c.injected, refusal.Invalid("send a message: the text must be 1..%d bytes, the size of messages in %s, got %d", c.Size, c.Name, len(text))
	}
	if !c.holders[holder] {
		return c.injected, refusal.Conflict("send a message: pid %d does not write to %s", holder, c.Name)
	}
	if err := c.inject(holder, text); err != nil {
		return c.injected, err
	}
	c.injected.Messages++
	c.injected.Bytes += uint64(len(text))
	return c.injected, nil
}

func (c *channel) full() error {
	what := "the pipe is full"
	if c.Slots > 0 {
		what = fmt.Sprintf("all %d slots of the queue are taken", c.Slots)
	}
	return refusal.Conflict("send a message to %s: %s; try again when one has been read", c.Name, what)
}
