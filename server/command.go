//go:build unix

package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const long = `Vivero shows live trees of real processes on a web page: start, watch, stop and end them from the browser.

The first line on standard output is the presenter's link; open it. The log goes to standard error. When Vivero ends, in
whatever way, everything that it started ends too.`

const examples = `  vivero                                  serve on 127.0.0.1:8080
  vivero --addr 127.0.0.1:0 --open        take a free port and open the page
  vivero --share                          let a class look on, over the local network
  vivero run -- python3 padre.py          watch a program of your own
  vivero run --keep -- make -j4           and leave the page up when it has ended`

const environment = `Environment:
  VIVERO_TOKEN          the presenter's token (16 characters or more), made at random if unset
  VIVERO_VIEWER_TOKEN   the viewers' token

`

// parse reads the command line. Help and version are written to out, and then the config is nil: nothing is to be served.
func parse(args []string, out io.Writer) (*config, error) {
	var c config
	serve := false
	root := &cobra.Command{
		Use:               "vivero [flags]",
		Short:             "Live trees of real processes, on a web page",
		Long:              long,
		Example:           examples,
		SilenceErrors:     true,
		SilenceUsage:      true,
		TraverseChildren:  true, // 'vivero --rate 5 run -- x' as well as 'vivero run --rate 5 -- x'
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("'%s' is not a command of vivero: to watch it run, type 'vivero run -- %s'", args[0], strings.Join(args, " "))
			}
			return nil
		},
		RunE: func(*cobra.Command, []string) error { serve = true; return nil },
	}
	run := &cobra.Command{
		Use:     "run [flags] [--keep] -- COMMAND [ARGUMENTS…]",
		Short:   "Start a program of your own as the first process of the tree",
		Long:    runLong,
		Example: "  vivero run -- python3 padre.py\n  vivero run --keep -- sh -c 'sleep 60 & sleep 60'",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || args[0] == "" {
				return errors.New("run needs a command: vivero run -- COMMAND ARGUMENTS…")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { c.Command, serve = args, true; return nil },
	}
	run.Flags().SetInterspersed(false) // what follows COMMAND is its own
	run.Flags().BoolVar(&c.Keep, "keep", false, "when COMMAND has ended, leave what it started and the page up")
	for _, flags := range []*pflag.FlagSet{root.Flags(), run.Flags()} {
		addFlags(flags, &c)
		flags.SortFlags = false
	}
	root.AddCommand(run, &cobra.Command{
		Use:   "version",
		Short: "Say which version this is",
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(out, "vivero", version())
			return err
		},
	})
	root.SetUsageTemplate(root.UsageTemplate() + "\n" + environment)
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(&cobra.Command{Use: "help", Hidden: true, RunE: func(*cobra.Command, []string) error { return root.Help() }})
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(out)
	if err := root.Execute(); err != nil || !serve {
		return nil, err
	}
	return &c, nil
}

const runLong = `Starts COMMAND as a shell would, as the first process of the tree: it has the terminal, Ctrl-C reaches it first, and its
exit status becomes Vivero's. The link goes to standard error before it starts. What it leaves running when it ends is
ended too, unless --keep is given.`

// addFlags puts the flags that 'vivero' and 'vivero run' share on both.
func addFlags(flags *pflag.FlagSet, c *config) {
	c.Addr, c.Reader, c.Rate, c.MaxProcesses = "127.0.0.1:8080", "procfs", 10, 256
	if runtime.GOOS != "linux" {
		c.Reader = "gopsutil"
	}
	flags.Var(address{&c.Addr}, "addr", "where to listen; port 0 takes a free one")
	flags.BoolVar(&c.Share, "share", false, "listen on the local network's address too, and print the viewers' link")
	flags.Var(text{&c.TLSCert, "FILE"}, "tls-cert", "certificate (PEM), with --tls-key")
	flags.Var(text{&c.TLSKey, "FILE"}, "tls-key", "its key (PEM)")
	flags.BoolVar(&c.Open, "open", false, "open the page in a browser")
	flags.BoolVar(&c.Empty, "empty", false, "start with no processes")
	flags.Var(number{&c.Rate, 1, 50}, "rate", "observations a second, 1..50")
	flags.Var(number{&c.MaxProcesses, 1, 10_000}, "max-processes", "most live processes, 1..10000")
	flags.Var(choice{&c.Reader, []string{"procfs", "gopsutil"}}, "reader", "how the kernel is read: procfs or gopsutil")
	flags.Var(text{&c.TokenFile, "FILE"}, "token-file", "file with the presenter's token (16 characters or more)")
}

// flagError makes one sentence of what pflag says.
func flagError(_ *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &invalid):
		cause := errors.Unwrap(invalid).Error()
		if invalid.GetFlag().Value.Type() == "bool" {
			cause = "is on or off: give no value, or true or false"
		}
		return fmt.Errorf("--%s %s, got '%s'", invalid.GetFlag().Name, cause, invalid.GetValue())
	case errors.As(err, &unknown):
		if short := unknown.GetSpecifiedShortnames(); short != "" {
			return fmt.Errorf("there is no flag -%s: see vivero --help", short)
		}
		return fmt.Errorf("there is no flag --%s: see vivero --help", unknown.GetSpecifiedName())
	case errors.As(err, &missing):
		return fmt.Errorf("--%s needs a value: see vivero --help", missing.GetSpecifiedName())
	}
	return err
}

// The flags' values check themselves, so that a bad one costs nothing but a sentence.

type number struct {
	into     *int
	min, max int
}

func (n number) String() string { return strconv.Itoa(*n.into) }
func (n number) Type() string   { return "N" }
func (n number) Set(s string) error {
	v, err := strconv.Atoi(s)
	if err != nil || v < n.min || v > n.max {
		return fmt.Errorf("must be a whole number, %d..%d", n.min, n.max)
	}
	*n.into = v
	return nil
}

type choice struct {
	into    *string
	allowed []string
}

func (c choice) String() string { return *c.into }
func (c choice) Type() string   { return "NAME" }
func (c choice) Set(s string) error {
	for _, a := range c.allowed {
		if s == a {
			*c.into = s
			return nil
		}
	}
	return fmt.Errorf("must be %s", strings.Join(c.allowed, " or "))
}

type address struct{ into *string }

func (a address) String() string { return *a.into }
func (a address) Type() string   { return "HOST:PORT" }
func (a address) Set(s string) error {
	host, port, err := net.SplitHostPort(s)
	n, bad := strconv.Atoi(port)
	if err != nil || host == "" || bad != nil || n < 0 || n > 65_535 {
		return errors.New("must be HOST:PORT, such as 127.0.0.1:8080, with a port 0..65535")
	}
	*a.into = s
	return nil
}

type text struct {
	into *string
	kind string
}

func (t text) String() string { return *t.into }
func (t text) Type() string   { return t.kind }
func (t text) Set(s string) error {
	if s == "" {
		return fmt.Errorf("must name a %s", strings.ToLower(t.kind))
	}
	*t.into = s
	return nil
}
