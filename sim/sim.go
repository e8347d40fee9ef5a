// Package sim is what the children do: real work, one workload a file, one literal list of them (list.go).
//
// The flow: the server (or a worker, on the server's order) starts the program again as `vivero sim NAME PARAMS ROLE`,
// with its control socket as descriptor 3 and the ends of its channels from 4 on. Main makes its flight recorder (record.go),
// opens the ends (package ipc) and runs the workload on the main goroutine, which is locked to the main thread, so that what
// the kernel says of the process (state, core, waiting) is said of the work itself. Sending, receiving and w.Gate are the
// gates at which the presenter can hold it.
//
// One goroutine waits on the control socket for orders and carries them out, another reaps children: both end with the
// process. A third comes when it is to stop, and interrupts a blocked call until that has returned. A workload that starts
// more (threads) joins them.
//
// Absent on purpose: sim imports nothing of the server; a workload never forks without the server's order; nothing heavy
// happens before the first work, which is to begin within 10 ms of the request.
package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"vivero/sim/control"
	"vivero/sim/ipc"
)

// Workload is one kind of work.
type Workload struct {
	Name    string  `json:"name"`    // a short lower-case word; also the process's name for the kernel
	Summary string  `json:"summary"` // one sentence for the page
	Params  []Param `json:"params"`

	// Unavailable is why this machine cannot run it, a sentence; "": it can. Offered fills it.
	Unavailable string `json:"unavailable,omitempty"`

	// Threads says that threads are its subject: it gets Go's usual scheduler, one running thread for each core.
	// All others run with GOMAXPROCS=1.
	Threads bool `json:"-"`

	// Role is the part of the process that was started by this name, where its children have others ("" if it has none).
	Role string `json:"-"`

	// Places is how many processes it will be in all, itself included; nil: 1. The server refuses it as a whole when
	// the cap leaves fewer. It promises nothing: others may take the places meanwhile, and Spawn is refused then.
	Places func(p Params) int `json:"-"`

	// Parts says of which processes it is made and what channels join them, where one start makes several, siblings
	// under the server; nil: one process. Their channels are made by the server, which starts all of them or none.
	Parts func(p Params) ([]Part, []ipc.Spec) `json:"-"`

	// Run works until it is done or ctx is cancelled (SIGTERM, SIGINT); both are a nil return and exit status 0.
	// An error is one sentence; it goes to stderr, and the exit status is 1.
	Run func(ctx context.Context, w *Worker, p Params) error `json:"-"`
}

// The main goroutine stays on the main thread, the one whose number is the pid. That is certain only in init.
func init() {
	if len(os.Args) > 1 && os.Args[1] == "sim" {
		runtime.LockOSThread()
	}
}

// Args is the command line of a worker after the program's name. Parameters stand in it, so that `ps` shows them.
func Args(workload string, params json.RawMessage, role string) []string {
	if len(params) == 0 {
		params = json.RawMessage("{}")
	}
	args := []string{"sim", workload, string(params)}
	if role != "" {
		args = append(args, role)
	}
	return args
}

// Environ is base as the worker is to have it: the Go runtime reads GOMAXPROCS before it starts its threads.
func (w Workload) Environ(base []string) []string {
	env := make([]string, 0, len(base)+1)
	for _, v := range base {
		if !strings.HasPrefix(v, "GOMAXPROCS=") {
			env = append(env, v)
		}
	}
	if !w.Threads {
		env = append(env, "GOMAXPROCS=1")
	}
	return env
}

// Executable is the path by which this program starts itself. /proc/self/exe outlives the file, which `go run` deletes.
func Executable() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}

// Main is `vivero sim`: args are NAME, PARAMS (a JSON object) and ROLE, the last two optional. It returns the exit status:
// 0 done or cleanly stopped, 1 failed, 2 called wrongly. Started by hand, without a server, it works too.
func Main(args []string) int {
	if len(args) == 1 && args[0] == "--probe" { // a process that only lives and dies, for the observer's self-test
		return 0
	}
	if len(args) < 1 || len(args) > 3 {
		return complain(2, "usage: vivero sim NAME [PARAMS [ROLE]]")
	}
	workload, err := Find(args[0])
	if err != nil {
		return complain(2, err.Error())
	}
	var params Params
	if len(args) > 1 {
		params, err = workload.ParseJSON([]byte(args[1]))
	} else {
		params, err = workload.Parse(nil)
	}
	if err != nil {
		return complain(2, err.Error())
	}
	setNice()
	w := &Worker{socket: -1, asks: map[uint64]chan answer{}}
	if len(args) > 2 {
		w.Role = args[2]
	}
	// Before anybody can know of this process by its name, its recorder or its hello: from then on SIGTERM is a clean stop.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	release, err := ipc.Interrupt(ctx)
	if err != nil {
		return complain(1, fmt.Sprintf("%s: %v", workload.Name, err))
	}
	defer release()
	w.Recorder = record(workload.Name, w.Role)
	if w.Ends, err = ipc.Inherit(w.Recorder); err != nil {
		return complain(2, fmt.Sprintf("%s: %v", workload.Name, err))
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGCHLD)
	go w.reap(ended)
	setName(workload.Name)
	if control.Attached() {
		w.socket = control.FD
		w.hello()
		go w.listen()
	}
	if err := workload.Run(ctx, w, params); err != nil {
		return complain(1, fmt.Sprintf("%s: %v", workload.Name, err))
	}
	return 0
}

func complain(status int, sentence string) int {
	fmt.Fprintln(os.Stderr, sentence)
	return status
}
