package sim

import (
	"context"
	"os"

	"golang.org/x/sys/unix"
)

// crash ends badly, in each of the ways that a parent can be told of.
var crash = Workload{
	Name:    "crash",
	Summary: "Ends badly after a while: with an exit status, a panic, or killed by a signal.",
	Params: []Param{
		Choice("how", []string{"exit", "panic", "segv", "abort"}, "exit: with the status in code; panic: Go's own, exit status 2; segv and abort: a real death by that signal"),
		Int("code", 1, 0, 255, "the exit status, for exit"),
		Int("delay_ms", 3_000, 0, 600_000, "how long it lives before, in milliseconds"),
	},
	Run: func(ctx context.Context, w *Worker, p Params) error {
		if !countdown(ctx, w, milliseconds(p, "delay_ms")) {
			return nil
		}
		w.Progress(1)
		switch p.Choice("how") {
		case "segv":
			return die(unix.SIGSEGV)
		case "abort":
			return die(unix.SIGABRT)
		case "panic":
			panic("crash: panics, as it was asked to")
		default:
			os.Exit(int(p.Int("code")))
			return nil
		}
	},
}
