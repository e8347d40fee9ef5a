package observe

import (
	"errors"

	"golang.org/x/sys/unix"
)

// held is one /proc file that stays open: a pread costs 3.4 µs where open, read and close cost 8.2, and a held file
// cannot come to mean another process: once its own is reaped, reading is ESRCH.
type held struct {
	fd   int // -1: not open
	keep bool
}

// budget is how many descriptors may still be held. Beyond it files are opened for each read, so that a tree of
// thousands leaves room for sockets and pipes.
type budget struct{ left int }

// newBudget leaves 512 descriptors, and at most half of them all, to the rest of the program.
func newBudget() *budget {
	var l unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &l) != nil {
		return &budget{256}
	}
	n := int(min(l.Cur, 1<<20))
	return &budget{max(n/2, n-512)}
}

// open opens path and holds it if there is room.
func (h *held) open(b *budget, path string) error {
	fd, err := openRead(path)
	if err != nil {
		h.fd = -1
		return err
	}
	h.fd, h.keep = fd, b.left > 0
	if h.keep {
		b.left--
	}
	return nil
}

// release closes the file if it is only open for this one read.
func (h *held) release() {
	if h.fd >= 0 && !h.keep {
		unix.Close(h.fd)
		h.fd = -1
	}
}

func (h *held) close(b *budget) {
	if h.fd < 0 {
		return
	}
	unix.Close(h.fd)
	if h.keep {
		b.left++
	}
	h.fd, h.keep = -1, false
}

func openRead(path string) (int, error) {
	for {
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != unix.EINTR {
			return fd, err
		}
	}
}

// pread answers 0 bytes, not the system call's -1, with an error.
func pread(fd int, b []byte, at int64) (int, error) {
	for {
		n, err := unix.Pread(fd, b, at)
		if err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

// vanished tells 'the process is gone' from errors that say nothing about it.
func vanished(err error) bool { return errors.Is(err, unix.ESRCH) || errors.Is(err, unix.ENOENT) }
