package api

import (
	"errors"
	"log/slog"
	"net"
	"sync"
	"syscall"
	"time"
)

// listener outlives a shortage of descriptors: fasthttp would stop serving for good at the first EMFILE. It can be
// closed twice, as both we and fasthttp do.
type listener struct {
	net.Listener
	log  *slog.Logger
	once sync.Once
	err  error
}

func (l *listener) Accept() (net.Conn, error) {
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		c, err := l.Listener.Accept()
		if err == nil || !passing(err) {
			return c, err
		}
		l.log.Warn("api: cannot accept a connection just now", "error", err, "again in", wait)
		time.Sleep(wait)
	}
}

// passing errors of Accept go away by themselves.
func passing(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ECONNABORTED) ||
		errors.Is(err, syscall.ENOBUFS) || errors.Is(err, syscall.ENOMEM) || errors.Is(err, syscall.EINTR)
}

func (l *listener) Close() error {
	l.once.Do(func() { l.err = l.Listener.Close() })
	return l.err
}
