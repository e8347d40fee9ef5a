//go:build unix

// Package main is vivero: the command line, the wiring and the ordered end.
//
// One binary has three roles, told apart before anything else is set up: a worker ('vivero sim NAME', package sim), the
// keeper (what the user started, package keeper), and the server, which the keeper starts (serve).
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"vivero/server/keeper"
	"vivero/sim"
)

// Exit statuses of our own; a command's status under 'run' and 128 + n for signals come beside them.
const (
	statusFailed = 1 // a port in use, a missing permission
	statusUsage  = 2 // a bad flag
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "sim" {
		os.Exit(sim.Main(os.Args[2:]))
	}
	status, err := begin(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "vivero:", err)
	}
	os.Exit(status)
}

// begin reads the command line, in keeper and server alike, and becomes one of them.
func begin(args []string) (int, error) {
	link, err := keeper.Join()
	if err != nil {
		return statusFailed, err
	}
	cfg, err := parse(args, os.Stdout)
	if err != nil {
		return statusUsage, err
	}
	if cfg == nil {
		return 0, nil
	}
	if link != nil {
		err = json.Unmarshal(link.Secret, &cfg.secrets)
	} else {
		cfg.secrets, err = secretsFromEnvironment(os.LookupEnv)
		os.Unsetenv(tokenVariable) // nothing that is started from here on may inherit them
		os.Unsetenv(viewerVariable)
	}
	if err == nil {
		err = cfg.check()
	}
	if err != nil {
		return statusUsage, err
	}
	if cfg.Command != nil {
		var status int
		if cfg.CommandPath, status, err = lookUp(cfg.Command[0], os.Getenv("PATH")); err != nil {
			return status, err
		}
	}
	if link != nil {
		if cfg.Browser != 0 {
			unix.CloseOnExec(cfg.Browser)
		}
		return serveLinked(cfg, link)
	}
	if cfg.Open {
		if cfg.Browser, err = prepareBrowser(); err != nil {
			return statusFailed, err
		}
	}
	secret, err := json.Marshal(cfg.secrets)
	if err != nil {
		return statusFailed, err
	}
	if runtime.GOOS == "linux" {
		return keeper.Run(keeper.Options{Terminal: cfg.Command != nil, Secret: secret})
	}
	if link, err = keeper.Alone(secret); err != nil {
		return statusFailed, err
	}
	fmt.Fprintf(os.Stderr, "vivero: on %s nothing watches over the server: should it be killed, processes may be left behind\n", runtime.GOOS)
	return serveLinked(cfg, link)
}

// serveLinked is the server: it serves until it is told to end.
func serveLinked(cfg *config, link *keeper.Link) (int, error) {
	link.Watch()
	defer link.Leave()
	if err := cfg.prepare(); err != nil {
		return statusUsage, err
	}
	cfg.Dir, cfg.Group, cfg.CommandEnded = link.Dir, link.Group, link.CommandEnded
	interrupts := make(chan os.Signal, 8)
	cfg.Interrupts = interrupts
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	signals := notify(cfg.Command != nil) // before anything is served
	go takeSignals(signals, cfg.Command != nil, link, interrupts, stop)
	return serve(ctx, *cfg)
}

// notify is the channel of the signals that are ours. One that was ignored when we were started (nohup) stays ignored.
func notify(run bool) <-chan os.Signal {
	wanted := []os.Signal{unix.SIGTERM, unix.SIGHUP, unix.SIGINT}
	if run {
		wanted = append(wanted, unix.SIGQUIT)
	}
	signals := make(chan os.Signal, 8)
	for _, s := range wanted {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	return signals
}

// takeSignals ends the server on the first SIGTERM, SIGHUP or SIGINT, and at once on the second. Under 'run' SIGINT and
// SIGQUIT are the command's: serve passes them on, or ends when the command has.
func takeSignals(signals <-chan os.Signal, run bool, link *keeper.Link, interrupts chan<- os.Signal, stop func()) {
	stopping := false
	for s := range signals {
		switch {
		case run && (s == unix.SIGINT || s == unix.SIGQUIT):
			if link.Shared() {
				continue // the command got it too
			}
			select {
			case interrupts <- s:
			default: // eight are waiting: one more says nothing new
			}
		case stopping:
			link.Leave()
			os.Exit(128 + int(s.(syscall.Signal))) // the keeper ends what is left
		default:
			stopping = true
			stop()
		}
	}
}
