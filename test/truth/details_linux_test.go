package truth_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vivero/test/client"
)

// details is GET /api/processes/{id}.
type details struct {
	client.Process
	Exe      string `json:"exe"`
	Cwd      string `json:"cwd"`
	User     string `json:"user"`
	Nice     *int   `json:"nice"`
	Affinity string `json:"affinity"`
	Memory   struct {
		RSS uint64 `json:"rss"`
		PSS uint64 `json:"pss"`
		USS uint64 `json:"uss"`
	} `json:"memory"`
	Switches struct {
		Voluntary   int `json:"voluntary"`
		Involuntary int `json:"involuntary"`
	} `json:"switches"`
	Tasks []struct {
		TID   int     `json:"tid"`
		Name  string  `json:"name"`
		State string  `json:"state"`
		CPU   float64 `json:"cpu"`
		Core  int     `json:"core"`
	} `json:"tasks"`
	Descriptors []struct {
		FD     int    `json:"fd"`
		Target string `json:"target"`
	} `json:"descriptors"`
	Status  *int     `json:"status"`
	Signal  *string  `json:"signal"`
	Cmdline []string `json:"cmdline"`
	Environ []string `json:"environ"`
}

func detailsOf(p *client.Program, id int) (d details) {
	p.Must(200, "GET", fmt.Sprintf("/api/processes/%d", id), nil, &d)
	return d
}

// strip splits what /proc has with a NUL after each part.
func strip(content []byte) []string {
	return strings.Split(strings.TrimRight(string(content), "\x00"), "\x00")
}

// TestDetails holds the inspector's look at a worker against /proc and ps, each field.
func TestDetails(t *testing.T) {
	p := boot(t)
	parent := p.Start("idle", nil, 0, 1)[0]
	worker := p.Start("threads", client.M{"threads": 3, "seconds": 0}, parent.ID, 1)[0]
	f := p.Follow(client.Viewer, nil)
	f.Await("it has worked for a while", func(m *client.Model) bool { return m.Live[worker.ID].CPU > 0.05 && m.Live[worker.ID].Threads > 4 })
	p.Signal(worker.ID, "STOP", false) // so that nothing moves while it is looked at
	f.Await("it stands still", func(m *client.Model) bool { return m.Live[worker.ID].State == "T" && m.Live[worker.ID].CPU == 0 })
	d := detailsOf(p, worker.ID)

	dir := fmt.Sprintf("/proc/%d/", worker.PID)
	file := func(name string) []byte {
		content, err := os.ReadFile(dir + name)
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	link := func(name string) string {
		target, err := os.Readlink(dir + name)
		if err != nil {
			t.Fatal(err)
		}
		return target
	}
	same := func(what string, api, kernel any) {
		t.Helper()
		if fmt.Sprint(api) != fmt.Sprint(kernel) {
			t.Errorf("%s: the details say %v, the kernel %v", what, api, kernel)
		}
	}
	same("exe", d.Exe, link("exe"))
	same("cwd", d.Cwd, link("cwd"))
	same("cmdline", d.Cmdline, strip(file("cmdline")))
	same("environ", d.Environ, strip(file("environ")))
	if d.Cmdline[0] != "vivero" || d.Cmdline[2] != "threads" {
		t.Errorf("cmdline: %q", d.Cmdline)
	}

	field := func(of []byte, name string) string {
		for line := range strings.Lines(string(of)) {
			if value, found := strings.CutPrefix(line, name+":"); found {
				return strings.TrimSpace(value)
			}
		}
		t.Fatalf("there is no %s in %s", name, of)
		return ""
	}
	kB := func(of []byte, names ...string) (sum uint64) {
		for _, name := range names {
			n, err := strconv.ParseUint(strings.TrimSuffix(field(of, name), " kB"), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			sum += n << 10
		}
		return sum
	}
	same("affinity", d.Affinity, field(file("status"), "Cpus_allowed_list"))
	rollup := file("smaps_rollup")
	same("memory", d.Memory, struct{ RSS, PSS, USS uint64 }{kB(rollup, "Rss"), kB(rollup, "Pss"), kB(rollup, "Private_Clean", "Private_Dirty")})
	same("resident memory of the row", d.RSS, kB(file("status"), "VmRSS"))

	var voluntary, involuntary int
	var tids, told []int
	folders, _ := filepath.Glob(dir + "task/*")
	for _, folder := range folders {
		status, err := os.ReadFile(folder + "/status")
		if err != nil {
			t.Fatal(err)
		}
		v, _ := strconv.Atoi(field(status, "voluntary_ctxt_switches"))
		n, _ := strconv.Atoi(field(status, "nonvoluntary_ctxt_switches"))
		voluntary, involuntary = voluntary+v, involuntary+n
		tid, _ := strconv.Atoi(filepath.Base(folder))
		tids = append(tids, tid)
	}
	same("switches", d.Switches, struct{ V, N int }{voluntary, involuntary})
	computing := 0
	for _, task := range d.Tasks {
		told = append(told, task.TID)
		k, err := os.ReadFile(fmt.Sprintf("%stask/%d/schedstat", dir, task.TID))
		if err != nil {
			t.Fatal(err)
		}
		ran, _ := strconv.ParseFloat(strings.Fields(string(k))[0], 64)
		same(fmt.Sprintf("CPU of thread %d", task.TID), task.CPU, ran/1e9)
		comm, _ := os.ReadFile(fmt.Sprintf("%stask/%d/comm", dir, task.TID))
		same("name of a thread", task.Name, strings.TrimSpace(string(comm)))
		same("state of a thread", task.State, "T")
		if strings.HasPrefix(task.Name, "compute ") && task.CPU > 0 && task.Core >= 0 {
			computing++
		}
	}
	slices.Sort(tids)
	slices.Sort(told)
	same("threads", told, tids)
	if computing != 3 {
		t.Errorf("%d threads compute, want 3: %+v", computing, d.Tasks)
	}
	entries, err := os.ReadDir(dir + "fd")
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Descriptors) != len(entries) {
		t.Errorf("%d descriptors, the kernel has %d", len(d.Descriptors), len(entries))
	}
	for _, open := range d.Descriptors {
		same(fmt.Sprintf("descriptor %d", open.FD), open.Target, link(fmt.Sprintf("fd/%d", open.FD)))
	}

	output, err := exec.Command("ps", "-o", "ppid=,nlwp=,ni=,state=,user:32=,rss=", "-p", strconv.Itoa(worker.PID)).Output()
	if err != nil {
		t.Skipf("the rest needs ps: %v", err)
	}
	same("ps", strings.Fields(string(output)),
		[]any{d.PPID, d.Threads, *d.Nice, d.State, d.User, d.RSS >> 10})
	same("parent", d.PPID, parent.PID)

	status, answer := p.Call(client.Viewer, "GET", fmt.Sprintf("/api/processes/%d", worker.ID), nil)
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(answer, &fields); status != 200 || err != nil {
		t.Fatalf("as a viewer: %d %v %s", status, err, answer)
	}
	for _, secret := range []string{"cmdline", "environ"} {
		if _, there := fields[secret]; there {
			t.Errorf("a viewer gets the %s", secret)
		}
	}
	if bytes.Contains(answer, []byte("GOMAXPROCS")) || len(fields["tasks"]) == 0 {
		t.Errorf("a viewer gets %s", answer)
	}
}

// TestEnds holds how processes ended, and what they printed, against what they were asked to do.
func TestEnds(t *testing.T) {
	p := boot(t)
	f := p.Follow(client.Viewer, nil)
	parent := p.Start("idle", nil, 0, 1)[0]
	for _, c := range []struct {
		workload       string
		params         client.M
		status         int
		signal         string
		stdout, stderr string
	}{
		{"crash", client.M{"how": "exit", "code": 3, "delay_ms": 0}, 3, "", "", ""},
		{"crash", client.M{"how": "exit", "code": 0, "delay_ms": 0}, 0, "", "", ""},
		{"crash", client.M{"how": "panic", "delay_ms": 0}, 2, "", "", "panic: crash: panics, as it was asked to"},
		{"crash", client.M{"how": "segv", "delay_ms": 0}, 0, "SEGV", "", ""},
		{"crash", client.M{"how": "abort", "delay_ms": 0}, 0, "ABRT", "", ""},
		{"primes", client.M{"n": 10_000}, 0, "", "primes up to 10000: 1229\n", ""},
	} {
		for _, under := range []int{0, parent.ID} { // whose child it is must make no difference
			name := fmt.Sprintf("%s %v under %d", c.workload, c.params, under)
			began := p.Start(c.workload, c.params, under, 1)[0]
			var e client.Event
			f.Await(name+" has ended", func(m *client.Model) bool {
				e = m.Exited[began.ID]
				return e.ID != 0
			})
			if e.PID != began.PID || e.Name != c.workload || e.Signal != c.signal || c.signal == "" && (e.Status == nil || *e.Status != c.status) {
				t.Errorf("%s: told as %+v", name, e)
			}
			d := detailsOf(p, began.ID)
			switch {
			case d.State != "X" || d.PID != began.PID || d.Name != c.workload:
				t.Errorf("%s: its details are %+v", name, d)
			case c.signal != "" && (d.Signal == nil || *d.Signal != c.signal || d.Status != nil),
				c.signal == "" && (d.Status == nil || *d.Status != c.status || d.Signal != nil):
				t.Errorf("%s: its details say status %v, signal %v", name, d.Status, d.Signal)
			}
			var output struct{ Stdout, Stderr, Note string }
			p.Must(200, "GET", fmt.Sprintf("/api/processes/%d/output", began.ID), nil, &output)
			if output.Note != "" || output.Stdout != c.stdout || !strings.HasPrefix(output.Stderr, c.stderr) || c.stderr == "" && output.Stderr != "" {
				t.Errorf("%s: its output is %+v", name, output)
			}
			f.Await("the stream brings what it printed", func(m *client.Model) bool {
				streamed := map[string]string{}
				for _, e := range m.Events {
					if e.Kind == "output" && e.ID == began.ID {
						streamed[e.Stream] += e.Text
					}
				}
				return streamed["stdout"] == c.stdout && strings.Contains(streamed["stderr"], c.stderr)
			})
		}
	}
	mother := p.Start("zombie", nil, 0, 1)[0]
	var zombie client.Process
	f.Await("a zombie", func(m *client.Model) bool {
		for _, row := range m.Live {
			if row.State == "Z" && row.Parent == mother.ID {
				zombie = row
			}
		}
		return zombie.ID != 0
	})
	if d := detailsOf(p, zombie.ID); d.State != "Z" || d.Status == nil || *d.Status != 0 || d.Role != "zombie" {
		t.Errorf("the zombie's details are %+v", d)
	}
}

// TestRunOutput: the output of a program of the user's goes to the terminal, and the page says so.
func TestRunOutput(t *testing.T) {
	stdin, hold, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Close()
	p := client.Boot(t, client.Options{Program: program, Stdin: stdin, Command: []string{"sh", "-c", "echo out; echo err >&2; read end"}})
	stdin.Close()
	p.Stdout.Await(t, "out")
	p.Stderr.Await(t, "err")
	for _, row := range p.Tree().Processes {
		var output struct{ Stdout, Stderr, Note string }
		p.Must(200, "GET", fmt.Sprintf("/api/processes/%d/output", row.ID), nil, &output)
		if output.Note != "the output is in the terminal" || output.Stdout != "" || output.Stderr != "" {
			t.Errorf("%s: %+v", row.Name, output)
		}
	}
}
