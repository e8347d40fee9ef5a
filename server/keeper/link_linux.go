package keeper

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"vivero/server/sweep"
)

// Join makes this process the server that its keeper started; nil if no keeper did. Call it first of all.
func Join() (*Link, error) {
	value, found := os.LookupEnv(marker)
	if !found {
		return nil, nil
	}
	os.Unsetenv(marker)
	fd, err := strconv.Atoi(value)
	if err != nil {
		return nil, fmt.Errorf("%s is not for setting by hand: unset it", marker)
	}
	if _, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE); err != nil {
		return nil, fmt.Errorf("%s is not for setting by hand: unset it", marker)
	}
	unix.CloseOnExec(fd)
	var o order
	line, err := bufio.NewReader(rawReader(fd)).ReadBytes('\n') // the keeper writes nothing after it
	if err == nil {
		err = json.Unmarshal(line, &o)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the keeper's order: %w", err)
	}
	unix.CloseOnExec(o.Lock)
	if err := adoptOrphans(); err != nil {
		return nil, err
	}
	os.WriteFile("/proc/self/comm", []byte("vivero"), 0) // it would be 'exe', from /proc/self/exe
	f := &folder{o.Dir, os.NewFile(uintptr(o.Lock), o.Dir)}
	return &Link{Dir: o.Dir, Group: o.Group, Secret: o.Secret, socket: fd, folder: f}, nil
}

// rawReader reads a descriptor without giving it to Go's poller, which would set it non-blocking for the keeper too.
type rawReader int

func (r rawReader) Read(b []byte) (int, error) {
	for {
		n, err := unix.Read(int(r), b)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return 0, err
		case n == 0:
			return 0, fmt.Errorf("the keeper has ended")
		default:
			return n, nil
		}
	}
}

// Watch waits, on a thread of its own, for the keeper's death. Then nothing in this process may fork any more: it ends
// every descendant, removes the folder and exits with 137.
func (l *Link) Watch() {
	if l.socket < 0 {
		return
	}
	go warm(16)
	go func() {
		runtime.LockOSThread()
		sweep.Hasten()
		var b [64]byte
		for {
			if _, err := rawReader(l.socket).Read(b[:]); err != nil {
				break
			}
		}
		locked := make(chan struct{})
		go func() {
			syscall.ForkLock.Lock() // never freed
			close(locked)
		}()
		sweep.All()
		select { // a fork that was under way may have brought a last child
		case <-locked:
		case <-time.After(200 * time.Millisecond):
		}
		sweep.All()
		l.folder.remove()
		os.Exit(137)
	}()
}

// CommandEnded tells the keeper that the command of 'run' has ended: from now on an interrupt from the keyboard is for
// the server.
func (l *Link) CommandEnded() {
	if l.socket >= 0 {
		unix.Write(l.socket, []byte{1})
	}
}

// Leave is the server's last call before it exits. If the keeper has died by then, it does not return: nobody else would
// end what is left, so the server must not exit before Watch has done that.
func (l *Link) Leave() {
	if l.socket < 0 {
		l.folder.remove()
		return
	}
	for {
		var b [1]byte
		_, _, err := unix.Recvfrom(l.socket, b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		switch err {
		case unix.EINTR:
		case unix.EAGAIN: // nothing to read, no end: it lives
			return
		default:
			select {}
		}
	}
}
