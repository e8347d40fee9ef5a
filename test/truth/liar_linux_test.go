package truth_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"vivero/test/client"
)

// liar is the control socket of a worker, in the hands of somebody who lies: any program of the same user can take it.
type liar struct {
	t      *testing.T
	p      *client.Program
	worker client.Started
	fd     int
}

func takeSocket(t *testing.T, p *client.Program, worker client.Started) *liar {
	t.Helper()
	handle, err := unix.PidfdOpen(worker.PID, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(handle)
	const socket = 3
	fd, err := unix.PidfdGetfd(handle, socket, 0)
	if err != nil {
		t.Skip("this system does not give away a worker's socket:", err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return &liar{t, p, worker, fd}
}

func (l *liar) say(m client.M) {
	l.t.Helper()
	b, err := json.Marshal(m)
	if err == nil {
		err = unix.Sendto(l.fd, b, unix.MSG_NOSIGNAL, nil)
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

// stopped is nil once all threads of the worker are.
func (l *liar) stopped() error {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", l.worker.PID))
	for _, file := range files {
		text, _ := os.ReadFile(file)
		if _, state, _ := strings.Cut(string(text), ") "); !strings.HasPrefix(state, "T") {
			return fmt.Errorf("%s: %.1s", file, state)
		}
	}
	return err
}

// order asks for a child of the worker's, which is stopped meanwhile, and answers in its place.
func (l *liar) order(lie client.M) (status int, answer []byte) {
	l.t.Helper()
	l.p.Signal(l.worker.ID, "STOP", false)
	client.Eventually(l.t, "no thread of it can read the order", l.stopped)
	defer l.p.Signal(l.worker.ID, "CONT", false)
	done := make(chan struct{})
	go func() {
		defer close(done)
		status, answer = l.p.Call(client.Presenter, "POST", "/api/processes", client.M{"workload": "idle", "parent": l.worker.ID})
	}()
	var order struct{ Order uint64 }
	ready := []unix.PollFd{{Fd: int32(l.fd), Events: unix.POLLIN}} // a deadline of the socket's would be the worker's too
	if n, err := unix.Poll(ready, int(client.Patience.Milliseconds())); n != 1 {
		l.t.Fatalf("no order came: %v", err)
	}
	b := make([]byte, 8<<10)
	n, _, err := unix.Recvfrom(l.fd, b, 0)
	if err == nil {
		err = json.Unmarshal(b[:n], &order)
	}
	if err != nil {
		l.t.Fatal(err)
	}
	lie["order"] = order.Order
	l.say(lie)
	<-done
	return status, answer
}

// TestLiar: whatever a worker claims, the tree shows what is there, nobody is hit, and hostile text is text.
func TestLiar(t *testing.T) {
	p := boot(t)
	workers := p.Start("idle", nil, 0, 2)
	f := p.Follow(client.Presenter, nil)
	l := takeSocket(t, p, workers[0])
	for _, m := range []client.M{
		{"kind": "reaped", "pid": workers[1].PID, "code": 3}, {"kind": "started", "order": 1, "pid": workers[1].PID},
		{"kind": "started", "order": 99, "pid": p.Server}, {"kind": "progress", "share": 2}, {"kind": "spawn"}, {"kind": "failed", "order": 1},
	} {
		l.say(m)
	}
	for name, c := range map[string]struct {
		lie  client.M
		says string
	}{
		"a sibling":  {client.M{"kind": "started", "pid": workers[1].PID}, "which it did not fork"},
		"the server": {client.M{"kind": "started", "pid": p.Server}, "which it did not fork"},
		"a stranger": {client.M{"kind": "started", "pid": p.Keeper}, "which is not its child"},
		"a failure":  {client.M{"kind": "failed", "error": "<img src=x onerror=alert(1)>\x1b[2J"}, "<img src=x"},
	} {
		if status, answer := l.order(c.lie); status != 409 || !strings.Contains(client.Refusal(answer), c.says) {
			t.Errorf("%s: %d %s, want 409 that says %q", name, status, answer, c.says)
		}
	}
	// One that is said to have ended already is believed, and then not found.
	const nobody = 4_000_000 // above the pids that this system has given out
	if status, answer := l.order(client.M{"kind": "started", "pid": nobody}); status != 201 {
		t.Errorf("a process that is gone: %d %s", status, answer)
	}
	client.Eventually(t, "the process that never was has left the tree", func() error {
		for _, row := range p.Tree().Processes {
			if row.PID == nobody {
				return fmt.Errorf("it is %+v", row)
			}
		}
		return nil
	})
	f.Await("it was told to have ended", func(m *client.Model) bool {
		for _, e := range m.Exited {
			if e.PID == nobody {
				return true
			}
		}
		return false
	})
	for _, w := range workers {
		if row, lives := p.Process(w.ID); !lives || row.PID != w.PID {
			t.Errorf("the worker %v is now %+v", w, row)
		}
	}
}
