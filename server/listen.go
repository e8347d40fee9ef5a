//go:build unix

package main

import (
	"errors"
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// listen opens the address, and says in one sentence why it cannot.
func listen(address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err == nil {
		return listener, nil
	}
	host, port, _ := net.SplitHostPort(address)
	var name *net.DNSError
	switch {
	case errors.Is(err, unix.EADDRINUSE):
		return nil, fmt.Errorf("port %s on %s is in use by another program: choose another with --addr %s, or 0 for any free one", port, host, net.JoinHostPort(host, "PORT"))
	case errors.Is(err, unix.EACCES):
		return nil, fmt.Errorf("no permission to listen on port %s: choose one above 1023 with --addr %s", port, net.JoinHostPort(host, "8080"))
	case errors.Is(err, unix.EADDRNOTAVAIL):
		return nil, fmt.Errorf("this machine has no address %s: choose another with --addr", host)
	case errors.As(err, &name):
		return nil, fmt.Errorf("cannot find the host %s of --addr: %s", host, name.Err)
	}
	return nil, fmt.Errorf("cannot listen on %s: %w", address, err)
}
