package control

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

var good = []Message{
	{Kind: Hello, PID: 4194304},
	{Kind: Progress, Share: 0.5},
	{Kind: Progress},
	{Kind: Ask, Ask: 1, Workload: "primes", Params: json.RawMessage(`{"n":100}`), Role: "leaf"},
	{Kind: Ask, Ask: 1, Workload: "primes"},
	{Kind: Started, Order: 7, PID: 2, Start: 99},
	{Kind: Failed, Order: 7, Error: "fork: no"},
	{Kind: Reaped, PID: 5, Signal: 9},
	{Kind: Reaped, PID: 5, Code: 255},
	{Kind: Spawn, Order: 1, Workload: "idle", Deadline: 5},
	{Kind: Refused, Ask: 3, Error: "too many processes"},
}

func TestDecodeGivesWhatWasEncoded(t *testing.T) {
	for _, m := range good {
		b, err := Encode(m)
		if err != nil {
			t.Errorf("%+v: %v", m, err)
			continue
		}
		if got, err := Decode(b); err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%s: %+v, %v", b, got, err)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for packet, want := range map[string]string{
		``:                                       "not JSON",
		`[]`:                                     "not JSON",
		`null`:                                   "no such kind",
		`{"kind":"hello","pid":1}`:               "no such pid",
		`{"kind":"hello","pid":99999999}`:        "no such pid",
		`{"kind":"hello","pid":1.5}`:             "not JSON",
		`{"kind":"progress","share":1.01}`:       "share must be 0..1",
		`{"kind":"progress","share":-1}`:         "share must be 0..1",
		`{"kind":"progress","share":1e999}`:      "not JSON",
		`{"kind":"ask","workload":"idle"}`:       "ask must be from 1",
		`{"kind":"ask","ask":-1}`:                "not JSON",
		`{"kind":"ask","ask":1}`:                 "no such workload",
		`{"kind":"ask","ask":1,"workload":"a;"}`: "no such workload",
		`{"kind":"ask","ask":1,"workload":"a","role":"<b>"}`:                  "role must be",
		`{"kind":"ask","ask":1,"workload":"a","params":[]}`:                   "params must be an object",
		`{"kind":"started","pid":5}`:                                          "order must be from 1",
		`{"kind":"started","order":1,"pid":-5}`:                               "no such pid",
		`{"kind":"failed"}`:                                                   "order must be from 1",
		`{"kind":"reaped","pid":5,"code":256}`:                                "no such status",
		`{"kind":"reaped","pid":5,"signal":-9}`:                               "no such status",
		`{"kind":"spawn","order":1,"workload":"idle"}`:                        "order and deadline",
		`{"kind":"refused"}`:                                                  "ask must be from 1",
		`{"kind":"hello","pid":5,"role":"` + strings.Repeat("x", 9000) + `"}`: "at most 8192",
	} {
		_, err := Decode([]byte(packet))
		var bad *Malformed
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %q", packet, err, want)
		}
	}
	if _, err := Encode(Message{Kind: Ask, Ask: 1, Workload: "idle", Params: json.RawMessage(`{"n":"` + strings.Repeat("x", MaxMessage) + `"}`)}); err == nil {
		t.Error("a message that is too long was encoded")
	}
}

// FuzzDecode: no packet makes it panic, and what it lets through it also lets through again.
func FuzzDecode(f *testing.F) {
	for _, m := range good {
		b, err := Encode(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"kind":"ask","ask":1,"workload":"\u0000"}`))
	f.Fuzz(func(t *testing.T, packet []byte) {
		m, err := Decode(packet)
		if err != nil {
			return
		}
		if len(packet) > MaxMessage || m.Share < 0 || m.Share > 1 || m.PID < 0 || m.Code < 0 || m.Signal < 0 {
			t.Errorf("let through: %+v", m)
		}
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(b); err != nil && len(b) <= MaxMessage {
			t.Errorf("%s: let through once, then %v", b, err)
		}
	})
}

func TestSocketCarriesMessagesAndDescriptors(t *testing.T) {
	server, worker, err := Pair()
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(worker)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	order := Message{Kind: Spawn, Order: 1, Workload: "idle", Deadline: Now()}
	b, err := Encode(order)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Sendmsg(server, b, unix.UnixRights(int(write.Fd())), nil, 0); err != nil {
		t.Fatal(err)
	}
	write.Close()
	buf := make([]byte, MaxMessage)
	m, files, err := Receive(worker, buf)
	if err != nil || !reflect.DeepEqual(m, order) || len(files) != 1 {
		t.Fatalf("got %+v, %v, %v", m, files, err)
	}
	if flags, err := unix.FcntlInt(uintptr(files[0]), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("the descriptor is not close-on-exec: %d, %v", flags, err)
	}
	if _, err := unix.Write(files[0], []byte("x")); err != nil {
		t.Error(err)
	}
	unix.Close(files[0])
	if got, err := io.ReadAll(read); err != nil || string(got) != "x" {
		t.Errorf("through the descriptor came %q, %v", got, err)
	}
	for _, packet := range []string{"{", string(make([]byte, MaxMessage+1))} {
		if err := unix.Sendto(server, []byte(packet), 0, nil); err != nil {
			t.Fatal(err)
		}
		var bad *Malformed
		if _, _, err := Receive(worker, buf); !errors.As(err, &bad) {
			t.Errorf("%.5q: %v, want Malformed", packet, err)
		}
	}
	if err := Send(worker, Message{Kind: Hello, PID: 5}); err != nil {
		t.Error(err)
	}
	for err = nil; err == nil; err = TrySend(worker, Message{Kind: Progress, Share: 1}) {
	}
	if err != unix.EAGAIN {
		t.Errorf("a full socket gives %v", err)
	}
	unix.Close(server)
	if _, _, err := Receive(worker, buf); err != io.EOF {
		t.Errorf("after the end: %v", err)
	}
}

func TestIdentity(t *testing.T) {
	ppid, start, err := Identity(os.Getpid())
	if err != nil || ppid != os.Getppid() || start == 0 {
		t.Errorf("of ourselves: %d, %d, %v", ppid, start, err)
	}
	if _, _, err := Identity(1 << 22); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("of nobody: %v", err)
	}
}
