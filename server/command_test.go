//go:build unix

package main

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	defaults := config{Addr: "127.0.0.1:8080", Rate: 10, MaxProcesses: 256, Reader: "procfs"}
	for line, change := range map[string]func(*config){
		"":                      func(*config) {},
		"--addr [::1]:0":        func(c *config) { c.Addr = "[::1]:0" },
		"--rate 50 --empty":     func(c *config) { c.Rate, c.Empty = 50, true },
		"--max-processes=10000": func(c *config) { c.MaxProcesses = 10000 },
		"--reader gopsutil":     func(c *config) { c.Reader = "gopsutil" },
		"--share --open":        func(c *config) { c.Share, c.Open = true, true },
		"run -- a -b --keep":    func(c *config) { c.Command = []string{"a", "-b", "--keep"} },
		"run a --rate 2":        func(c *config) { c.Command = []string{"a", "--rate", "2"} },
		"run --keep -- a":       func(c *config) { c.Command, c.Keep = []string{"a"}, true },
		"--rate 5 run -- a":     func(c *config) { c.Command, c.Rate = []string{"a"}, 5 },
		"run --rate 5 -- a -- b": func(c *config) {
			c.Command, c.Rate = []string{"a", "--", "b"}, 5
		},
		"--tls-cert c --tls-key k --token-file f": func(c *config) { c.TLSCert, c.TLSKey, c.TokenFile = "c", "k", "f" },
	} {
		want := defaults
		change(&want)
		got, err := parse(strings.Fields(line), io.Discard)
		if err != nil {
			t.Errorf("%q: %v", line, err)
		} else if !reflect.DeepEqual(*got, want) {
			t.Errorf("%q:\n got %+v\nwant %+v", line, *got, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for line, want := range map[string]string{
		"--rate 0":               "--rate must be a whole number, 1..50, got '0'",
		"--rate 51":              "--rate must be a whole number, 1..50, got '51'",
		"--rate 1e1":             "--rate must be a whole number, 1..50, got '1e1'",
		"--max-processes 10001":  "--max-processes must be a whole number, 1..10000, got '10001'",
		"--max-processes -1":     "--max-processes must be a whole number, 1..10000, got '-1'",
		"--reader ebpf":          "--reader must be procfs or gopsutil, got 'ebpf'",
		"--addr 8080":            "--addr must be HOST:PORT, such as 127.0.0.1:8080, with a port 0..65535, got '8080'",
		"--addr :8080":           "--addr must be HOST:PORT, such as 127.0.0.1:8080, with a port 0..65535, got ':8080'",
		"--addr localhost:65536": "--addr must be HOST:PORT, such as 127.0.0.1:8080, with a port 0..65535, got 'localhost:65536'",
		"--addr":                 "--addr needs a value: see vivero --help",
		"--empty=maybe":          "--empty is on or off: give no value, or true or false, got 'maybe'",
		"--colour":               "there is no flag --colour: see vivero --help",
		"-q":                     "there is no flag -q: see vivero --help",
		"--keep":                 "there is no flag --keep: see vivero --help",
		"run":                    "run needs a command: vivero run -- COMMAND ARGUMENTS…",
		"run --keep --":          "run needs a command: vivero run -- COMMAND ARGUMENTS…",
		"python3 a.py":           "'python3' is not a command of vivero: to watch it run, type 'vivero run -- python3 a.py'",
	} {
		if _, err := parse(strings.Fields(line), io.Discard); err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", line, err, want)
		}
	}
}

func TestHelpAndVersionServeNothing(t *testing.T) {
	for line, want := range map[string]string{
		"--help":     "vivero run -- python3 padre.py",
		"help":       "VIVERO_TOKEN",
		"run --help": "--keep",
		"version":    "vivero ",
	} {
		var out strings.Builder
		cfg, err := parse(strings.Fields(line), &out)
		if cfg != nil || err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%q: %v, %v, %q; want nothing to serve and text with %q", line, cfg, err, out.String(), want)
		}
	}
}

func TestTokens(t *testing.T) {
	good, other := "0123456789abcdef", "fedcba9876543210"
	for _, c := range []struct {
		environment map[string]string
		want        string // part of the refusal, "" for none
	}{
		{nil, ""},
		{map[string]string{tokenVariable: good, viewerVariable: other}, ""},
		{map[string]string{tokenVariable: ""}, "VIVERO_TOKEN is empty"},
		{map[string]string{viewerVariable: "short"}, "VIVERO_VIEWER_TOKEN has 5 characters: a token needs 16 to 512"},
		{map[string]string{tokenVariable: "with spaces in its middle"}, "visible ASCII"},
		{map[string]string{tokenVariable: "ñandú-0123456789"}, "visible ASCII"},
		{map[string]string{tokenVariable: good, viewerVariable: good}, "must differ"},
	} {
		lookup := func(name string) (string, bool) { v, found := c.environment[name]; return v, found }
		s, err := secretsFromEnvironment(lookup)
		if err == nil {
			err = (&config{secrets: s}).check()
		}
		if c.want == "" && (err != nil || s.Token != c.environment[tokenVariable] || s.ViewerToken != c.environment[viewerVariable]) {
			t.Errorf("%v: got %v, %v", c.environment, s, err)
		}
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v: got %v, want %q", c.environment, err, c.want)
		}
	}
}

func TestTokenFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	for content, want := range map[string]string{
		"0123456789abcdef":       "",
		"0123456789abcdef\r\n":   "",
		"":                       "is empty",
		"\n":                     "is empty",
		"0123456789\nabcdef\n":   "visible ASCII",
		strings.Repeat("x", 513): "has 513 characters",
	} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		c := config{TokenFile: file}
		err := c.prepare()
		if want == "" && (err != nil || c.Token != "0123456789abcdef") {
			t.Errorf("%q: got %q, %v", content, c.Token, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: got %v, want %q", content, err, want)
		}
	}
	for want, c := range map[string]config{
		"go together":         {TLSCert: "c"},
		"both set the token":  {TokenFile: "f", secrets: secrets{Token: "0123456789abcdef"}},
		"cannot read --token": {TokenFile: filepath.Join(t.TempDir(), "none")},
		"cannot use --tls":    {TLSCert: file, TLSKey: file},
	} {
		err := c.check()
		if err == nil {
			err = c.prepare()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want %q", c, err, want)
		}
	}
}
