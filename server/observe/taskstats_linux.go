package observe

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// taskstats: the kernel's accounting of every task that exits, by generic netlink, sent before the connector tells the
// exit. It names even a process that lived half a millisecond. It takes CAP_NET_ADMIN in the first namespaces.

// obituary is what taskstats says of one task that ended.
type obituary struct {
	pid, tgid int // tgid 0: not told (before Linux 5.18)
	name      string
	cpu       time.Duration // of this task alone, not of its process's other threads
	rss       uint64        // bytes, the largest its memory was
	last      bool          // it was the last of its process
}

// parseObituary takes one datagram of the exit stream apart. A record of a whole group, and all else, is false.
func parseObituary(b []byte, family uint16, o *obituary) bool {
	order := binary.NativeEndian
	if len(b) < 20 || order.Uint16(b[4:]) != family {
		return false
	}
	aggregate := attributeOf(b[20:], unix.TASKSTATS_TYPE_AGGR_PID)
	s := attributeOf(aggregate, unix.TASKSTATS_TYPE_STATS)
	var t unix.Taskstats // offsets only: kernels append fields and never move one
	if len(s) < int(unsafe.Offsetof(t.Hiwater_vm)) {
		return false
	}
	word := func(at uintptr) uint32 { return order.Uint32(s[at:]) }
	long := func(at uintptr) uint64 { return order.Uint64(s[at:]) }
	comm := s[unsafe.Offsetof(t.Ac_comm):][:len(t.Ac_comm)]
	if i := bytes.IndexByte(comm, 0); i >= 0 {
		comm = comm[:i]
	}
	*o = obituary{
		pid:  int(int32(word(unsafe.Offsetof(t.Ac_pid)))),
		name: string(comm),
		cpu:  time.Duration(long(unsafe.Offsetof(t.Ac_utime))+long(unsafe.Offsetof(t.Ac_stime))) * time.Microsecond,
		rss:  long(unsafe.Offsetof(t.Hiwater_rss)) << 10,
	}
	// The scheduler's own count in ns; the other two are sampled at clock ticks, so that most short lives have 0.
	if ran := long(unsafe.Offsetof(t.Cpu_run_virtual_total)); ran > 0 {
		o.cpu = time.Duration(ran)
	}
	const group = 0x20 // AGROUP
	if order.Uint16(s) >= 12 && len(s) >= int(unsafe.Offsetof(t.Ac_tgid))+4 {
		o.tgid = int(int32(word(unsafe.Offsetof(t.Ac_tgid))))
		o.last = s[unsafe.Offsetof(t.Ac_flag)]&group != 0
	}
	return o.pid > 0
}

// attribute takes one netlink attribute off the front of b; kind is -1 if there is none.
func attribute(b []byte) (kind int, value, rest []byte) {
	if len(b) < 4 {
		return -1, nil, nil
	}
	size := int(binary.NativeEndian.Uint16(b))
	if size < 4 || size > len(b) {
		return -1, nil, nil
	}
	next := min((size+3)&^3, len(b))
	return int(binary.NativeEndian.Uint16(b[2:]) & 0x3fff), b[4:size], b[next:]
}

// attributeOf finds the first attribute of one kind; some kernels put empty ones before it, to align it.
func attributeOf(b []byte, kind int) []byte {
	for k, value, rest := attribute(b); k >= 0; k, value, rest = attribute(rest) {
		if k == kind {
			return value
		}
	}
	return nil
}

// openTaskstats asks for the exit stream of all cores.
func openTaskstats() (fd int, family uint16, err error) {
	fd, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_GENERIC)
	if err != nil {
		return -1, 0, err
	}
	defer func() {
		if err != nil {
			unix.Close(fd)
			fd = -1
		}
	}()
	largeBuffer(fd)
	if err = unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return fd, 0, err
	}
	b := make([]byte, 8192)
	n, err := ask(fd, b, unix.GENL_ID_CTRL, unix.CTRL_CMD_GETFAMILY, unix.CTRL_ATTR_FAMILY_NAME, unix.TASKSTATS_GENL_NAME+"\x00")
	if err != nil {
		return fd, 0, fmt.Errorf("find taskstats: %w", err)
	}
	if id := attributeOf(b[20:n], unix.CTRL_ATTR_FAMILY_ID); len(id) >= 2 {
		family = binary.NativeEndian.Uint16(id)
	}
	if family == 0 {
		return fd, 0, errors.New("find taskstats: the kernel did not say its number")
	}
	if _, err = ask(fd, b, family, unix.TASKSTATS_CMD_GET, unix.TASKSTATS_CMD_ATTR_REGISTER_CPUMASK, possibleCores()+"\x00"); err != nil {
		return fd, 0, fmt.Errorf("register for taskstats: %w", err)
	}
	return fd, family, nil
}

// possibleCores is the list that registering wants: all that could ever be plugged in.
func possibleCores() string {
	if b, err := os.ReadFile("/sys/devices/system/cpu/possible"); err == nil {
		if s := strings.TrimSpace(string(b)); s != "" {
			return s
		}
	}
	return fmt.Sprintf("0-%d", runtime.NumCPU()-1)
}

// ask sends one request with one attribute and waits (a second at most) until the kernel has acknowledged it. b then
// holds the answer that came first, if there was one.
func ask(fd int, b []byte, family uint16, command uint8, kind int, value string) (int, error) {
	order := binary.NativeEndian
	size := 20 + (4+len(value)+3)&^3
	m := make([]byte, size)
	order.PutUint32(m, uint32(size))
	order.PutUint16(m[4:], family)
	order.PutUint16(m[6:], unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	m[16], m[17] = command, 1
	order.PutUint16(m[20:], uint16(4+len(value)))
	order.PutUint16(m[22:], uint16(kind))
	copy(m[24:], value)
	if err := unix.Sendto(fd, m, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return 0, err
	}
	answer := 20
	other := make([]byte, 8192)
	for deadline := Monotonic() + time.Second; ; {
		n, err := receive(fd, other)
		if err == unix.EAGAIN {
			left := deadline - Monotonic()
			if left <= 0 {
				return 0, errors.New("the kernel did not answer")
			}
			unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(left.Milliseconds())+1)
			continue
		}
		if err != nil {
			return 0, err
		}
		if n < 20 {
			continue
		}
		if order.Uint16(other[4:]) == unix.NLMSG_ERROR {
			if code := int32(order.Uint32(other[16:])); code != 0 {
				return 0, unix.Errno(-code)
			}
			return answer, nil
		}
		if answer == 20 {
			answer = copy(b, other[:n])
		}
	}
}
