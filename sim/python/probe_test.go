//go:build linux

package python

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vivero/sim/flight"
)

// sameAsWithout runs the program without the probe and with it, on each Python: output, tracebacks and status are the same to
// the letter. check looks at what the recorders say.
func sameAsWithout(t *testing.T, pythons []string, home string, p program, check func(t *testing.T, all told)) {
	t.Helper()
	for _, python := range pythons {
		t.Run(versionOf(python), func(t *testing.T) {
			t.Parallel()
			with, without := p.run(t, python, home), p.run(t, python, "")
			if with.stdout != without.stdout || with.status != without.status {
				t.Errorf("with the probe %s:\n%s\nwithout %s:\n%s", with.status, with.stdout, without.status, without.stdout)
			}
			if with.stderr != without.stderr {
				t.Errorf("stderr with the probe:\n%s\nwithout:\n%s", with.stderr, without.stderr)
			}
			check(t, read(t, with.dir))
		})
	}
}

func versionOf(python string) string {
	for _, part := range strings.Split(python, "/") {
		if strings.HasPrefix(part, "3.") {
			return part
		}
	}
	return filepath.Base(python)
}

// exact checks that all messages were counted at both ends, and each was recorded or counted as left out.
func exact(messages uint64, recorders int) func(t *testing.T, all told) {
	return func(t *testing.T, all told) {
		t.Helper()
		if all.sent != messages || all.received != messages || all.recorders != recorders {
			t.Errorf("%d sent, %d received by %d processes, want %d by %d", all.sent, all.received, all.recorders, messages, recorders)
		}
		if all.sentBytes != all.recvBytes || all.sentBytes < messages {
			t.Errorf("%d bytes sent, %d received", all.sentBytes, all.recvBytes)
		}
		if all.buffered != 0 || all.writing != 0 {
			t.Errorf("%d messages in buffers, %d writers blocked, want none", all.buffered, all.writing)
		}
		// Beside them there are, where they were overwritten here, the beginnings and ends of children.
		if steps := all.written + all.unrecorded - all.others; steps < 2*messages || steps > 2*messages+5 {
			t.Errorf("%d records and %d left out, want %d in all", all.written-all.others, all.unrecorded, 2*messages)
		}
	}
}

// TestPrograms: every way to make processes and to let them talk.
func TestPrograms(t *testing.T) {
	home := install(t)
	every := pythons(t)
	// What differs between versions is tried with each; the rest with the oldest and the newest.
	ends := []string{every[0], every[len(every)-1]}
	if len(every) == 1 {
		ends = every
	}
	for _, c := range []struct {
		args    string
		pythons []string
		check   func(t *testing.T, all told)
	}{
		{"methods.py fork spawn forkserver", every, func(t *testing.T, all told) {
			// The parent, three children, and the server that forked the last of them.
			exact(3*41, 5)(t, all)
			for _, name := range []string{"hijo fork", "hijo spawn", "hijo forkserver", "forkserver", ""} {
				if !all.names[name] {
					t.Errorf("no process is called %q: %v", name, all.names)
				}
			}
			for _, text := range []string{"7", "(7, 49)", "None"} {
				if !all.texts[text] {
					t.Errorf("no message reads %q: %v", text, all.texts)
				}
			}
			if !all.channelKinds[flight.Pipe] || !all.channelKinds[flight.Socket] {
				t.Errorf("kinds of channel: %v", all.channelKinds)
			}
		}},
		{"nested.py", ends, exact(8, 5)},
		{"exceptions.py", every, func(t *testing.T, all told) {
			if !all.endRead || !all.broken || all.recorders != 3 || !all.texts["Odd(…)"] {
				t.Errorf("%+v", all)
			}
		}},
		{"terminated.py", ends, func(t *testing.T, all told) {
			exact(2, 3)(t, all)
			if all.reading != 2 {
				t.Errorf("%d were killed while they waited for a message, want 2", all.reading)
			}
		}},
		{"pools.py", ends, func(t *testing.T, all told) {
			if all.recorders != 7 || all.sent < 20 || all.received > all.sent {
				t.Errorf("%+v", all)
			}
		}},
		{"managed.py", ends, func(t *testing.T, all told) {
			if all.recorders != 4 || all.sent < 40 || !all.names["Process-2"] {
				t.Errorf("%+v", all)
			}
		}},
		{"queues.py", every, exact(51+51+3, 2)},
		{"forks.py", every, exact(3, 3)},
		{"threads.py", every, exact(8000, 2)},
		{"signals.py", ends, func(t *testing.T, all told) {
			if all.sent != 3 || all.received != 3 || all.recorders != 1 || all.reading != 0 {
				t.Errorf("%+v", all)
			}
		}},
		{"plain.py", ends, exact(0, 0)},
	} {
		t.Run(strings.Fields(c.args)[0], func(t *testing.T) {
			sameAsWithout(t, c.pythons, home, program{args: strings.Fields(c.args)}, c.check)
		})
	}
}

// TestScripts: those that ship, with small sizes; times are the only thing that may differ, and are not printed or cut off.
func TestScripts(t *testing.T) {
	home := install(t)
	python := pythons(t)[0]
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"pipe", "--pause", "0", "--processes", "3", "--size", "10"}, "the sum of all squares: 1155\n"},
		{[]string{"queue_demo", "--pause", "0", "--processes", "3", "--size", "10"}, "30 messages were sent and 30 received\n"},
		{[]string{"pool", "--processes", "3", "--size", "10"}, "primes below 10000: 1229\n"},
		{[]string{"mp_worker", "--processes", "3", "--size", "10000"}, "primes up to 10000: 1229  in"},
		{[]string{"mp_worker", "--processes", "3", "--size", "96", "--work", "image"}, "96×64 pixels blurred: sha256 74e421e7a60c63f8"},
		{[]string{"mp_worker", "--help"}, "--way {all,sequential,threads,processes}"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			t.Parallel()
			p := program{args: append([]string{Script(home, c.args[0])}, c.args[1:]...)}
			with, without := p.run(t, python, home), p.run(t, python, "")
			for _, e := range []ended{with, without} {
				if e.status != "exit status 0" || e.stderr != "" || !strings.Contains(e.stdout, c.want) {
					t.Errorf("%s, stdout %q, stderr %q; want %q", e.status, e.stdout, e.stderr, c.want)
				}
			}
			if all := read(t, with.dir); all.recorders < 3 && c.args[1] != "--help" || all.sent < all.received {
				t.Errorf("%d recorders, %d sent, %d received", all.recorders, all.sent, all.received)
			}
		})
	}
}

// TestExact: 100,000 messages in all, through a pipe there and back, and through a queue.
func TestExact(t *testing.T) {
	const n = 33_334
	home := install(t)
	for _, python := range pythons(t) {
		t.Run(versionOf(python), func(t *testing.T) {
			t.Parallel()
			got := program{args: []string{"count.py", fmt.Sprint(n)}}.run(t, python, home)
			if want := fmt.Sprintf("%d\n", n*(n-1)); got.stdout != want || got.stderr != "" {
				t.Errorf("stdout %q, want %q, stderr %q", got.stdout, want, got.stderr)
			}
			exact(3*n, 2)(t, read(t, got.dir))
		})
	}
}

// TestTheUsersOwnStart: a sitecustomize of the user's runs as ever, with its failures; options that keep the environment or
// the site out keep the probe out.
func TestTheUsersOwnStart(t *testing.T) {
	home := install(t)
	user := t.TempDir()
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(user, "sitecustomize.py"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const script = "import multiprocessing as m, sys; a, b = m.Pipe(); a.send(1); print(b.recv(), sys.flags.no_site or sys.path, 'sitecustomize' in sys.modules and sys.modules['sitecustomize'].__dict__.get('mine'))"
	python := pythons(t)[0]
	for _, c := range []struct {
		name, site string
		options    []string
		recorders  int
	}{
		{"runs", "print('mine'); mine = 7; import multiprocessing.connection", nil, 1},
		{"fails", "print('mine')\nraise ValueError('in sitecustomize')", nil, 1},
		{"lacks a module", "import there_is_no_such_module", nil, 1},
		{"exits", "import sys\nsys.exit(3)", nil, 0},
		{"-E", "print('mine')", []string{"-E"}, 0},
		{"-I", "print('mine')", []string{"-I"}, 0},
		{"-S", "print('mine')", []string{"-S"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			write(c.site)
			p := program{args: append(append([]string{}, c.options...), "-c", script), env: []string{"PYTHONPATH=" + user}}
			with, without := p.run(t, python, home), p.run(t, python, "")
			if with.stdout != without.stdout || with.stderr != without.stderr && c.name != "exits" || with.status != without.status {
				t.Errorf("with the probe %s:\n%s%s\nwithout %s:\n%s%s", with.status, with.stdout, with.stderr, without.status, without.stdout, without.stderr)
			}
			if all := read(t, with.dir); all.recorders != c.recorders {
				t.Errorf("%d recorders, want %d", all.recorders, c.recorders)
			}
		})
	}
	t.Run("env={}", func(t *testing.T) {
		p := program{args: []string{"-c", "import subprocess, sys; print(subprocess.call([sys.executable, '-c', 'import multiprocessing as m; a, b = m.Pipe(); a.send(1); b.recv()'], env={}))"}}
		with := p.run(t, python, home)
		if all := read(t, with.dir); with.stdout != "0\n" || all.recorders != 0 {
			t.Errorf("stdout %q, %d recorders", with.stdout, all.recorders)
		}
	})
}

// TestBrokenProbe: whatever is wrong with the probe or its folder, the program runs as without.
func TestBrokenProbe(t *testing.T) {
	python := pythons(t)[0]
	args := []string{"methods.py", "fork", "spawn"}
	want := program{args: args}.run(t, python, "")
	same := func(t *testing.T, p program, home string) {
		t.Helper()
		got := p.run(t, python, home)
		if got.stdout != want.stdout || got.status != want.status || got.stderr != "" {
			t.Errorf("%s, stdout %q, stderr %q; want %s, %q", got.status, got.stdout, got.stderr, want.status, want.stdout)
		}
		if all := read(t, got.dir); all.recorders != 0 {
			t.Errorf("%d recorders", all.recorders)
		}
	}
	home := install(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	// The last VIVERO_FLIGHT in the environment is the one that Python sees.
	t.Run("no folder", func(t *testing.T) {
		same(t, program{args: args, env: []string{"VIVERO_FLIGHT=" + file + "/there-is-none"}}, home)
	})
	t.Run("no folder but a file", func(t *testing.T) { same(t, program{args: args, env: []string{"VIVERO_FLIGHT=" + file}}, home) })
	t.Run("no room", func(t *testing.T) { same(t, program{args: args, before: "ulimit -f 8"}, home) })
	for _, name := range []string{"vivero_probe.py", "vivero_flight.py", "vivero_weave.py", "vivero_text.py"} {
		for what, content := range map[string]string{"is no Python": "this is no Python", "raises": "raise RuntimeError", "is empty": ""} {
			t.Run(name+" "+what, func(t *testing.T) {
				t.Parallel()
				home := install(t)
				if err := os.WriteFile(filepath.Join(home, "probe", name), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
				same(t, program{args: args}, home)
			})
		}
	}
}

// TestOtherPythons: those that are too old to be probed run as ever; sitecustomize is read by them too.
func TestOtherPythons(t *testing.T) {
	dir, _ := os.UserHomeDir()
	old := []string{}
	for _, pattern := range []string{"2.*", "3.[0-7].*"} {
		more, _ := filepath.Glob(filepath.Join(dir, ".pyenv/versions", pattern, "bin/python"))
		old = append(old, more...)
	}
	if len(old) == 0 {
		t.Skip("this machine has no Python older than 3.8")
	}
	home := install(t)
	for _, python := range old {
		p := program{args: []string{"-c", "import multiprocessing as m, sys; a, b = m.Pipe(); a.send(1); sys.stdout.write(repr((b.recv(), sys.path)))"}}
		with, without := p.run(t, python, home), p.run(t, python, "")
		with.dir, without.dir, with.cpu, without.cpu = "", "", 0, 0
		if with != without || with.status != "exit status 0" {
			t.Errorf("%s: with the probe %+v, without %+v", python, with, without)
		}
	}
}

// TestGoldenBytes holds the Python writer to the bytes of Go's (sim/flight has the other half).
func TestGoldenBytes(t *testing.T) {
	want, err := os.ReadFile("../flight/testdata/golden.flight")
	if err != nil {
		t.Fatal(err)
	}
	for _, python := range pythons(t) {
		got, err := exec.Command(python, "-B", "testdata/golden.py", "probe").Output()
		if err != nil || string(got) != string(want) {
			t.Errorf("%s: %v, written:\n%s\nwant:\n%s", python, err, got, want)
		}
	}
}

// TestInstall: the user's own path stays, after the probe's.
func TestInstall(t *testing.T) {
	home := install(t)
	for _, c := range []struct{ env, want string }{
		{"A=1", home + "/probe"}, {"PYTHONPATH=", home + "/probe"}, {"PYTHONPATH=/x:/y", home + "/probe:/x:/y"},
	} {
		env := Probed([]string{c.env, "B=2"}, home)
		if got := env[len(env)-1]; got != "PYTHONPATH="+c.want || env[len(env)-2] != "B=2" {
			t.Errorf("%q became %q", c.env, env)
		}
	}
	if got := Probed([]string{"A=1"}, ""); len(got) != 1 {
		t.Errorf("without a home: %q", got)
	}
	for _, name := range []string{"mp_worker", "pipe", "queue_demo", "pool"} {
		if stat, err := os.Stat(Script(home, name)); err != nil || stat.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, stat, err)
		}
	}
	if _, err := Install(filepath.Join(home, "probe", "sitecustomize.py")); err == nil || !strings.Contains(err.Error(), "install the Python probe") {
		t.Errorf("installed into a file: %v", err)
	}
}
