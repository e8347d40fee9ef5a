//go:build linux

package python

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"vivero/sim/flight"
)

// patience is how long a program may take; machines stall.
const patience = 90 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pythons are the interpreters of this machine that the probe works with, the oldest first: python3, and each 3.X that is
// installed beside it.
func pythons(t testing.TB) []string {
	t.Helper()
	found := map[string]string{}
	paths := []string{}
	if path, err := Find(); err == nil {
		paths = append(paths, path)
	}
	home, _ := os.UserHomeDir()
	for _, pattern := range []string{filepath.Join(home, ".pyenv/versions/3.*/bin/python3"), "/usr/bin/python3.[0-9]*"} {
		more, _ := filepath.Glob(pattern)
		paths = append(paths, more...)
	}
	const ask = "import sys; v = sys.version_info; v >= (3, 8) and print('%d.%02d\\n%s' % (v[0], v[1], sys.executable))"
	for _, path := range paths {
		out, err := exec.Command(path, "-c", ask).Output()
		version, executable, ok := strings.Cut(strings.TrimSpace(string(out)), "\n")
		if _, known := found[version]; err == nil && ok && !known {
			found[version] = executable
		}
	}
	if len(found) == 0 {
		t.Skip("this machine has no Python 3.8 or newer")
	}
	versions := []string{}
	for version := range found {
		versions = append(versions, version)
	}
	sort.Strings(versions)
	for i, version := range versions {
		versions[i] = found[version]
	}
	return versions
}

// ended is what a program leaves behind.
type ended struct {
	stdout, stderr string
	status         string
	dir            string // where its recorders are
	cpu            time.Duration
}

// program is a Python program that a test runs. Env is what comes to the environment beside what every program has.
type program struct {
	args   []string // of the interpreter
	env    []string
	before string // a shell command before it, such as a limit
}

// run runs it in a folder of its own; home is where the probe is, "": it runs without.
func (p program) run(t testing.TB, python, home string) ended {
	t.Helper()
	dir := t.TempDir()
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "LANG=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1"}
	env = append(env, p.env...)
	if home != "" {
		env = Probed(append([]string{"VIVERO_FLIGHT=" + dir}, env...), home)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, p.args...)
	if p.before != "" {
		cmd = exec.CommandContext(ctx, "sh", append([]string{"-c", p.before + ` && exec "$0" "$@"`, python}, p.args...)...)
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Env, cmd.Dir = &stdout, &stderr, env, "testdata/programs"
	cmd.WaitDelay = 10 * time.Second
	err := cmd.Run()
	var failed *exec.ExitError
	if ctx.Err() != nil || err != nil && !errors.As(err, &failed) {
		t.Fatalf("%v: %v, %v; stdout %q, stderr %q", p.args, err, ctx.Err(), &stdout, &stderr)
	}
	return ended{stdout.String(), stderr.String(), cmd.ProcessState.String(), dir, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
}

// told is what all recorders of a program say together.
type told struct {
	recorders            int
	names                map[string]bool
	sent, received       uint64
	sentBytes, recvBytes uint64
	buffered             uint64
	written              uint64 // records, also those that were overwritten before they could be read here
	unrecorded           uint64
	others               uint64 // records of other kinds, where none was overwritten
	endRead, broken      bool
	writing, reading     int // entries that say so
	texts                map[string]bool
	channelKinds         map[flight.ChannelKind]bool
}

func read(t testing.TB, dir string) told {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := told{names: map[string]bool{}, texts: map[string]bool{}, channelKinds: map[flight.ChannelKind]bool{}}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			t.Errorf("a draft is left: %s", entry.Name())
			continue
		}
		file, err := flight.Open(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		var v flight.View
		err = file.Read(&v, true)
		file.Close()
		if err != nil {
			t.Fatal(err)
		}
		if v.Language != 2 || v.Start == 0 || entry.Name() != fmt.Sprintf("%d-%d", v.PID, v.Generation) {
			t.Errorf("%s: identity %+v", entry.Name(), v.Identity)
		}
		all.recorders++
		all.names[v.Name] = true
		all.unrecorded += v.Unrecorded
		all.written += uint64(len(v.Events)) + v.Lost
		for _, e := range v.Events {
			if e.Kind != flight.Sent && e.Kind != flight.Received {
				all.others++
				continue
			}
			text, _, _ := strings.Cut(string(e.Preview[:]), "\x00")
			all.texts[text] = true
		}
		for _, e := range v.Entries {
			all.sent += e.Sent
			all.received += e.Received
			all.sentBytes += e.SentBytes
			all.recvBytes += e.RecvBytes
			all.buffered += e.Buffered
			all.endRead = all.endRead || e.EndRead
			all.broken = all.broken || e.Broken
			all.channelKinds[e.Kind] = true
			if e.Writing != 0 {
				all.writing++
			}
			if e.Reading != 0 {
				all.reading++
			}
		}
	}
	return all
}

func install(t testing.TB) string {
	t.Helper()
	home, err := Install(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return home
}
