package observe

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
)

// diag asks the kernel about unix sockets (sock_diag(7)): unprivileged, one question some 10 µs. Nothing is held of the
// socket, so neither its end of file nor its buffers are touched.
type diag struct {
	fd  int
	seq uint32
	buf [1024]byte
}

// socketWord is what diag tells of one socket.
type socketWord struct {
	kind byte   // unix.SOCK_STREAM and so on
	peer uint64 // inode of the other end, 0: there is none
	fill int    // bytes that wait to be read from it
}

// Numbers of linux/unix_diag.h that x/sys does not have.
const (
	diagByFamily = 20
	diagPeer     = 2 // attributes
	diagQueue    = 4
	showPeer     = 0x4
	showQueue    = 0x10
)

func openDiag() (*diag, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil, err
	}
	return &diag{fd: fd}, nil
}

func (d *diag) close() { unix.Close(d.fd) }

// ask is about the unix socket of that inode. unix.ENOENT: it is none, or gone.
func (d *diag) ask(inode uint64) (socketWord, error) {
	d.seq++
	var q [40]byte
	e := binary.NativeEndian
	e.PutUint32(q[0:], uint32(len(q)))
	e.PutUint16(q[4:], diagByFamily)
	e.PutUint16(q[6:], unix.NLM_F_REQUEST)
	e.PutUint32(q[8:], d.seq)
	q[16] = unix.AF_UNIX
	e.PutUint32(q[20:], ^uint32(0)) // in any state
	e.PutUint32(q[24:], uint32(inode))
	e.PutUint32(q[28:], showPeer|showQueue)
	e.PutUint64(q[32:], ^uint64(0)) // any cookie
	if err := unix.Sendto(d.fd, q[:], 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return socketWord{}, err
	}
	for range 8 { // answers to questions that were given up may still be there
		n, _, err := unix.Recvfrom(d.fd, d.buf[:], 0) // it is there: the kernel answers within the send
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return socketWord{}, err
		}
		if w, mine, err := parseDiag(d.buf[:n], d.seq, uint32(inode)); mine {
			return w, err
		}
	}
	return socketWord{}, unix.EAGAIN
}

// parseDiag takes apart the answer to question seq; mine: it was that.
func parseDiag(b []byte, seq, inode uint32) (w socketWord, mine bool, err error) {
	e := binary.NativeEndian
	if len(b) < 20 || e.Uint32(b[8:]) != seq {
		return w, false, nil
	}
	size := min(int(e.Uint32(b)), len(b))
	kind := e.Uint16(b[4:])
	if kind == unix.NLMSG_ERROR {
		if code := int32(e.Uint32(b[16:])); code < 0 {
			return w, true, unix.Errno(-code)
		}
		return w, true, unix.EINVAL
	}
	// struct unix_diag_msg: family, type, state, pad, inode, cookie
	if kind != diagByFamily || size < 32 || b[16] != unix.AF_UNIX || e.Uint32(b[20:]) != inode {
		return w, true, fmt.Errorf("an answer of %d bytes and type %d from sock_diag", len(b), kind)
	}
	w.kind = b[17]
	for a := b[32:size]; len(a) >= 4; {
		length := int(e.Uint16(a))
		if length < 4 || length > len(a) {
			break
		}
		switch v := a[4:length]; {
		case e.Uint16(a[2:]) == diagPeer && len(v) >= 4:
			w.peer = uint64(e.Uint32(v))
		case e.Uint16(a[2:]) == diagQueue && len(v) >= 4:
			w.fill = int(e.Uint32(v))
		}
		a = a[min((length+3)&^3, len(a)):]
	}
	return w, true, nil
}

// askPeer finds the other end of the socket n.
func (t *Traffic) askPeer(n *node) {
	if t.diag == nil || n.key.Inode > 1<<32-1 {
		n.foreign = true
		return
	}
	w, err := t.diag.ask(n.key.Inode)
	switch {
	case err == unix.ENOENT: // of the internet, netlink or another family
		n.foreign = true
	case err == nil:
		n.peer, n.packets = w.peer, w.kind == unix.SOCK_DGRAM
	}
}

// inSockets is how many bytes a pair of sockets has inside, both ways.
func (t *Traffic) inSockets(c *channel) int {
	if t.diag == nil {
		return proc.Unknown
	}
	sum := 0
	for _, n := range c.nodes {
		if n.packets {
			return proc.Unknown
		}
		w, err := t.diag.ask(n.key.Inode)
		if err != nil {
			if err == unix.ENOENT { // that end is closed
				continue
			}
			return proc.Unknown
		}
		sum += w.fill
	}
	return sum
}
