package observe

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
)

// Machine reads the busy share of each core and the memory in use, on held descriptors. One goroutine uses it.
type Machine struct {
	stat, memory int // descriptors
	text         []byte
	was, is      []coreTimes
	busy         []float64
}

// NewMachine opens root/stat and root/meminfo ("/proc", or a captured tree in tests). The first Read tells the busy
// shares since this call. If they cannot be opened, Read says so.
func NewMachine(root string) *Machine {
	m := &Machine{text: make([]byte, 8192)}
	m.stat, m.memory = -1, -1
	if fd, err := openRead(root + "/stat"); err == nil {
		m.stat = fd
	}
	if fd, err := openRead(root + "/meminfo"); err == nil {
		m.memory = fd
	}
	m.Read()
	return m
}

// Read is the machine since the last call. Its Busy is valid until the next one. Two calls within one clock tick
// (10 ms) tell the same shares.
func (m *Machine) Read() (proc.Machine, error) {
	if err := m.cores(); err != nil {
		return proc.Machine{}, fmt.Errorf("read the cores from /proc/stat: %w", err)
	}
	n, err := pread(m.memory, m.text, 0)
	if err != nil {
		return proc.Machine{}, fmt.Errorf("read /proc/meminfo: %w", err)
	}
	total, used, ok := parseMemory(m.text[:n])
	if !ok {
		return proc.Machine{}, errors.New("read /proc/meminfo: no MemTotal in it")
	}
	return proc.Machine{Busy: m.busy, MemoryTotal: total, MemoryUsed: used}, nil
}

func (m *Machine) cores() error {
	for {
		n, err := pread(m.stat, m.text, 0)
		if err != nil {
			return err
		}
		cores, whole := parseCores(m.text[:n], m.is[:0])
		m.is = cores
		if whole {
			break
		}
		if n < len(m.text) || len(m.text) > 1<<22 {
			return errors.New("the list of cores does not end")
		}
		m.text = make([]byte, 2*len(m.text))
	}
	for len(m.busy) < len(m.is) {
		m.busy = append(m.busy, 0)
	}
	for i, now := range m.is {
		if i < len(m.was) {
			m.busy[i] = busyShare(m.was[i], now, m.busy[i])
		}
	}
	m.was = append(m.was[:0], m.is...)
	return nil
}

// Close lets go of the descriptors.
func (m *Machine) Close() error {
	for _, fd := range []int{m.stat, m.memory} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
	m.stat, m.memory = -1, -1
	return nil
}

// Forks is how many processes and threads the machine has made since boot. Less those seen, it bounds how many were
// missed where the kernel's events cannot be had.
func Forks() (uint64, error) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	n, ok := parseForks(b)
	if !ok {
		return 0, errors.New("count forks: /proc/stat has no line 'processes'")
	}
	return n, nil
}
