package spawn

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
	"vivero/server/refusal"
	"vivero/sim/ipc"
)

// inject writes one message by the descriptor that holder writes with. No descriptor of the channel's writing end stays
// here: that would hide the end of file from its readers.
func (c *channel) inject(holder int, text string) error {
	fd, err := borrow(holder, c.Key.Device, c.ends.WriteInode)
	if err != nil {
		return c.unreachable(holder, err)
	}
	defer func() { unix.Close(fd) }()
	if c.Key.Kind == proc.Pipe {
		// Not this description, which the process shares, but one of our own, so that O_NONBLOCK is ours alone.
		own, err := unix.Open("/proc/self/fd/"+strconv.Itoa(fd), unix.O_WRONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if errors.Is(err, unix.ENXIO) {
			err = unix.EPIPE
		}
		if err != nil {
			return c.unreachable(holder, err)
		}
		unix.Close(fd)
		fd = own
	}
	err = ipc.SendOnce(c.ends.End(ipc.ForWrite, fd), c.injected.Messages+1, []byte(text))
	switch {
	case errors.Is(err, ipc.ErrFull):
		return c.full()
	case errors.Is(err, ipc.ErrNoReader):
		return refusal.Conflict("send a message to %s: %v", c.Name, err)
	}
	return err
}

func (c *channel) unreachable(holder int, err error) error {
	switch {
	case errors.Is(err, unix.ESRCH), errors.Is(err, os.ErrNotExist):
		return refusal.Conflict("send a message to %s: pid %d, which writes to it, has ended", c.Name, holder)
	case errors.Is(err, unix.EPIPE):
		return refusal.Conflict("send a message to %s: %v", c.Name, ipc.ErrNoReader)
	case errors.Is(err, os.ErrPermission):
		return refusal.Forbidden("send a message to %s: the system does not let Vivero use a descriptor of pid %d (%v)", c.Name, holder, err)
	case errors.Is(err, errNotHeld):
		return refusal.Conflict("send a message: pid %d does not write to %s", holder, c.Name)
	}
	return fmt.Errorf("send a message to %s: %w", c.Name, err)
}

var errNotHeld = errors.New("not held")

// borrow is a copy of the descriptor by which pid writes to the channel of which the kernel says device and inode.
func borrow(pid int, device, inode uint64) (int, error) {
	handle, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return -1, err
	}
	defer unix.Close(handle)
	folder := "/proc/" + strconv.Itoa(pid)
	names, err := os.ReadDir(folder + "/fd")
	if err != nil {
		return -1, err
	}
	for _, name := range names {
		number, err := strconv.Atoi(name.Name())
		if err != nil || !writes(folder+"/fdinfo/"+name.Name()) {
			continue
		}
		fd, err := unix.PidfdGetfd(handle, number, 0)
		if errors.Is(err, unix.EBADF) { // closed meanwhile
			continue
		}
		if err != nil {
			return -1, err
		}
		var stat unix.Stat_t
		if unix.Fstat(fd, &stat) == nil && stat.Dev == device && stat.Ino == inode {
			return fd, nil
		}
		unix.Close(fd)
	}
	return -1, errNotHeld
}

// writes says whether a descriptor is open for writing, by its fdinfo ('flags:	0100001', octal).
func writes(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if text, found := strings.CutPrefix(lines.Text(), "flags:"); found {
			flags, err := strconv.ParseInt(strings.TrimSpace(text), 8, 64)
			return err == nil && flags&unix.O_ACCMODE != unix.O_RDONLY
		}
	}
	return false
}
