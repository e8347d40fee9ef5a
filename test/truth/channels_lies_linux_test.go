package truth_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"vivero/test/client"
)

// The layout of docs/flight.md, as far as a liar needs it.
const (
	recorderSize = 77824
	wordPID      = 2
	wordStart    = 3
	wordHead     = 5
	wordPaused   = 66
	entryAt      = 4096 / 8 // the first of the channel table, in words
)

// recorder is a file as a process would make it, changed by lie.
func recorder(pid, start int, lie func(words []uint64)) []byte {
	words := make([]uint64, recorderSize/8)
	words[0], words[1] = 0x0a314f5245564956, 1|64<<16|1024<<32
	words[wordPID], words[wordStart] = uint64(pid), uint64(start)
	if lie != nil {
		lie(words)
	}
	var b []byte
	for _, w := range words {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return b
}

// TestLyingRecorders has files put into the folder of the flight recorders that are none, or lie, by who runs as we do:
// each is refused in a sentence, or shows as its process's own lie; the program and all true numbers are as before.
func TestLyingRecorders(t *testing.T) {
	p := boot(t, "--rate", "50")
	f := p.Follow(client.Presenter, nil)
	x := &ring{t: t, p: p, f: f, of: map[int]object{}, frame: 64, group: p.StartGroup("pipe", client.M{"rate": 1000, "size": 40})}
	honest := x.flowing()[0]
	folders, _ := filepath.Glob(fmt.Sprintf("/dev/shm/vivero-%d-*/flight", p.Keeper))
	if len(folders) != 1 {
		t.Fatalf("the folder of the flight recorders: %v", folders)
	}
	secret := filepath.Join(t.TempDir(), "secret")
	idle := p.Start("idle", nil, 0, 20)
	generation := 0
	drop := func(pid int, make func(path string) error) string {
		generation++
		name := fmt.Sprintf("%d-%d", pid, generation)
		if err := make(filepath.Join(folders[0], name)); err != nil {
			t.Fatal(err)
		}
		return name
	}
	file := func(content []byte) func(string) error {
		return func(path string) error {
			draft := filepath.Join(folders[0], ".draft")
			if err := os.WriteFile(draft, content, 0o600); err != nil {
				return err
			}
			return os.Rename(draft, path) // it appears whole, so that what it says is what is read
		}
	}
	start := func(pid int) int {
		s, err := read(pid)
		if err != nil {
			t.Fatal(err)
		}
		return s.start
	}
	first := idle[0].PID
	refusedFiles := map[string]string{
		drop(idle[1].PID, file(nil)):                                                                      "0 bytes",
		drop(idle[2].PID, file(recorder(first, 0, nil)[:recorderSize-8])):                                 "77816 bytes",
		drop(idle[3].PID, file(append(recorder(first, 0, nil), make([]byte, 1<<20)...))):                  "bytes",
		drop(idle[4].PID, file(recorder(idle[4].PID, start(first), func(w []uint64) { w[0]++ }))):         "magic",
		drop(idle[5].PID, file(recorder(idle[5].PID, start(first), func(w []uint64) { w[1] = 1 << 40 }))): "layout",
		drop(idle[6].PID, file(recorder(first, start(first), nil))):                                       fmt.Sprintf("it is of process %d", first),
		drop(idle[7].PID, file(recorder(idle[7].PID, start(idle[7].PID)+1, nil))):                         "another process",
		drop(os.Getpid(), file(recorder(os.Getpid(), start(os.Getpid()), nil))):                           "no such process",
		drop(idle[8].PID, func(path string) error {
			return errors.Join(os.WriteFile(secret, recorder(idle[8].PID, start(idle[8].PID), nil), 0o600), os.Symlink(secret, path))
		}): "symbolic link",
		drop(idle[9].PID, func(path string) error { return unix.Mkfifo(path, 0o600) }): "type",
		drop(idle[10].PID, func(path string) error { return os.Mkdir(path, 0o700) }):   "directory",
	}
	for name, says := range refusedFiles {
		line := p.Stderr.Await(t, name)
		if !strings.Contains(line, says) || !strings.Contains(line, "is not read") {
			t.Errorf("%s: it says %q, want %q", name, line, says)
		}
	}

	// These are their processes' own, and lie: of an absurd head, of channels that they do not hold, with numbers beyond
	// all measure; the last one is cut off while it is mapped.
	pipe := x.of[honest]
	absurd := ^uint64(0)
	lies := []func(w []uint64){
		func(w []uint64) { w[wordHead] = absurd },
		func(w []uint64) { w[wordHead] = 1 << 62 },
		func(w []uint64) {
			for i := range 64 {
				e := w[entryAt+i*16:]
				for j := range 16 {
					e[j] = absurd
				}
				e[0] = 1 | 3<<8
				e[1], e[2] = pipe.device, absurd-uint64(i)
			}
		},
		func(w []uint64) {
			for i := 64; i < len(w); i++ {
				w[i] = absurd
			}
		},
	}
	for i, lie := range lies {
		pid := idle[11+i].PID
		drop(pid, file(recorder(pid, start(pid), lie)))
	}
	cut := idle[16].PID
	var victim *os.File
	drop(cut, func(path string) error {
		draft := filepath.Join(folders[0], ".cut")
		err := os.WriteFile(draft, recorder(cut, start(cut), nil), 0o600)
		if err == nil {
			victim, err = os.OpenFile(draft, os.O_RDWR, 0)
		}
		if err == nil {
			err = os.Rename(draft, path)
		}
		return err
	})
	defer victim.Close()
	client.Eventually(t, "it is taken for a recorder", func() error {
		if _, err := os.Stat(filepath.Join(folders[0], fmt.Sprintf("%d-%d", cut, generation))); err == nil {
			return fmt.Errorf("its name is still there")
		}
		return nil
	})
	if err := victim.Truncate(0); err != nil {
		t.Fatal(err)
	}
	p.Must(200, "POST", "/api/pause", nil, nil) // writes to all of them
	p.Must(200, "POST", "/api/resume", nil, nil)
	if line := p.Stderr.Await(t, "made shorter"); !strings.Contains(line, fmt.Sprint(cut)) {
		t.Errorf("of the one that was cut off it says %q", line)
	}

	ticks(f, 5)
	x.still("among liars")
	if c := channelOf(t, p, honest); len(c.Writers) != 1 || len(c.Readers) != 1 || c.Broken || c.Ended {
		t.Errorf("the honest pipe: %s", c)
	}
	if content, err := os.ReadFile(secret); err != nil || len(content) != recorderSize || binary.LittleEndian.Uint64(content[8*wordPaused:]) != 0 {
		t.Errorf("a link was followed: %v", err)
	}
	if n := len(p.Traffic().Processes); n != 1+2+20 {
		t.Errorf("there are %d processes", n)
	}
}
