//go:build unix

package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// config is what the command line and the environment ask for.
type config struct {
	Addr         string // host:port, port 0: a free one
	Share        bool   // the LAN address too
	TLSCert      string // PEM files, both or neither
	TLSKey       string
	Open         bool   // open the link in a browser
	Empty        bool   // no processes at the start
	Rate         int    // observations a second
	MaxProcesses int    // live ones, at most
	Reader       string // procfs or gopsutil
	TokenFile    string // holds the presenter's token

	Command []string // of 'run', as typed; nil otherwise
	Keep    bool     // of 'run': stay when it has ended

	secrets

	// The server alone fills these in (prepare).
	Certificate *tls.Certificate // nil: no TLS
	CommandPath string           // Command[0] as found in PATH
	Dir         string           // the run's folder, 0700
	Group       int              // the keeper's process group, which Command joins
	// Interrupts brings SIGINT and SIGQUIT under 'run': pass them on while Command lives, end when it does not.
	Interrupts <-chan os.Signal
	// CommandEnded tells the keeper that an interrupt from the keyboard is now for us.
	CommandEnded func()
}

// secrets travel from keeper to server through their socket pair, so that no process below has them in its environment.
type secrets struct {
	Token       string `json:"token"`  // the presenter's; "": make one
	ViewerToken string `json:"viewer"` // "": make one
	// Browser is the descriptor that opens a page (open.go), with --open; 0: none.
	Browser int `json:"browser,omitempty"`
}

// The environment variables that set the tokens.
const (
	tokenVariable  = "VIVERO_TOKEN"
	viewerVariable = "VIVERO_VIEWER_TOKEN"
)

// A presenter's token is authority over processes: at 16 characters it cannot be guessed within the rate limit.
const (
	tokenMin = 16
	tokenMax = 512
)

// checkToken names the source of a bad token, never the token.
func checkToken(source, token string) error {
	switch {
	case token == "":
		return fmt.Errorf("%s is empty: a token needs at least %d characters", source, tokenMin)
	case len(token) < tokenMin || len(token) > tokenMax:
		return fmt.Errorf("%s has %d characters: a token needs %d to %d", source, len(token), tokenMin, tokenMax)
	}
	for _, c := range token {
		if c <= ' ' || c > '~' {
			return fmt.Errorf("%s may hold only visible ASCII characters, without spaces", source)
		}
	}
	return nil
}

// secretsFromEnvironment reads and checks the two variables; lookup is os.LookupEnv.
func secretsFromEnvironment(lookup func(string) (string, bool)) (secrets, error) {
	var s secrets
	for _, v := range []struct {
		name string
		into *string
	}{{tokenVariable, &s.Token}, {viewerVariable, &s.ViewerToken}} {
		value, found := lookup(v.name)
		if !found {
			continue
		}
		if err := checkToken(v.name, value); err != nil {
			return secrets{}, err
		}
		*v.into = value
	}
	return s, nil
}

func (s secrets) differ() error {
	if s.Token != "" && s.Token == s.ViewerToken {
		return errors.New("the presenter's token and the viewers' token must differ")
	}
	return nil
}

// check holds the flags against each other.
func (c *config) check() error {
	switch {
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key go together: give both or neither")
	case c.TokenFile != "" && c.Token != "":
		return fmt.Errorf("--token-file and %s both set the token: give one of them", tokenVariable)
	}
	return c.differ()
}

// prepare reads what the flags point at. The server alone does this, once: a file may be a pipe.
func (c *config) prepare() error {
	if c.TokenFile != "" {
		token, err := readToken(c.TokenFile)
		if err != nil {
			return err
		}
		c.Token = token
		if err := c.differ(); err != nil {
			return err
		}
	}
	if c.TLSCert != "" {
		pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
		if err != nil {
			return fmt.Errorf("cannot use --tls-cert and --tls-key: %w", err)
		}
		c.Certificate = &pair
	}
	return nil
}

// readToken takes the first line of a file.
func readToken(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("cannot read --token-file: %w", err)
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() && info.Mode()&0o077 != 0 {
		fmt.Fprintf(os.Stderr, "vivero: others on this machine may read or change the token in %s: chmod 600 it\n", path)
	}
	content, err := io.ReadAll(io.LimitReader(file, 2*tokenMax))
	if err != nil {
		return "", fmt.Errorf("cannot read --token-file: %w", err)
	}
	token := strings.TrimRight(string(content), "\r\n")
	return token, checkToken("--token-file "+path, token)
}
