package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"vivero/server/stream"
)

// Limits of the HTTP server. fiber's own defaults are 'none' for all of the times.
const (
	maxBody      = 1 << 20  // bytes of a request's body
	maxHeaders   = 16 << 10 // bytes; cookies of every other server on localhost come along
	writeTimeout = 30 * time.Second
	idleTimeout  = 2 * time.Minute
	maxConns     = 4096
	workTimeout  = 30 * time.Second // for the backend to answer
)

// Options of New.
type Options struct {
	Backend   Backend
	Hub       *stream.Hub
	Tokens    Tokens
	Hosts     []string     // the addresses we are called by, as host:port; one of loopback stands for all its names
	Share     bool         // others may reach us: the presenter's token then works from loopback only, unless TLS
	TLS       bool         // the listeners of Serve speak TLS
	Static    fs.FS        // the built page, index.html at its root
	Workloads any          // the answer of GET /api/workloads
	Log       *slog.Logger // nil: slog.Default

	ReadTimeout time.Duration // for a whole request: one that trickles in is cut off; 0: 10 s
}

// Server answers what comes to its listeners.
type Server struct {
	app       *fiber.App
	backend   Backend
	hub       *stream.Hub
	guard     *guard
	hosts     map[string]bool // Host headers that are ours
	origins   map[string]bool // Origin headers that are ours
	csp       string
	files     map[string]*file // by path
	workloads []byte           // JSON
	log       *slog.Logger

	ctx    context.Context // of all that the backend does for us
	cancel context.CancelFunc

	mu        sync.Mutex
	closed    bool
	listeners []net.Listener
	conns     map[net.Conn]bool // open and not hijacked; true: not a byte has come yet
}

// New makes the server; it panics on what only a programmer can get wrong (a page without index.html, workloads that
// are not JSON).
func New(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.ReadTimeout == 0 {
		o.ReadTimeout = 10 * time.Second
	}
	s := &Server{
		backend: o.Backend, hub: o.Hub, log: o.Log,
		guard: newGuard(o.Tokens, o.Share && !o.TLS, time.Now),
		conns: map[net.Conn]bool{},
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	var own []string
	s.hosts, s.origins, own = names(o.Hosts, o.TLS)
	s.csp = policy(own, o.TLS)
	var err error
	if s.files, err = load(o.Static); err != nil {
		panic(fmt.Sprintf("api: the page's files: %v", err))
	}
	if s.workloads, err = json.Marshal(o.Workloads); err != nil {
		panic(fmt.Sprintf("api: the workloads: %v", err))
	}

	s.app = fiber.New(fiber.Config{
		AppName: "Vivero", DisableStartupMessage: true, ErrorHandler: s.failed,
		CaseSensitive: true, StrictRouting: true,
		BodyLimit: maxBody, ReadBufferSize: maxHeaders, Concurrency: maxConns,
		ReadTimeout: o.ReadTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		DisablePreParseMultipartForm: true,
		EnableTrustedProxyCheck:      true, // and no proxy is trusted: X-Forwarded-* means nothing
	})
	s.routes()
	server := s.app.Server()
	server.Handler = s.outermost(s.app.Handler())
	server.KeepHijackedConns = true // otherwise a websocket's Close does nothing
	server.ConnState = s.track
	return s
}

// App is the Fiber app, for tests that look at its routes.
func (s *Server) App() *fiber.App { return s.app }

// names are the Host and Origin headers that are ours, and the hosts in a fixed order.
func names(addresses []string, tls bool) (hosts, origins map[string]bool, own []string) {
	hosts, origins = map[string]bool{}, map[string]bool{}
	scheme, usual := "http://", "80"
	if tls {
		scheme, usual = "https://", "443"
	}
	add := func(h string) {
		if !hosts[h] {
			hosts[h], origins[scheme+h] = true, true
			own = append(own, h)
		}
	}
	for _, a := range addresses {
		host, port, err := net.SplitHostPort(strings.ToLower(a))
		if err != nil {
			continue // not an address: nobody can call us by it
		}
		all := []string{host}
		if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
			all = append(all, "localhost", "127.0.0.1", "::1")
		}
		for _, h := range all {
			add(net.JoinHostPort(h, port))
			if port == usual { // browsers leave it out
				add(strings.TrimSuffix(net.JoinHostPort(h, ""), ":"))
			}
		}
	}
	return hosts, origins, own
}

// Serve answers what comes to ln until Shutdown, and then returns nil. It may be called for several listeners at a
// time; with Options.TLS they are TLS listeners.
func (s *Server) Serve(ln net.Listener) error {
	ln = &listener{Listener: ln, log: s.log}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return ln.Close()
	}
	s.listeners = append(s.listeners, ln)
	s.mu.Unlock()
	if err := s.app.Server().Serve(ln); err != nil {
		return fmt.Errorf("serve %s: %w", ln.Addr(), err)
	}
	return nil
}

// Shutdown stops listening, closes every websocket with 1001, lets requests that have begun finish for at most
// patience, and returns when no connection is left.
func (s *Server) Shutdown(patience time.Duration) error {
	s.mu.Lock()
	s.closed = true
	for _, ln := range s.listeners {
		_ = ln.Close()
	}
	for c, fresh := range s.conns {
		if fresh { // browsers open connections ahead of their need; fasthttp would wait 5 s for them
			_ = c.Close()
		}
	}
	s.mu.Unlock()

	var streams sync.WaitGroup
	streams.Add(1)
	go func() {
		defer streams.Done()
		s.hub.Close()
	}()
	ctx, done := context.WithTimeout(context.Background(), patience)
	defer done()
	err := s.app.Server().ShutdownWithContext(ctx)
	s.cancel()
	if errors.Is(err, context.DeadlineExceeded) {
		s.mu.Lock()
		err = fmt.Errorf("shutdown: %d requests were cut off after %v", len(s.conns), patience)
		for c := range s.conns {
			_ = c.Close()
		}
		s.mu.Unlock()
	}
	streams.Wait()
	return err
}

// track keeps s.conns. A hijacked connection is the hub's.
func (s *Server) track(c net.Conn, state fasthttp.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch state {
	case fasthttp.StateClosed, fasthttp.StateHijacked:
		delete(s.conns, c)
	default:
		s.conns[c] = state == fasthttp.StateNew
		if s.closed && state == fasthttp.StateNew {
			_ = c.Close()
		}
	}
}
