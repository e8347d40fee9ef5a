package sim

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"vivero/sim/flight"
	"vivero/sim/ipc"
	"vivero/sim/python"
)

// pyScripts are the scripts that ship, by what the parameter calls them. Each has --processes and --size.
var pyScripts = []struct {
	name, file string
	args       []string
	most       int64 // size
	extra      int   // processes beside the ones asked for, itself included
}{
	{"pipe", "pipe", nil, 10_000, 1},
	{"queue", "queue_demo", nil, 10_000, 1},
	{"pool", "pool", nil, 5_000, 1},
	{"primes", "mp_worker", []string{"--work", "primes"}, 10_000_000, 1},
	{"image", "mp_worker", []string{"--work", "image"}, 4_000, 1},
}

// pyscript (the workload python) becomes the machine's python3 with one of the scripts that ship: the same process, with
// Python's own output and exit status. Its children are Python's, not ours; the probe tells what they say to each other.
var pyscript = Workload{
	Name:    "python",
	Summary: "A Python script of the course: its processes talk over multiprocessing's pipes and queues.",
	Params: []Param{
		Choice("script", pyNames(), "pipe, queue, pool: pipe.py, queue_demo.py, pool.py; primes, image: mp_worker.py"),
		Int("processes", 4, 1, 16, "how many processes it starts (queue: producers, and as many consumers)"),
		Int("size", 0, 0, 10_000_000, "messages for each, thousands of numbers, the largest number, or pixels; 0: the script's own"),
	},
	Places: func(p Params) int {
		n := int(p.Int("processes"))
		if p.Choice("script") == "queue" {
			n *= 2
		}
		return n + pyScripts[pyIndex(p)].extra
	},
	Run: func(ctx context.Context, w *Worker, p Params) error {
		script := pyScripts[pyIndex(p)]
		size := p.Int("size")
		if size > script.most {
			return fmt.Errorf("the size of %s must be 0..%d, got %d", script.name, script.most, size)
		}
		home := os.Getenv(python.Variable)
		if home == "" {
			return errors.New("its scripts are not installed: start it from the page, or run them with python3 yourself")
		}
		interpreter, err := python.Find()
		if err != nil {
			return err
		}
		args := append([]string{"python3", python.Script(home, script.file)}, script.args...)
		args = append(args, "--processes", strconv.FormatInt(p.Int("processes"), 10))
		if size > 0 {
			args = append(args, "--size", strconv.FormatInt(size, 10))
		}
		env := pyEnviron(os.Environ(), home, w.Recorder.Asked())
		// A signal that comes from here on ends the process as it would end Python; one that came before has ended ctx.
		signal.Reset(syscall.SIGTERM, syscall.SIGINT)
		if ctx.Err() != nil {
			return nil
		}
		err = syscall.Exec(interpreter, args, env)
		return fmt.Errorf("%s cannot be run: %w", interpreter, err)
	},
}

// pyEnviron is env for Python: with the probe, the output not held back, and nothing that is Go's or another workload's.
// asked is what is asked of this process now; its first gate is Python's.
func pyEnviron(env []string, home string, asked flight.Asked) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains([]string{"GOMAXPROCS", ipc.EndsVariable, python.Variable, "PYTHONUNBUFFERED"}, name)
	})
	return python.Probed(append(childEnviron(env, asked), "PYTHONUNBUFFERED=1"), home)
}

func pyNames() []string {
	names := make([]string, len(pyScripts))
	for i, s := range pyScripts {
		names[i] = s.name
	}
	return names
}

func pyIndex(p Params) int { return slices.Index(pyNames(), p.Choice("script")) }

// Offered is Workloads as this machine can run them: what one of them lacks stands in its Unavailable.
func Offered() []Workload {
	offered := slices.Clone(Workloads)
	for i := range offered {
		if offered[i].Name == pyscript.Name {
			if _, err := python.Find(); err != nil {
				offered[i].Unavailable = err.Error()
			}
		}
	}
	return offered
}
