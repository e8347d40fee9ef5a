//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// The exit statuses with which a shell says that it could not start a command.
const (
	statusNotExecutable = 126
	statusNotFound      = 127
)

// lookUp finds a command as a shell does: a name with a slash is a path, any other is sought in PATH. On failure it gives
// the status a shell would end with, and a sentence.
func lookUp(name, path string) (found string, status int, err error) {
	if strings.Contains(name, "/") {
		if err := executable(name); err != nil {
			return "", statusOf(err), fmt.Errorf("cannot run %s: %w", name, err)
		}
		return name, 0, nil
	}
	var refused error
	for _, dir := range filepath.SplitList(path) {
		if dir == "" {
			dir = "." // POSIX: an empty entry is the working directory
		}
		candidate := dir + "/" + name
		switch err := executable(candidate); {
		case err == nil:
			return candidate, 0, nil
		case refused == nil && err != errDirectory && statusOf(err) == statusNotExecutable:
			refused = fmt.Errorf("cannot run %s: %w", candidate, err)
		}
	}
	if refused != nil {
		return "", statusNotExecutable, refused
	}
	return "", statusNotFound, fmt.Errorf("cannot run %s: no such command in PATH", name)
}

var errDirectory = errors.New("it is a directory")

// executable is nil when this user may execute the file.
func executable(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ENOTDIR):
		return os.ErrNotExist
	case err != nil:
		return errors.Unwrap(err)
	case info.IsDir():
		return errDirectory
	}
	return unix.Faccessat(unix.AT_FDCWD, path, unix.X_OK, unix.AT_EACCESS)
}

func statusOf(err error) int {
	if errors.Is(err, os.ErrNotExist) {
		return statusNotFound
	}
	return statusNotExecutable
}
