//go:build unix

package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"vivero/server/api"
	"vivero/server/keeper"
	"vivero/server/live"
	"vivero/server/observe"
	"vivero/server/proc"
	"vivero/server/spawn"
	"vivero/server/stream"
	"vivero/sim"
	"vivero/sim/python"
	"vivero/static"
)

// serve wires the flow together: spawn -> observe -> tree -> stream -> view. It prints the link, runs the command of
// 'run' if there is one, and returns when ctx has ended or the command has, with everything that it started ended.
func serve(ctx context.Context, cfg config) (int, error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	for _, token := range []*string{&cfg.Token, &cfg.ViewerToken} {
		if *token == "" {
			*token = newToken()
		}
	}
	listeners, addresses, err := listenAll(cfg)
	if err != nil {
		return statusFailed, err
	}
	l, hub, err := assemble(cfg, log)
	if err != nil {
		closeAll(listeners)
		return statusFailed, err
	}
	l.Run()
	app := api.New(api.Options{
		Backend: l, Hub: hub, Tokens: api.Tokens{Presenter: cfg.Token, Viewer: cfg.ViewerToken},
		Hosts: addresses, Share: atHome(addresses), TLS: cfg.Certificate != nil,
		Static: static.Files, Workloads: sim.Offered(), Log: log,
	})
	failed := make(chan error, len(listeners))
	for _, listener := range listeners {
		if cfg.Certificate != nil {
			listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{*cfg.Certificate}, MinVersion: tls.VersionTLS12})
		}
		go func() { failed <- app.Serve(listener) }()
	}
	defer func() { // in the order of the flow: nobody may ask, all processes end, the last frames go out
		if err := app.Shutdown(time.Second); err != nil {
			log.Warn("not everybody got an answer", "err", err)
		}
		l.Stop()
	}()
	announce(cfg, addresses)
	if cfg.Open {
		if err := openBrowser(cfg, link(cfg, addresses[0], cfg.Token)); err != nil {
			log.Warn("open the link by hand", "err", err)
		}
	}
	if cfg.Command != nil {
		return command(ctx, cfg, l)
	}
	if !cfg.Empty {
		openAlive(ctx, l, hub, log)
	}
	select {
	case <-ctx.Done():
		return 0, nil
	case err := <-failed:
		return statusFailed, fmt.Errorf("the server stopped answering: %w", err)
	}
}

// assemble makes the loop with all that it reads, and the hub that it publishes to. Nothing runs yet.
func assemble(cfg config, log *slog.Logger) (*live.Live, *stream.Hub, error) {
	reader, err := openReader(cfg.Reader)
	if err != nil {
		return nil, nil, err
	}
	root, ok := reader.Look(os.Getpid())
	if !ok {
		return nil, nil, errors.New("cannot read this process in /proc: is it mounted?")
	}
	recorders, err := flightFolder(cfg)
	if err != nil {
		return nil, nil, err
	}
	scripts, err := python.Install(cfg.Dir)
	if err != nil {
		log.Warn("Python programs will not be probed, and the workload python has no scripts", "err", err)
	}
	var l *live.Live
	hub := stream.NewHub(stream.Options{
		Meta: stream.Meta{Version: version(), Rate: float64(cfg.Rate), Run: cfg.Command != nil, Cap: cfg.MaxProcesses},
		Wake: func() { l.Wake() },
		Log:  log,
	})
	l, err = live.New(live.Options{
		Reader: reader, Machine: observe.NewMachine("/proc"), Hub: hub, Root: root, Host: observe.Host(),
		FlightDir: recorders, Python: scripts, Rate: cfg.Rate, Cap: cfg.MaxProcesses, Run: cfg.Command != nil,
		Secrets: []string{cfg.Token, cfg.ViewerToken}, Log: log,
	})
	return l, hub, err
}

// openAlive starts something quiet to look at: a producer, a queue of five slots and a consumer.
func openAlive(ctx context.Context, l *live.Live, hub *stream.Hub, log *slog.Logger) {
	started, err := l.Start(ctx, api.StartRequest{Workload: "queue"})
	if err != nil {
		log.Warn("there is nothing alive to begin with", "err", err)
		return
	}
	ids := make([]int, len(started))
	for i, s := range started {
		ids[i] = s.ID
	}
	hub.Demo(ids)
}

// command runs the program of 'run' and gives its exit status.
func command(ctx context.Context, cfg config, l *live.Live) (int, error) {
	process, ended, err := l.Command(cfg.CommandPath, cfg.Command, cfg.Group)
	if err != nil {
		var refused *spawn.CommandError
		if errors.As(err, &refused) {
			return refused.Status, err
		}
		return statusFailed, err
	}
	keeper.Release() // they are the command's alone
	status := 0
	stopping := ctx.Done()
	var late <-chan time.Time
	for {
		select {
		case s := <-cfg.Interrupts:
			l.Pass(process, s)
		case <-stopping:
			l.Pass(process, syscall.SIGTERM)
			stopping, late = nil, time.After(time.Second) // nothing may be left after two
		case <-late:
			l.Pass(process, syscall.SIGKILL)
		case end := <-ended:
			status = exitStatus(end)
			if !cfg.Keep || ctx.Err() != nil {
				return status, nil
			}
			cfg.CommandEnded()
			select {
			case <-ctx.Done():
			case <-cfg.Interrupts:
			}
			return status, nil
		}
	}
}

// exitStatus is what a shell would say of an end.
func exitStatus(s proc.Status) int {
	if s.Signal != 0 {
		return 128 + s.Signal
	}
	return s.Code
}

func openReader(name string) (observe.Reader, error) {
	if name == "gopsutil" {
		return observe.Gopsutil(os.Getpid())
	}
	return observe.Procfs("/proc", os.Getpid())
}

// flightFolder makes the folder in which processes keep their flight recorders; it goes with the run's own.
func flightFolder(cfg config) (string, error) {
	if cfg.Dir == "" {
		return "", nil
	}
	dir := filepath.Join(cfg.Dir, "flight")
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("make the folder of the flight recorders: %w", err)
	}
	return dir, nil
}

func newToken() string {
	random := make([]byte, 24)
	rand.Read(random)
	return base64.RawURLEncoding.EncodeToString(random)
}

// link is the address of the page with a token in its fragment, which no server log ever sees.
func link(cfg config, address, token string) string {
	scheme := "http"
	if cfg.Certificate != nil {
		scheme = "https"
	}
	return scheme + "://" + address + "/#token=" + url.QueryEscape(token)
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		l.Close()
	}
}
