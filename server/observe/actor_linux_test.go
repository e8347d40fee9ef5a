package observe

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"vivero/sim/flight"
)

// An actor is this test program as a process of the tree: it records what it does, as a worker would, one order a line.
// The order is answered by a line once it is carried out.
//
//	open KIND       takes descriptor 3 as a channel (pipe, queue or socket) of the recorder
//	send N          records the sending of N messages, and writes 'x' for each
//	receive N       reads N of them and records that; the last one stays in its hand
//	gate            stands at a gate, should it be held
//	end, broken     records the end of file, a write that failed
//	absurd          fills the table with nonsense
//	again           executes itself anew: another program, the same process
func play(role string) {
	runtime := newActor(role)
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		runtime.act(strings.Fields(in.Text()))
		fmt.Println("done", in.Text())
	}
}

type actor struct {
	recorder *flight.Recorder
	channel  *flight.Channel
	sent     uint64
	received uint64
}

func newActor(dir string) *actor {
	start, err := startOf(os.Getpid())
	if err != nil {
		panic(err)
	}
	r, err := flight.Create(dir, start, 1, "actor", flight.Asked{})
	if err != nil {
		panic(err)
	}
	return &actor{recorder: r}
}

func (a *actor) act(order []string) {
	n := uint64(0)
	if len(order) > 1 {
		fmt.Sscan(order[1], &n)
	}
	switch order[0] {
	case "open":
		var st unix.Stat_t
		if err := unix.Fstat(3, &st); err != nil {
			panic(err)
		}
		kind := map[string]flight.ChannelKind{"pipe": flight.Pipe, "queue": flight.Queue, "socket": flight.Socket}[order[1]]
		a.channel, _ = a.recorder.Channel(kind, flight.Reads|flight.Writes, uint64(st.Dev), st.Ino)
	case "send":
		for range n {
			a.sent++
			a.channel.Begin(a.sent)
			unix.Write(3, []byte("x"))
			a.channel.Sent(flight.Now(), a.sent, []byte(fmt.Sprintf("message %d", a.sent)))
		}
	case "receive":
		for range n {
			a.channel.Done()
			unix.Read(3, make([]byte, 1))
			a.received++
			now := flight.Now()
			a.channel.Received(now, a.received, 4321, now-1000, []byte(fmt.Sprintf("message %d", a.received)))
		}
	case "gate":
		a.recorder.Gate(context.Background(), flight.Sent, a.channel)
	case "end":
		a.channel.Ended(flight.EndRead, flight.Now())
	case "broken":
		a.channel.Ended(flight.Broken, flight.Now())
	case "again":
		exe, _ := os.Executable()
		fmt.Println("done again")
		panic(unix.Exec(exe, os.Args, os.Environ()))
	}
}

// acting is an actor as the test sees it.
type acting struct {
	*exec.Cmd
	t   testing.TB
	in  io.WriteCloser
	out *bufio.Scanner
}

// cast starts an actor that records in dir; channel becomes its descriptor 3.
func cast(t testing.TB, dir string, channel *os.File) *acting {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	a := &acting{Cmd: exec.Command(exe), t: t}
	a.Env = append(os.Environ(), roleVariable+"="+dir)
	a.Stderr = os.Stderr
	if channel != nil {
		a.ExtraFiles = []*os.File{channel}
	}
	if a.in, err = a.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := a.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	a.out = bufio.NewScanner(out)
	if err := a.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.kill)
	return a
}

func (a *acting) kill() {
	if a.ProcessState == nil {
		a.Process.Kill()
		a.Wait()
	}
	a.in.Close()
}

// give gives orders without waiting for them.
func (a *acting) give(orders ...string) {
	a.t.Helper()
	for _, o := range orders {
		if _, err := io.WriteString(a.in, o+"\n"); err != nil {
			a.t.Fatal(err)
		}
	}
}

// do gives orders and waits until each is carried out.
func (a *acting) do(orders ...string) {
	a.t.Helper()
	for _, o := range orders {
		a.give(o)
		if !a.out.Scan() || a.out.Text() != "done "+o {
			a.t.Fatalf("%s: the actor said %q (%v)", o, a.out.Text(), a.out.Err())
		}
	}
}

// pair makes a pipe, for one actor to write and another to read.
func pair(t testing.TB) (read, write *os.File) {
	t.Helper()
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(p[0]), "read"), os.NewFile(uintptr(p[1]), "write")
}
