//go:build unix

package ipc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"vivero/sim/flight"
)

// peerVariable makes the test program the other process: what it does, a count, and the folder of its recorder or "".
const peerVariable = "IPC_PEER"

func init() {
	if os.Getenv(peerVariable) != "" {
		runtime.LockOSThread() // to the main thread, as a worker
	}
}

func TestMain(m *testing.M) {
	if what := os.Getenv(peerVariable); what != "" {
		os.Exit(peer(strings.Split(what, ",")))
	}
	goleak.VerifyTestMain(m)
}

// peer is the other process: "write,N,FOLDER" sends N messages, "read,N,FOLDER" receives until the end of file or until it
// is stopped, and says what it counted.
func peer(what []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	release, err := Interrupt(ctx)
	if err != nil {
		fmt.Println(err)
		return 3
	}
	defer release()
	var recorder *flight.Recorder
	if what[2] != "" {
		if recorder, err = flight.Create(what[2], 1, 1, what[0], flight.Asked{}); err != nil {
			fmt.Println(err)
			return 3
		}
	}
	ends, err := Inherit(recorder)
	if err != nil {
		fmt.Println(err)
		return 3
	}
	count, _ := strconv.Atoi(what[1])
	bare := len(what) > 3 && what[3] == "bare"
	switch what[0] {
	case "write":
		w := ends.Writers[0]
		w.bare = bare
		text := make([]byte, w.Size)
		for i := 0; err == nil && (count == 0 || i < count); i++ {
			err = w.Send(ctx, text)
		}
		messages, bytes := w.Sent()
		fmt.Println("sent", messages, bytes, said(err))
	case "read":
		r := ends.Readers[0]
		r.bare = bare
		var first int64
		for i := 0; err == nil && (count == 0 || i < count); i++ {
			if _, err = r.Receive(ctx); err == nil {
				r.Done()
			}
			if i == 0 {
				first = flight.Now()
			}
		}
		messages, bytes := r.Received()
		fmt.Println("received", messages, bytes, "in", flight.Now()-first, "ns:", said(err))
	}
	return 0
}

func said(err error) string {
	switch {
	case err == nil:
		return "all"
	case errors.Is(err, ErrNoReader):
		return "no reader"
	case errors.Is(err, ErrNoWriter):
		return "no writer"
	case errors.Is(err, context.Canceled):
		return "stopped"
	}
	return err.Error()
}

// process is a peer that runs.
type process struct {
	t testing.TB
	*exec.Cmd
	out strings.Builder
}

// begin starts a peer with one end of m.
func begin(t testing.TB, m *Made, end string, what ...string) *process {
	t.Helper()
	fd := m.Read
	if end == ForWrite {
		fd = m.Write
	}
	list, err := json.Marshal([]End{m.End(end, 3)})
	if err != nil {
		t.Fatal(err)
	}
	copied, err := syscall.Dup(fd)
	if err != nil {
		t.Fatal(err)
	}
	syscall.CloseOnExec(copied)
	file := os.NewFile(uintptr(copied), end)
	defer file.Close()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, Cmd: exec.Command(program)}
	p.Env = append(os.Environ(), EndsVariable+"="+string(list), peerVariable+"="+strings.Join(what, ","), "GOMAXPROCS=1", "GORACE=atexit_sleep_ms=0")
	p.ExtraFiles = []*os.File{file}
	p.Stdout, p.Stderr = &p.out, os.Stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.ProcessState == nil {
			_ = p.Process.Kill()
			_ = p.Wait()
		}
	})
	return p
}

// end waits for it and is what it said.
func (p *process) end() string {
	p.t.Helper()
	if err := p.Wait(); err != nil {
		p.t.Fatalf("%v: %s", err, p.out.String())
	}
	return strings.TrimSpace(p.out.String())
}

// view opens the recorder of a peer, waiting until there is one.
func (p *process) view(folder string) *flight.File {
	p.t.Helper()
	var file *flight.File
	until(p.t, "there is a recorder", func() bool {
		var err error
		file, err = flight.Open(filepath.Join(folder, fmt.Sprintf("%d-0", p.Process.Pid)))
		return err == nil
	})
	p.t.Cleanup(func() { file.Close() })
	return file
}

func read(t testing.TB, f *flight.File) (v flight.View) {
	t.Helper()
	if err := f.Read(&v, false); err != nil {
		t.Fatal(err)
	}
	return v
}

func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 30 s", what)
		}
		time.Sleep(time.Millisecond) // between looks
	}
}

func create(t testing.TB, s Spec) *Made {
	t.Helper()
	m, err := Make(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close(); m.CloseWatch() })
	return m
}
