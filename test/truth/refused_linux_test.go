package truth_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"vivero/test/client"
)

// refusal is a request that must change nothing.
type refusal struct {
	method, path string
	body         any
	status       int
	says         string // part of the sentence
}

// refused does each request and sees that it is refused as it should be, that no process came or went, and that the
// canaries live: whoever was hit by mistake would most likely be one of them.
func refused(t *testing.T, p *client.Program, token string, canaries []client.Started, requests []refusal) {
	t.Helper()
	before := pids(t, p)
	for _, r := range requests {
		status, answer := p.Call(token, r.method, r.path, r.body)
		sentence := client.Refusal(answer)
		if status != r.status || sentence == "" || !strings.Contains(sentence, r.says) {
			t.Errorf("%s %s %.80v: %d %s, want %d with a sentence that says %q", r.method, r.path, r.body, status, answer, r.status, r.says)
		}
		if after := pids(t, p); !slices.Equal(after, before) {
			t.Fatalf("%s %s %.80v: there were the processes %v, now %v", r.method, r.path, r.body, before, after)
		}
	}
	for _, canary := range canaries {
		if row, lives := p.Process(canary.ID); !lives || row.PID != canary.PID || row.State != "S" {
			t.Errorf("the canary %v is now %+v", canary, row)
		}
	}
}

// TestRefusals asks for what is wrong in every way that the issue lists.
func TestRefusals(t *testing.T) {
	p := boot(t, "--max-processes", "12")
	canaries := p.Start("idle", nil, 0, 3)
	f := p.Follow(client.Presenter, nil)

	ended := p.Start("crash", client.M{"how": "exit", "code": 3, "delay_ms": 0}, 0, 1)[0]
	parent := p.Start("zombie", nil, 0, 1)[0] // and its child
	var zombie client.Process
	f.Await("one has ended, one is a zombie, and canaries and the zombie's parent are asleep", func(m *client.Model) bool {
		_, gone := m.Exited[ended.ID]
		asleep := 0
		for _, row := range m.Live {
			if row.State == "Z" {
				zombie = row
			}
			if row.Workload != "" && row.State == "S" {
				asleep++
			}
		}
		return gone && zombie.Parent == parent.ID && asleep == len(canaries)+1
	})

	start := func(body any, status int, says string) refusal {
		return refusal{"POST", "/api/processes", body, status, says}
	}
	refused(t, p, client.Presenter, canaries, []refusal{
		start(client.M{"workload": "nosuch"}, 400, `no workload "nosuch"; there are primes`),
		start(client.M{}, 400, "workload is missing"),
		start(nil, 400, "workload is missing"),
		start(client.M{"workload": 7}, 400, "workload must be a string"),
		start(client.M{"workload": "primes", "params": client.M{"n": -5}}, 400, "start primes: n must be 1..1000000000, got -5"),
		start(client.M{"workload": "primes", "params": client.M{"n": 1e300}}, 400, "n must be 1..1000000000"),
		start(client.M{"workload": "primes", "params": client.M{"n": 1.5}}, 400, "n must be 1..1000000000, got 1.5"),
		start(client.M{"workload": "primes", "params": client.M{"n": "many"}}, 400, `n must be 1..1000000000, got "many"`),
		start(client.M{"workload": "primes", "params": client.M{"n": nil}}, 400, "n must be 1..1000000000, got null"),
		start(client.M{"workload": "primes", "params": client.M{"n": []int{1}}}, 400, "n must be 1..1000000000, got [1]"),
		start(client.M{"workload": "primes", "params": client.M{"m": 1}}, 400, `no parameter "m"; it has n`),
		start(client.M{"workload": "primes", "params": []int{1}}, 400, "params must be an object"),
		start(client.M{"workload": "crash", "params": client.M{"how": "loudly"}}, 400, "how must be one of exit, panic, segv, abort"),
		start(client.M{"workload": "crash", "params": client.M{"code": 256}}, 400, "code must be 0..255, got 256"),
		start(client.M{"workload": "idle", "params": client.M{"n": 1}}, 400, "it has none"),
		start(client.M{"workload": "tree", "params": client.M{"depth": 7}}, 400, "depth must be 0..6"),
		start(client.M{"workload": "idle", "count": 0}, 400, "count must be 1..1000, got 0"),
		start(client.M{"workload": "idle", "count": -1}, 400, "count must be 1..1000, got -1"),
		start(client.M{"workload": "idle", "count": 1001}, 400, "count must be 1..1000, got 1001"),
		start(client.M{"workload": "idle", "count": "2"}, 400, "count must be a whole number"),
		start(client.M{"workload": "idle", "count": 1.5}, 400, "count must be a whole number"),
		start(client.M{"workload": "idle", "counts": 2}, 400, `unknown field "counts"; known are workload`),
		start(`{"workload":"idle"`, 400, "not valid JSON"),
		start(`{"workload":"idle"} {}`, 400, "one JSON object and nothing after it"),
		start(`[]`, 400, "must be a JSON object"),
		start("{\"workload\":\"idle\xff\"}", 400, "UTF-8"),
		start(client.M{"workload": "idle", "parent": -1}, 400, "parent must be the id of a process"),
		start(client.M{"workload": "idle", "parent": 1 << 60}, 400, "parent must be the id of a process"),
		start(client.M{"workload": "idle", "parent": 999_999}, 404, "there is no process 999999"),
		start(client.M{"workload": "idle", "parent": ended.ID}, 404, "has ended"),
		start(client.M{"workload": "idle", "parent": zombie.ID}, 409, "is a zombie"),
		// 5 live, the cap is 12: 8 do not fit, nor does a tree of 15, nor three of 3.
		start(client.M{"workload": "idle", "count": 8}, 429, "too many processes (5 live, 8 asked for, cap 12)"),
		start(client.M{"workload": "idle", "count": 8, "parent": canaries[0].ID}, 429, "cap 12"),
		start(client.M{"workload": "tree", "params": client.M{"depth": 3}}, 429, "too many processes (5 live, 15 asked for, cap 12)"),
		start(client.M{"workload": "tree", "params": client.M{"depth": 1}, "count": 3}, 429, "cap 12"),
		{"POST", "/api/end-all", client.M{"really": true}, 400, "unknown field"},
		{"POST", "/api/end-all", `[`, 400, "JSON"},
	})
	refused(t, p, client.Presenter, canaries, wrongTargets(ended.ID))
	refused(t, p, client.Presenter, canaries, []refusal{
		{"POST", "/api/processes/1/signal", client.M{"signal": "KILL"}, 403, "the root is Vivero itself"},
		{"POST", "/api/processes/1/signal", client.M{"signal": "KILL", "tree": true}, 403, "the root is Vivero itself"},
		{"DELETE", "/api/processes/1", nil, 403, "the root is Vivero itself"},
		{"DELETE", "/api/processes/1?tree=true", nil, 403, "the root is Vivero itself"},
		{"DELETE", fmt.Sprintf("/api/processes/%d?tree=yes", canaries[0].ID), nil, 400, "tree must be true or false"},
		{"POST", fmt.Sprintf("/api/processes/%d/signal", canaries[0].ID), client.M{"signal": "NOSUCH"}, 400, "signal: must be one of"},
		{"POST", fmt.Sprintf("/api/processes/%d/signal", canaries[0].ID), client.M{"signal": "9"}, 400, "signal: must be one of"},
		{"POST", fmt.Sprintf("/api/processes/%d/signal", canaries[0].ID), client.M{"signal": 9}, 400, "signal must be a string"},
		{"POST", fmt.Sprintf("/api/processes/%d/signal", canaries[0].ID), client.M{}, 400, "signal: must be one of"},
		{"POST", fmt.Sprintf("/api/processes/%d/signal", canaries[0].ID), client.M{"signal": "KILL", "tree": "yes"}, 400, "tree must be true or false"},
		{"POST", fmt.Sprintf("/api/processes/%d/signal", canaries[0].ID), client.M{"signal": "KILL", "all": true}, 400, "unknown field"},
	})

	t.Run("roles", func(t *testing.T) {
		for _, c := range []struct {
			token  string
			status int
		}{{"", 401}, {"presenter-token-012345678X", 401}, {client.Viewer, 403}} {
			var all []refusal
			for _, r := range []refusal{
				{"POST", "/api/processes", client.M{"workload": "idle"}, 0, ""},
				{"POST", fmt.Sprintf("/api/processes/%d/signal", canaries[0].ID), client.M{"signal": "KILL"}, 0, ""},
				{"DELETE", fmt.Sprintf("/api/processes/%d", canaries[0].ID), nil, 0, ""},
				{"DELETE", fmt.Sprintf("/api/processes/%d?tree=true", canaries[0].ID), nil, 0, ""},
				{"POST", "/api/end-all", nil, 0, ""},
				{"POST", "/api/pause", nil, 0, ""},
				{"POST", "/api/step", nil, 0, ""},
				{"POST", "/api/pace", client.M{"pace": 0.1}, 0, ""},
				{"POST", "/api/resume", nil, 0, ""},
				{"POST", "/api/channels/1/messages", client.M{"text": "1"}, 0, ""},
			} {
				r.status = c.status
				all = append(all, r)
			}
			refused(t, p, c.token, canaries, all)
		}
	})

	t.Run("a stopped parent", func(t *testing.T) {
		stopped := canaries[0]
		p.Signal(stopped.ID, "STOP", false)
		f.Await("it is stopped", func(m *client.Model) bool { return m.Live[stopped.ID].State == "T" })
		refused(t, p, client.Presenter, canaries[1:], []refusal{
			start(client.M{"workload": "idle", "parent": stopped.ID}, 409, "did not answer within 1 s; is it stopped?"),
			start(client.M{"workload": "idle", "parent": stopped.ID, "count": 2}, 409, "did not answer within 1 s; is it stopped?"),
		})
		p.Signal(stopped.ID, "CONT", false)
		// It works off its orders in turn: by the time it has forked this child, it has seen the stale ones.
		child := p.Start("idle", nil, stopped.ID, 1)[0]
		var children []int
		for pid, k := range descendants(t, p.Server) {
			if k.ppid == stopped.PID {
				children = append(children, pid)
			}
		}
		if !slices.Equal(children, []int{child.PID}) {
			t.Errorf("the parent that was stopped has the children %v, want just %d", children, child.PID)
		}
	})

	t.Run("what fits is started whole", func(t *testing.T) {
		before := len(pids(t, p))
		p.Start("tree", client.M{"depth": 1, "grow_ms": 0, "burst_ms": 0}, 0, 2) // 6 live, 12 is the cap: just fits
		f.Await("both trees are grown", func(m *client.Model) bool {
			ours := 0
			for _, row := range m.Live {
				if row.Workload != "" { // the kernel tells of a fork before the worker that did it
					ours++
				}
			}
			return ours == 12
		})
		if after := len(pids(t, p)); before != 6 || after != 12 {
			t.Errorf("%d processes before and %d after, want 6 and 12", before, after)
		}
		refused(t, p, client.Presenter, canaries[1:], []refusal{start(client.M{"workload": "idle"}, 429, "too many processes (12 live, 1 asked for, cap 12)")})
	})
}

// wrongTargets are ids that no process has, on every route that takes one.
func wrongTargets(ended int) (all []refusal) {
	for id, status := range map[string]int{
		"0": 400, "-1": 400, "9223372036854775808": 400, "18446744073709551617": 400, "1;ls": 400, "1%00": 400, "0x2": 400, "02": 400, "+2": 400,
		"%2e%2e": 404, "self": 400, "999999": 404, fmt.Sprint(ended): 404, fmt.Sprint(os.Getpid() + 1_000_000): 404,
	} {
		if id == "%2e%2e" { // the path is cleaned: that is another route
			continue
		}
		all = append(all,
			refusal{"POST", "/api/processes/" + id + "/signal", client.M{"signal": "KILL"}, status, ""},
			refusal{"POST", "/api/processes/" + id + "/signal", client.M{"signal": "KILL", "tree": true}, status, ""},
			refusal{"DELETE", "/api/processes/" + id + "?tree=true", nil, status, ""})
		if id != fmt.Sprint(ended) { // what has ended can still be looked at
			all = append(all,
				refusal{"GET", "/api/processes/" + id, nil, status, ""},
				refusal{"GET", "/api/processes/" + id + "/output", nil, status, ""})
		}
	}
	return all
}

// TestForeignParent: programs that are not ours take no orders.
func TestForeignParent(t *testing.T) {
	stdin, hold, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Close()
	p := client.Boot(t, client.Options{Program: program, Stdin: stdin, Command: []string{"sh", "-c", "sleep 300 & read end"}})
	stdin.Close()
	f := p.Follow(client.Presenter, nil)
	var shell, sleep client.Process
	f.Await("a shell and a sleep", func(m *client.Model) bool {
		for _, row := range m.Live {
			if row.Name == "sh" {
				shell = row
			} else if row.Name == "sleep" {
				sleep = row
			}
		}
		return shell.State == "S" && sleep.State == "S"
	})
	refused(t, p, client.Presenter, nil, []refusal{
		{"POST", "/api/processes", client.M{"workload": "idle", "parent": shell.ID}, 409, "is not a worker of Vivero's and takes no children"},
		{"POST", "/api/processes", client.M{"workload": "idle", "parent": sleep.ID}, 409, "is not a worker of Vivero's and takes no children"},
	})
}
