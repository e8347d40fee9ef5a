package truth_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"vivero/test/client"
)

// family is a tree of programs that know nothing of Vivero: a pipeline, a daemon that forked twice, a stopped process, a
// zombie that nobody collects, a make with four jobs at work, a subshell in the middle, one that computes.
const family = `
sleep 300 | cat | cat &
(setsid sh -c 'sleep 300 & sleep 301; true' &)
sleep 302 & kill -STOP $!
sh -c 'sleep 0 & exec sleep 303' &
make -s -j4 -f "$1" -C "$2" &
( ( sleep 304; true ) & wait ) &
sh -c 'while :; do :; done' &
read end`

// makefile has two targets that end and six that stay; four run at a time.
const makefile = `
all: t1 t2 t3 t4 t5 t6
t%: first second ; @touch $@.made; sleep 305; true
first second: ; @touch $@
`

// TestForeign is the tree of 'vivero run', with each reader.
func TestForeign(t *testing.T) {
	for _, reader := range []string{"procfs", "gopsutil"} {
		t.Run(reader, func(t *testing.T) {
			folder := t.TempDir()
			file := filepath.Join(folder, "Makefile")
			if err := os.WriteFile(file, []byte(makefile), 0o600); err != nil {
				t.Fatal(err)
			}
			stdin, hold, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer hold.Close()
			p := client.Boot(t, client.Options{Program: program, Flags: []string{"--reader", reader}, Stdin: stdin,
				Command: []string{"sh", "-c", family, "sh", file, folder}})
			stdin.Close()
			client.Eventually(t, "the family is there", func() error { return gathered(t, p) })
			holds(t, p)
			for _, row := range p.Tree().Processes {
				if row.ID != 1 && row.Workload != "" {
					t.Errorf("pid %d (%s) is no worker of ours, but the tree says workload %q", row.PID, row.Name, row.Workload)
				}
			}
		})
	}
}

// gathered counts the family, in /proc.
func gathered(t *testing.T, p *client.Program) error {
	count := map[string]int{}
	for _, k := range descendants(t, p.Server) {
		count[k.comm]++
		count["state "+string(rune(k.state))]++
		if k.ppid == p.Server && k.pid != p.Server {
			count["child of the server"]++
		}
	}
	// sleeps: 300, 300, 301, 0 (a zombie), 303, 304 and four of make's; 302 was stopped before or after it became one
	for what, want := range map[string]int{"cat": 2, "make": 1, "state T": 1, "state Z": 1, "child of the server": 2} {
		if count[what] != want {
			return fmt.Errorf("%s: there are %d, want %d (%v)", what, count[what], want, count)
		}
	}
	if count["sleep"] < 10 {
		return fmt.Errorf("there are %d sleeps, want 10 or 11 (%v)", count["sleep"], count)
	}
	return nil
}
