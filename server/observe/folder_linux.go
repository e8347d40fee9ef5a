package observe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"vivero/sim/flight"
)

const (
	filesATick  = 256             // recorders that are opened in one tick
	pendingMost = 4096            // files whose process is not known yet
	pendingFor  = 3 * time.Second // so long a file may be there before its process is
	birthMost   = 1 << 16         // processes that the kernel told of
	sayMost     = 64              // complaints
	refusedMost = 1024            // files that were refused and are still in the folder
)

// folder is where processes put their recorders; it is watched, not listed.
type folder struct {
	path    string
	inotify int
	pending []arrival
	refused map[string]bool
	buf     [4096]byte
}

// arrival is a file of the folder's that is to be opened once its process is known.
type arrival struct {
	name string
	pid  int
	at   time.Duration
}

// birth is a process that the kernel told of.
type birth struct {
	start uint64 // 0: it was gone before it could be read
	at    time.Duration
}

// openFolder answers nil with an error.
func openFolder(path string) (*folder, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, err
	}
	f := &folder{path: path, inotify: fd, refused: map[string]bool{}}
	if _, err := unix.InotifyAddWatch(fd, path, unix.IN_CREATE|unix.IN_MOVED_TO|unix.IN_ONLYDIR); err != nil {
		f.close()
		return nil, err
	}
	if err := f.list(); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

func (f *folder) close() { unix.Close(f.inotify) }

// list takes in the files that are there already.
func (f *folder) list() error {
	dir, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(pendingMost)
	for _, name := range names {
		f.arrived(name)
	}
	if len(names) > 0 {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// drain takes in the names that came since the last time.
func (f *folder) drain() {
	for {
		n, err := unix.Read(f.inotify, f.buf[:])
		if err == unix.EINTR {
			continue
		}
		if err != nil || n <= 0 {
			return
		}
		// struct inotify_event: watch 4, mask 4, cookie 4, length 4, name
		for b := f.buf[:n]; len(b) >= unix.SizeofInotifyEvent; {
			mask, size := binary.NativeEndian.Uint32(b[4:]), int(binary.NativeEndian.Uint32(b[12:]))
			if size < 0 || size > len(b)-unix.SizeofInotifyEvent {
				break
			}
			name := string(b[unix.SizeofInotifyEvent:][:size])
			b = b[unix.SizeofInotifyEvent+size:]
			if mask&unix.IN_Q_OVERFLOW != 0 {
				_ = f.list() // names were lost; that they cannot be listed either has no remedy
				continue
			}
			f.arrived(strings.TrimRight(name, "\x00"))
		}
	}
}

// arrived takes in a name of the form pid-generation; drafts and others are nothing to us.
func (f *folder) arrived(name string) {
	pid, ok := recorderName(name)
	if !ok || f.refused[name] || len(f.pending) >= pendingMost {
		return
	}
	for _, a := range f.pending {
		if a.name == name {
			return
		}
	}
	f.pending = append(f.pending, arrival{name, pid, Monotonic()})
}

func recorderName(name string) (pid int, ok bool) {
	first, second, found := strings.Cut(name, "-")
	pid, err := strconv.Atoi(first)
	_, err2 := strconv.ParseUint(second, 10, 16)
	return pid, found && err == nil && err2 == nil && pid > 0 && first[0] != '+'
}

// findRecorders opens the recorders that appeared.
func (t *Traffic) findRecorders() {
	f := t.folder
	if f == nil {
		return
	}
	f.drain()
	opened := 0
	left := f.pending[:0]
	for _, a := range f.pending {
		if opened >= filesATick || !t.open(a) {
			left = append(left, a)
			continue
		}
		opened++
	}
	clear(f.pending[len(left):])
	f.pending = left
	for pid, b := range t.born {
		if t.at-b.at > 2*pendingFor {
			delete(t.born, pid)
		}
	}
}

// open opens one recorder; false: its process is not known yet.
func (t *Traffic) open(a arrival) bool {
	m := t.members[a.pid]
	if m == nil {
		if b, told := t.born[a.pid]; told {
			s, err := statOf("/proc", a.pid)
			if err != nil || s.state == 'Z' || s.state == 'X' || b.start != 0 && b.start != s.start {
				m = &member{ended: true} // it lived between two ticks
				m.PID, m.Start = a.pid, b.start
				m.call.fd = -1
			}
		}
		if m == nil && Monotonic()-a.at < pendingFor {
			return false
		}
	}
	path := filepath.Join(t.folder.path, a.name)
	file, err := flight.Open(path)
	if errors.Is(err, unix.ENOENT) {
		return true
	}
	if err == nil {
		var first flight.View
		if err = file.Read(&first, false); err == nil {
			err = verify(m, a.pid, first.Identity)
		}
		if err == nil {
			// Its name is not needed any more; without one it is gone with us, however we end.
			_ = unix.Unlink(path)
			t.adopt(m, file, &first)
			return true
		}
		file.Close()
	}
	t.refuse(a, err)
	return true
}

// verify says why a recorder is not that of m, the process pid of the tree.
func verify(m *member, pid int, v flight.Identity) error {
	switch {
	case v.PID != pid:
		return fmt.Errorf("it says that it is of process %d", v.PID)
	case m == nil:
		return errors.New("there is no such process in the tree")
	case m.Start != 0 && v.Start != m.Start:
		return fmt.Errorf("it is of another process with the number %d, which started at %d, not at %d", pid, v.Start, m.Start)
	}
	return nil
}

// refuse says once why a file of the folder's is no recorder. It is left where it is.
func (t *Traffic) refuse(a arrival, err error) {
	if len(t.folder.refused) < refusedMost {
		t.folder.refused[a.name] = true
	}
	t.say(fmt.Sprintf("the flight recorder %s is not read: %v", a.name, err))
}

func (t *Traffic) say(sentence string) {
	if t.said++; t.said == sayMost {
		sentence += " (more of this kind will not be told)"
	}
	if t.o.Log != nil && t.said <= sayMost {
		t.o.Log(sentence)
	}
}
