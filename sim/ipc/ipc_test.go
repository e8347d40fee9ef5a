//go:build linux

package ipc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"vivero/sim/flight"
)

// all are the kinds of channel there are, also those of systems unlike this one.
func all(t *testing.T, check func(t *testing.T, m *Made, poll bool)) {
	for _, kind := range []string{"pipe", "pipe by poll", "queue", "queue of sockets"} {
		t.Run(kind, func(t *testing.T) {
			s := Spec{"numbers", Pipe, 100, 0}
			if strings.HasPrefix(kind, "queue") {
				s = Spec{"numbers", Queue, 100, 5}
			}
			m := create(t, s)
			if kind == "queue of sockets" {
				m.Close()
				m.CloseWatch()
				if err := m.socketPair(unix.ENOSYS); err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(m.Why, "numbers is a pair of datagram sockets") {
					t.Errorf("it does not say so: %q", m.Why)
				}
			}
			check(t, m, kind == "pipe by poll")
		})
	}
}

// pair are both ends of m in this process, recorded in one file.
func pair(t *testing.T, m *Made, poll bool) (*Writer, *Reader, *flight.Recorder) {
	t.Helper()
	recorder, err := flight.Create(t.TempDir(), 1, 1, "both", flight.Asked{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { recorder.Close() })
	w, err := NewWriter(m.End(ForWrite, m.Write), recorder)
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(m.End(ForRead, m.Read), recorder)
	if err != nil {
		t.Fatal(err)
	}
	if poll {
		w.close()
		r.close()
	}
	t.Cleanup(func() { w.close(); r.close() })
	return w, r, recorder
}

func TestMessagesComeInOrder(t *testing.T) {
	all(t, func(t *testing.T, m *Made, poll bool) {
		w, r, _ := pair(t, m, poll)
		for round := range 100 {
			for i := range 4 {
				if err := w.Send(t.Context(), fmt.Append(nil, "text ", round, " ", i, strings.Repeat(".", i*20))); err != nil {
					t.Fatal(err)
				}
			}
			for i := range 4 {
				m, err := r.Receive(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				want := fmt.Sprint("text ", round, " ", i, strings.Repeat(".", i*20))
				if string(m.Payload) != want || m.Number != uint64(4*round+i+1) || int(m.Sender) != os.Getpid() || m.At <= 0 || m.At > flight.Now() {
					t.Fatalf("%+v %q, want %q", m.Header, m.Payload, want)
				}
				r.Done()
			}
		}
	})
}

// TestTryNeverBlocks: a try on a full or empty channel says so at once, and the next message is not lost by it.
func TestTryNeverBlocks(t *testing.T) {
	all(t, func(t *testing.T, m *Made, poll bool) {
		w, r, _ := pair(t, m, poll)
		frame := make([]byte, HeaderSize+m.Size)
		Header{Length: 1, Sender: 1, Number: 1}.Put(frame)
		if _, err := r.tryRead(r.frame); err != errWouldBlock {
			t.Fatalf("reading from the empty channel: %v", err)
		}
		n := 0
		var err error
		for err = w.try(frame); err == nil; err = w.try(frame) {
			n++
		}
		if err != errWouldBlock || n == 0 {
			t.Fatalf("after %d messages: %v", n, err)
		}
		if m.Watch >= 0 {
			if s, err := State(m.Watch); err != nil || s != (QueueState{m.Slots, HeaderSize + m.Size, n}) || n != m.Slots {
				t.Errorf("the kernel says %+v, %d were sent into %d slots: %v", s, n, m.Slots, err)
			}
		}
		for ; n > 0; n-- {
			if _, err := r.tryRead(r.frame); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := r.tryRead(r.frame); err != errWouldBlock {
			t.Fatalf("all was read, and then: %v", err)
		}
	})
}

func TestBlockedIsRecordedAndStops(t *testing.T) {
	all(t, func(t *testing.T, m *Made, _ bool) {
		for _, what := range []string{"read", "write"} {
			end, call := ForRead, unix.SYS_READ
			if what == "write" {
				end, call = ForWrite, unix.SYS_WRITE
			}
			if m.Kind == Queue && !m.Socket {
				call = map[string]int{"read": unix.SYS_MQ_TIMEDRECEIVE, "write": unix.SYS_MQ_TIMEDSEND}[what]
			}
			folder := t.TempDir()
			p := begin(t, m, end, what, "0", folder)
			file := p.view(folder)
			var kinds []flight.Kind
			until(t, "it is recorded as blocked, and is in the call", func() bool {
				v := read(t, file)
				for _, e := range v.Events {
					kinds = append(kinds, e.Kind)
				}
				if len(v.Entries) == 0 {
					return false
				}
				b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/syscall", p.Process.Pid))
				blocked := v.Entries[0].Reading
				if what == "write" {
					blocked = v.Entries[0].Writing
				}
				return blocked != 0 && strings.HasPrefix(string(b), fmt.Sprintf("%d 0x3 ", call))
			})
			if err := p.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			said := p.end()
			v := read(t, file)
			e := v.Entries[0]
			if !strings.HasSuffix(said, "stopped") || e.Reading != 0 || e.Writing != 0 || e.ReadWait+e.WriteWait == 0 || e.Begun != e.Sent {
				t.Errorf("it said %q, and its recorder %+v", said, e)
			}
			want := flight.Reading
			if what == "write" {
				want = flight.Writing
			}
			if !slices.Contains(kinds, want) {
				t.Errorf("no event tells of it: %v", kinds)
			}
		}
	})
}

func TestEnds(t *testing.T) {
	m := create(t, Spec{"numbers", Pipe, 100, 0})
	w, r, _ := pair(t, m, false)
	if err := w.Send(t.Context(), []byte("last")); err != nil {
		t.Fatal(err)
	}
	unix.Close(m.Write)
	m.Write = -1
	w.close()
	if m, err := r.Receive(t.Context()); err != nil || string(m.Payload) != "last" {
		t.Errorf("what was in it: %q, %v", m.Payload, err)
	}
	if _, err := r.Receive(t.Context()); !errors.Is(err, ErrNoWriter) || err.Error() != "numbers: the writer has gone: end of file" {
		t.Errorf("the end: %v", err)
	}
	m = create(t, Spec{"numbers", Pipe, 100, 0})
	w, r, _ = pair(t, m, false)
	unix.Close(m.Read)
	m.Read = -1
	r.close()
	if err := w.Send(t.Context(), []byte("x")); !errors.Is(err, ErrNoReader) || err.Error() != "numbers: the reader has gone: EPIPE" {
		t.Errorf("to nobody: %v", err)
	}
	if n, _ := w.Sent(); n != 0 {
		t.Errorf("%d sent, want none", n)
	}
}

func TestCancelledSendsNothing(t *testing.T) {
	m := create(t, Spec{"numbers", Pipe, 100, 0})
	w, r, _ := pair(t, m, false)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Send(ctx, []byte("x")); err != context.Canceled {
		t.Errorf("send: %v", err)
	}
	if _, err := r.Receive(ctx); err != context.Canceled {
		t.Errorf("receive: %v", err)
	}
	if _, err := Wait(ctx, []*Reader{r}); err != context.Canceled {
		t.Errorf("wait: %v", err)
	}
	if n, err := unix.IoctlGetInt(m.Read, unix.TIOCINQ); n != 0 || err != nil {
		t.Errorf("%d bytes in the pipe, %v", n, err)
	}
}

func TestWaitTakesWhoIsReady(t *testing.T) {
	var writers []*Writer
	var readers []*Reader
	for range 3 {
		w, r, _ := pair(t, create(t, Spec{"numbers", Pipe, 100, 0}), false)
		writers, readers = append(writers, w), append(readers, r)
	}
	for _, i := range []int{2, 0, 1} {
		if err := writers[i].Send(t.Context(), []byte("x")); err != nil {
			t.Fatal(err)
		}
		if got, err := Wait(t.Context(), readers); got != i || err != nil {
			t.Errorf("%d is ready, got %d, %v", i, got, err)
		}
		if _, err := readers[i].Receive(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTooLargeIsRefused(t *testing.T) {
	w, _, _ := pair(t, create(t, Spec{"numbers", Pipe, 100, 0}), false)
	if err := w.Send(t.Context(), make([]byte, 101)); err == nil || err.Error() != "numbers: a message of 101 bytes is over the channel's size, 100" {
		t.Errorf("got %v", err)
	}
	for _, bad := range []struct {
		s   Spec
		why string
	}{
		{Spec{"a", Pipe, 0, 0}, "the size must be 1..4072 bytes, got 0"},
		{Spec{"a", Pipe, 4073, 0}, "the size must be 1..4072 bytes, got 4073"},
		{Spec{"a", Queue, 10, 11}, "the slots must be 1..10 (the system's msg_max), got 11"},
		{Spec{"a", Queue, 10, 0}, "got 0"},
		{Spec{"a", "fifo", 10, 1}, "pipe or queue"},
	} {
		if _, err := Make(bad.s); err == nil || !strings.Contains(err.Error(), bad.why) {
			t.Errorf("%+v: %v, want %q in it", bad.s, err, bad.why)
		}
	}
}

// TestInherit: what the variable says is opened and taken away; nonsense in it is refused.
func TestInherit(t *testing.T) {
	m := create(t, Spec{"numbers", Queue, 100, 5})
	list, _ := json.Marshal([]End{m.End(ForRead, m.Read), m.End(ForWrite, m.Write)})
	t.Setenv(EndsVariable, string(list))
	ends, err := Inherit(nil)
	if err != nil || ends.Reader("numbers") == nil || ends.Writer("numbers") == nil || ends.Reader("other") != nil {
		t.Fatalf("%+v, %v", ends, err)
	}
	if text, given := os.LookupEnv(EndsVariable); given {
		t.Errorf("the variable is still there: %q", text)
	}
	if ends, err := Inherit(nil); err != nil || len(ends.Readers)+len(ends.Writers) != 0 {
		t.Errorf("without it: %+v, %v", ends, err)
	}
	if err := ends.Writer("numbers").Send(t.Context(), []byte("x")); err != nil { // without a recorder too
		t.Error(err)
	}
	for _, bad := range []string{"", "{}", `[{"fd":9999,"kind":"pipe","end":"read","size":5}]`, `[{"fd":0,"kind":"pipe","end":"both","size":5}]`,
		`[{"fd":0,"kind":"pipe","end":"read","size":5000}]`} {
		t.Setenv(EndsVariable, bad)
		if _, err := Inherit(nil); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
