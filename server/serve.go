//go:build unix

package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"syscall"
)

// serve opens the address, prints the link, runs the command of 'run' if there is one, and returns when ctx has ended or
// the command has.
func serve(ctx context.Context, cfg config) (int, error) {
	listener, err := listen(cfg.Addr)
	if err != nil {
		return statusFailed, err
	}
	defer listener.Close()
	go http.Serve(listener, http.NotFoundHandler())
	if cfg.Token == "" {
		random := make([]byte, 24)
		rand.Read(random)
		cfg.Token = base64.RawURLEncoding.EncodeToString(random)
	}
	link := fmt.Sprintf("http://%s/#token=%s", listener.Addr(), url.QueryEscape(cfg.Token))
	if cfg.Command == nil {
		fmt.Println(link)
		<-ctx.Done()
		return 0, nil
	}
	fmt.Fprintln(os.Stderr, link)
	cmd := &exec.Cmd{Path: cfg.CommandPath, Args: cfg.Command, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true, Pgid: cfg.Group}}
	if err := cmd.Start(); err != nil {
		return statusNotExecutable, fmt.Errorf("cannot run %s: %w", cfg.CommandPath, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-cfg.Interrupts:
			cmd.Process.Signal(s)
		case <-ctx.Done():
			cmd.Process.Signal(syscall.SIGTERM)
			ctx = context.Background()
		case err := <-ended:
			var exit *exec.ExitError
			status := 0
			if errors.As(err, &exit) {
				if status = exit.ExitCode(); status < 0 {
					status = 128 + int(exit.Sys().(syscall.WaitStatus).Signal())
				}
			}
			if cfg.Keep && ctx.Err() == nil {
				cfg.CommandEnded()
				select {
				case <-ctx.Done():
				case <-cfg.Interrupts:
				}
			}
			return status, nil
		}
	}
}
