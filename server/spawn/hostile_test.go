//go:build linux

package spawn

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"vivero/server/proc"
	"vivero/server/refusal"
	"vivero/sim/control"
)

func TestHostileWorkers(t *testing.T) {
	hostile := func(how string) Options { return Options{Env: append(os.Environ(), "HOSTILE="+how)} }
	t.Run("garbage", func(t *testing.T) {
		s, r := start(t, hostile("garbage"))
		p := one(t, s, Spec{Workload: "idle"})
		r.await(t, "the one good message", func() bool { return r.progress[p.Key.PID] == 0.25 })
		if len(r.started) != 1 || len(r.reaped) != 0 || r.admitted != 1 {
			t.Errorf("started %v, reaped %v, admitted %d", r.started, r.reaped, r.admitted)
		}
	})
	t.Run("flood", func(t *testing.T) {
		s, r := start(t, hostile("flood"))
		p := one(t, s, Spec{Workload: "idle"})
		r.await(t, "progress", func() bool { return r.progress[p.Key.PID] == 0.25 })
		if err := s.Signal(p.Key, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		r.await(t, "its end", func() bool { return r.reaped[p.Key.PID].Signal == 9 })
	})
	t.Run("liar", func(t *testing.T) {
		s, r := start(t, hostile("liar"))
		p := one(t, s, Spec{Workload: "idle"})
		for range 2 {
			_, err := s.Start(t.Context(), []Spec{{Workload: "idle", Parent: p.Key.PID}})
			if refusal.Status(err) != 409 || !strings.Contains(err.Error(), "which it did not fork") {
				t.Errorf("got %v", err)
			}
		}
		gone, err := s.Start(t.Context(), []Spec{{Workload: "idle", Parent: p.Key.PID}})
		if err != nil || gone[0].Key != (proc.Key{PID: 4_000_000}) {
			t.Errorf("got %v, %v; want a process that is gone", gone, err)
		}
		if !alive(p.Key) || len(r.reaped) != 0 {
			t.Error("somebody was hit")
		}
	})
}

// misbehave is a worker as an attacker would write it.
func misbehave(how string) {
	say := func(text string) { _ = unix.Sendto(control.FD, []byte(text), 0, nil) }
	say(`{"kind":"hello","pid":` + fmt.Sprint(os.Getpid()) + `}`)
	switch how {
	case "garbage":
		for _, text := range []string{"", "{", "null", "[]", `{"kind":"no"}`, `{"kind":"progress","share":7}`, `{"kind":"started","order":1,"pid":1}`,
			`{"kind":"started","order":99,"pid":2}`, `{"kind":"spawn","order":1,"deadline":1,"workload":"idle"}`, `{"kind":"reaped","pid":2}`,
			`{"kind":"ask","ask":1,"workload":"../../bin/sh"}`, `{"kind":"ask","ask":2,"workload":"idle","params":[1]}`, `{"kind":"failed","order":5}`,
			string(make([]byte, 9000))} {
			if text != "" { // an empty packet would be the end of the socket
				say(text)
			}
		}
		say(`{"kind":"progress","share":0.25}`)
	case "flood":
		for {
			say(`{"kind":"progress","share":0.25}`)
		}
	case "liar": // names its own parent, then us, then a process that does not exist
		buf := make([]byte, control.MaxMessage)
		for _, pid := range []int{os.Getppid(), os.Getpid(), 4_000_000} {
			m, files, err := control.Receive(control.FD, buf)
			if err != nil {
				os.Exit(3)
			}
			for _, f := range files {
				unix.Close(f)
			}
			say(fmt.Sprintf(`{"kind":"started","order":%d,"pid":%d}`, m.Order, pid))
		}
	}
	for {
		unix.Pause()
	}
}
