package api

import (
	"crypto/tls"
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
		if err == nil {
			return closable(c), nil
		}
		if !passing(err) {
			return nil, err
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

// closable lets a connection be closed under fasthttp's hands, as Shutdown does with requests that take too long: it
// panics when a deadline cannot be set, and the whole server ends with that. Its next read or write fails anyway.
func closable(c net.Conn) net.Conn {
	if t, ok := c.(*tls.Conn); ok {
		return secureConn{t} // fasthttp looks for the methods of this one
	}
	return plainConn{c}
}

type plainConn struct{ net.Conn }

func (c plainConn) SetReadDeadline(t time.Time) error { return unlessClosed(c.Conn.SetReadDeadline(t)) }
func (c plainConn) SetWriteDeadline(t time.Time) error {
	return unlessClosed(c.Conn.SetWriteDeadline(t))
}
func (c plainConn) SetDeadline(t time.Time) error { return unlessClosed(c.Conn.SetDeadline(t)) }

type secureConn struct{ *tls.Conn }

func (c secureConn) SetReadDeadline(t time.Time) error {
	return unlessClosed(c.Conn.SetReadDeadline(t))
}
func (c secureConn) SetWriteDeadline(t time.Time) error {
	return unlessClosed(c.Conn.SetWriteDeadline(t))
}
func (c secureConn) SetDeadline(t time.Time) error { return unlessClosed(c.Conn.SetDeadline(t)) }

func unlessClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
