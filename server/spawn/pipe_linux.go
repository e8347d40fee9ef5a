package spawn

import "golang.org/x/sys/unix"

// pipe makes a pipe, close-on-exec.
func pipe() (read, write int, err error) {
	var p [2]int
	err = unix.Pipe2(p[:], unix.O_CLOEXEC)
	if err != nil {
		return -1, -1, err
	}
	return p[0], p[1], nil
}
