package truth_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"vivero/test/client"
)

// past waits until a channel is gone, and gives its last row.
func past(f *client.Follower, id int) (c client.Channel) {
	f.Await("the channel is gone", func(m *client.Model) (gone bool) { c, gone = m.Past[id]; return gone })
	return c
}

// exited waits for the end of a process.
func exited(f *client.Follower, id int) (e client.Event) {
	f.Await("it has ended", func(m *client.Model) (ended bool) { e, ended = m.Exited[id]; return ended })
	return e
}

// TestChannelEnds kills one end of a pipe: the other one says in words what that means to it, and the channel tells it too.
func TestChannelEnds(t *testing.T) {
	p := boot(t, "--rate", "50")
	f := p.Follow(client.Presenter, nil)
	start := func(workload string, params client.M) (client.Group, int) {
		x := &ring{t: t, p: p, f: f, group: p.StartGroup(workload, params), of: map[int]object{}}
		return x.group, x.flowing()[0]
	}

	group, id := start("pipe", client.M{"rate": 100})
	writer := p.Role(group, "writer").ID
	p.Signal(p.Role(group, "reader").ID, "KILL", false)
	if e := exited(f, writer); e.Status == nil || *e.Status == 0 {
		t.Errorf("the writer without a reader ended with %+v", e)
	}
	if c := past(f, id); !c.Broken || c.Ended || c.Conserved() != nil {
		t.Errorf("without a reader: %s", c)
	}
	if _, stderr := p.Output(writer); !strings.Contains(stderr, "the reader has gone: EPIPE") {
		t.Errorf("the writer says %q", stderr)
	}

	group, id = start("pipe", client.M{"rate": 100})
	reader := p.Role(group, "reader").ID
	p.Signal(p.Role(group, "writer").ID, "KILL", false)
	if e := exited(f, reader); e.Status == nil || *e.Status != 0 {
		t.Errorf("the reader without a writer ended with %+v", e)
	}
	if c := past(f, id); !c.Ended || c.Broken || c.Conserved() != nil {
		t.Errorf("without a writer: %s", c)
	}
	if _, stderr := p.Output(reader); !strings.Contains(stderr, "the writer has gone: end of file") {
		t.Errorf("the reader says %q", stderr)
	}

	group, id = start("queue", client.M{"rate": 100, "vary": 0, "delay_ms": 60_000})
	p.Signal(p.Role(group, "producer").ID, "STOP", false)
	x := &ring{t: t, p: p, f: f, group: group, of: map[int]object{}}
	x.still("a consumer with a message in its hand")
	before := channelOf(t, p, id)
	consumer := p.Role(group, "consumer")
	p.Signal(consumer.ID, "KILL", false)
	exited(f, consumer.ID)
	x.still("a consumer killed with a message in its hand")
	after := channelOf(t, p, id)
	if *before.Received != 1 || *before.Lost != 0 || *after.Received != 0 || *after.Lost != 1 || *after.Depth != *before.Depth {
		t.Errorf("before %s, after %s: want one message lost", before, after)
	}
	f.Look(func(m *client.Model) {
		if last := m.Last[id]; last.Step != "lost" || last.Process != consumer.ID || last.Number != 1 || m.Steps[id]["lost"] != 1 {
			t.Errorf("the stream told of %v, the last was %+v", m.Steps[id], last)
		}
	})
}

// TestNoChannelIsLeft ends the program in each way while channels of every kind are in use: no name of a queue, no file
// in shared memory and no process stays (the client looks for the last two).
func TestNoChannelIsLeft(t *testing.T) {
	if exec.Command("unshare", "-m", "true").Run() != nil {
		t.Log("the names of message queues cannot be listed here: that needs root")
	}
	for name, end := range map[string]func(p *client.Program){
		"TERM":               func(p *client.Program) { p.Stop() },
		"KILL of the server": func(p *client.Program) { unix.Kill(p.Server, syscall.SIGKILL); p.Wait() },
		"KILL of the keeper": func(p *client.Program) { p.Send(syscall.SIGKILL); p.Wait() },
	} {
		t.Run(name, func(t *testing.T) {
			p := boot(t, "--rate", "50")
			for _, workload := range []string{"pipe", "queue", "queue", "scatter"} {
				p.StartGroup(workload, nil)
			}
			client.Eventually(t, "recorders are at work", func() error {
				if n := len(p.Traffic().Channels); n < 4 {
					return fmt.Errorf("%d channels", n)
				}
				return nil
			})
			end(p)
			p.NothingLeft()
			if left, _ := filepath.Glob(fmt.Sprintf("/dev/shm/*%d*", p.Server)); len(left) > 0 {
				t.Errorf("there is left: %v", left)
			}
			for _, queue := range queues(t) {
				if strings.HasPrefix(queue, fmt.Sprintf("vivero-%d-", p.Server)) {
					t.Errorf("the queue %s is left", queue)
				}
			}
		})
	}
}

// queues are the names of all message queues, as a mount of our own shows them.
func queues(t *testing.T) []string {
	t.Helper()
	list, err := exec.Command("unshare", "-m", "sh", "-c", `mount -t mqueue queues "$0" && ls "$0"`, t.TempDir()).Output()
	if err != nil {
		return nil
	}
	return strings.Fields(string(list))
}

// TestForeignPipe watches a pipe of programs that know nothing of Vivero: only the kernel's word, and that exact.
func TestForeignPipe(t *testing.T) {
	p := client.Boot(t, client.Options{Program: program, Flags: []string{"--rate", "50"}, Command: []string{"sh", "-c", "yes | sleep 100; sleep 100"}})
	f := p.Follow(client.Presenter, nil)
	var now client.Traffic
	var c client.Channel
	client.Eventually(t, "yes is blocked in write", func() error {
		now = p.Traffic()
		if len(now.Channels) != 1 || len(now.Channels[0].Blocked) != 1 {
			return fmt.Errorf("channels: %v", now.Channels)
		}
		c = now.Channels[0]
		return nil
	})
	writer := now.Worker(c.Blocked[0].Process)
	if c.Blocked[0].Op != "write" || writer.Name != "yes" || writer.Waits != "write" || writer.On != c.ID {
		t.Errorf("blocked: %+v, %+v", c.Blocked, writer)
	}
	if len(c.Writers) != 1 || c.Writers[0] != writer.ID || len(c.Readers) != 1 || now.Worker(c.Readers[0]).Name != "sleep" {
		t.Errorf("ends: %s", c)
	}
	full, err := content(grip{pid: writer.PID, fd: 1}, "pipe")
	if err != nil {
		t.Fatal(err)
	}
	if c.Made || c.Kind != "pipe" || c.Capacity == nil || *c.Capacity != 65536 || c.Fill == nil || *c.Fill != full || full != 65536 {
		t.Errorf("FIONREAD says %d bytes: %s", full, c)
	}
	if c.Sent != nil || c.Received != nil || c.Bytes != nil || c.Lost != nil || c.Depth != nil || c.Slots != nil || c.Skipped != nil || c.Rate != nil {
		t.Errorf("what nobody knows is told: %s", c)
	}
	refused(t, p, client.Presenter, nil, []refusal{
		{"POST", fmt.Sprintf("/api/channels/%d/messages", c.ID), client.M{"text": "hello"}, 409, "did not make"},
	})
	var answer control
	p.Must(200, "POST", "/api/pause", nil, &answer)
	if len(answer.Without) != len(now.Processes)-1 {
		t.Errorf("paused: %v have no gates, of %d processes", answer.Without, len(now.Processes)-1)
	}

	// The reader ends: yes has SIGPIPE, as it would have without us.
	unix.Kill(now.Worker(c.Readers[0]).PID, syscall.SIGTERM)
	if e := exited(f, writer.ID); e.Signal != "PIPE" {
		t.Errorf("yes ended with %+v", e)
	}
}

// TestLookingChangesNothing runs a script in which writers lose their readers and readers their writers, again and again
// and in the middle of full and empty pipes, by itself and watched as closely as we can: its output and status are the
// same.
func TestLookingChangesNothing(t *testing.T) {
	script := `
	n=0
	while [ $n -lt 15 ]; do n=$((n+1))
		(trap '' PIPE; while echo "$n writes" 2>/dev/null; do :; done; echo "$n: no reader" >&2) | (read a; echo "read $a")
		yes $n | head -n 20000 | (while read line; do last=$line; done; echo "end of file after $last")
		seq 1 3000 | cat | cat | wc -l
	done
	exit 7`
	alone := exec.Command("sh", "-c", script)
	var stderr strings.Builder
	alone.Stderr = &stderr
	stdout, _ := alone.Output()
	if alone.ProcessState.ExitCode() != 7 || len(stdout) == 0 {
		t.Fatalf("by itself: %v, %q", alone.ProcessState, stdout)
	}
	p := client.Begin(t, client.Options{Program: program, Flags: []string{"--rate", "50"}, Command: []string{"sh", "-c", script}})
	if status := p.Wait(); status != 7 {
		t.Errorf("watched: status %d", status)
	}
	if p.Stdout.String() != string(stdout) {
		t.Errorf("watched, it wrote %q, by itself %q", p.Stdout, stdout)
	}
	theirs := strings.Split(p.Stderr.String(), "\n")
	for line := range strings.SplitSeq(strings.TrimSpace(stderr.String()), "\n") {
		if !slices.Contains(theirs, line) {
			t.Errorf("by itself it wrote %q to stderr; watched: %q", line, p.Stderr)
		}
	}
}
