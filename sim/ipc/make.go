//go:build unix

package ipc

import (
	"fmt"

	"golang.org/x/sys/unix"

	"vivero/sim/flight"
)

// Made is a channel that this process made, with descriptors that are close-on-exec and its to close.
type Made struct {
	Spec
	Read, Write int // descriptors to hand on
	Watch       int // of a queue: an own descriptor to see its depth by, −1: there is none
	Socket      bool
	Why         string // of Socket: why it is no message queue
	// What the kernel calls it, as fstat of the ends does. The two ends of a Socket have an inode each: the smaller one.
	Channel       flight.ChannelKind
	Device, Inode uint64
	WriteInode    uint64 // of the writing end: only of a Socket another than Inode may be
}

// QueueState is what the kernel says of a message queue.
type QueueState struct {
	Slots int // messages that it can hold
	Size  int // bytes of a frame at most
	Depth int // messages in it
}

// Make makes a channel. Nothing of it has a name when Make returns: it is gone with the last who holds it.
func Make(s Spec) (*Made, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	m := &Made{Spec: s, Read: -1, Write: -1, Watch: -1, Channel: flight.Pipe}
	var err error
	if s.Kind == Queue {
		err = m.queue()
	} else {
		m.Read, m.Write, err = makePipe()
	}
	if err == nil {
		err = m.identify()
	}
	if err != nil {
		m.Close()
		m.CloseWatch()
		return nil, fmt.Errorf("make the %s %s: %w", s.Kind, s.Name, err)
	}
	return m, nil
}

func (m *Made) identify() error {
	var read, write unix.Stat_t
	if err := unix.Fstat(m.Read, &read); err != nil {
		return err
	}
	if err := unix.Fstat(m.Write, &write); err != nil {
		return err
	}
	m.Device, m.Inode, m.WriteInode = uint64(read.Dev), min(read.Ino, write.Ino), write.Ino
	return nil
}

// socketPair makes a pair of datagram sockets for a queue, where the system has no message queues.
func (m *Made) socketPair(why error) error {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	unix.CloseOnExec(pair[0])
	unix.CloseOnExec(pair[1])
	m.Read, m.Write = pair[0], pair[1]
	m.Channel, m.Socket = flight.Socket, true
	m.Why = fmt.Sprintf("this system gave no message queue (%v), so %s is a pair of datagram sockets: how many messages it holds is the system's choice, and its depth cannot be seen", why, m.Name)
	return nil
}

// End describes one end as it is in the hand of a worker, as descriptor fd.
func (m *Made) End(end string, fd int) End {
	return End{FD: fd, Kind: m.Kind, End: end, Name: m.Name, Slots: m.Slots, Size: m.Size, Socket: m.Socket}
}

// Close closes the ends, not what it is watched by.
func (m *Made) Close() { closeFDs(&m.Read, &m.Write) }

// CloseWatch closes what a queue is watched by.
func (m *Made) CloseWatch() { closeFDs(&m.Watch) }

func closeFDs(fds ...*int) {
	for _, fd := range fds {
		if *fd >= 0 {
			unix.Close(*fd)
		}
		*fd = -1
	}
}
