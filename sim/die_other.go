//go:build !linux

package sim

import (
	"errors"

	"golang.org/x/sys/unix"
)

// die is not possible here: it needs the raw rt_sigaction of Linux to get past Go's own handler.
func die(unix.Signal) error {
	return errors.New("a real death by signal needs Linux; here only exit and panic work")
}
