package truth_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"vivero/test/client"
)

// seen is what /proc says of one process.
type seen struct {
	pid, ppid, threads int
	comm               string
	state              byte
	ticks              int           // CPU time, user and system, in hundredths of a second
	start              int           // ticks after boot
	rss                int           // bytes, of statm: the one in stat is a sum that lags
	clock              time.Duration // of its CPU, all threads: moves whenever it runs
}

// read reads one process.
func read(pid int) (s seen, err error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return s, err
	}
	// pid (comm) state ppid …: comm may hold anything, parentheses too.
	open, closing := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
	fields := strings.Fields(string(stat[closing+1:])) // [0] is field 3 of proc(5)
	number := func(field int) int {
		n, e := strconv.Atoi(fields[field-3])
		err = errors.Join(err, e)
		return n
	}
	s = seen{pid: pid, comm: string(stat[open+1 : closing]), state: fields[0][0], ppid: number(4),
		ticks: number(14) + number(15), threads: number(20), start: number(22)}
	statm, e := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if e != nil {
		return s, e
	}
	pages, e := strconv.Atoi(strings.Fields(string(statm))[1])
	s.rss = pages * os.Getpagesize()
	var clock unix.Timespec
	if e := unix.ClockGettime(int32(^pid<<3|2), &clock); e != nil { // CPUCLOCK_SCHED of that process
		return s, unix.ESRCH
	}
	s.clock = time.Duration(clock.Nano())
	return s, errors.Join(err, e)
}

// descendants is every process below root and root itself, found by the parents of all processes of the machine.
func descendants(t testing.TB, root int) map[int]seen {
	t.Helper()
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	all := map[int]seen{}
	for _, folder := range folders {
		pid, err := strconv.Atoi(filepath.Base(folder))
		if err != nil {
			continue
		}
		s, err := read(pid)
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ESRCH) {
			continue // it ended meanwhile
		}
		if err != nil {
			t.Fatalf("/proc/%d: %v", pid, err)
		}
		all[pid] = s
	}
	below := map[int]seen{}
	var belongs func(pid, steps int) bool
	belongs = func(pid, steps int) bool {
		if pid == root {
			return true
		}
		s, there := all[pid]
		return there && steps < 1000 && belongs(s.ppid, steps+1)
	}
	for pid, s := range all {
		if belongs(pid, 0) {
			below[pid] = s
		}
	}
	return below
}

// pids is the set of those below the server, the server itself not counted.
func pids(t testing.TB, p *client.Program) []int {
	t.Helper()
	all := descendants(t, p.Server)
	delete(all, p.Server)
	return slices.Sorted(maps.Keys(all))
}

// patience bounds how long a tree may take to come to rest, counted in its own observations.
const patience = 100

// holds compares the tree with /proc, several times. /proc is read three times: once, again when the program has made
// some observations more, and again when it has answered for its tree. A process that was the same in all three and has
// not run meanwhile, by its own CPU clock in nanoseconds, must be told exactly as it is: no tolerance, no second try. Of
// one that ran (it computes, or woke up for a moment) the numbers may have moved since the last observation; who it is and
// whose child must be right all the same. A round counts when half of all processes had not run.
func holds(t *testing.T, p *client.Program) {
	t.Helper()
	f := p.Follow(client.Viewer, nil)
	defer f.Close()
	observations := 2 // the first of them may have begun before
	if p.Tree().Reader == "gopsutil" {
		observations = 4 // it reads as many as it can in 60 ms, and the others in the next one
	}
	await := func() {
		var ticks int
		f.Look(func(m *client.Model) { ticks = m.Ticks })
		f.Await("the next observations", func(m *client.Model) bool { return m.Ticks >= ticks+observations })
	}
	quiet, looked := 0, 0
	for round := 0; quiet < 5; round++ {
		if round == patience {
			t.Fatalf("the tree did not come to rest: %d of its processes could be compared in the last round", looked)
		}
		first := descendants(t, p.Server)
		await()
		second := descendants(t, p.Server)
		tree := p.Tree()
		third := descendants(t, p.Server)
		var err error
		if looked, err = compare(t, p, tree, first, second, third); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if looked*2 >= len(first) {
			quiet++
		}
	}
	t.Logf("%d processes, %d of them at rest, were told as they are", len(p.Tree().Processes), looked)
}

// compare does one round of holds and tells how many processes had not run.
func compare(t testing.TB, p *client.Program, tree client.Tree, first, second, third map[int]seen) (rested int, err error) {
	rows := tree.ByPID(t)
	ids := map[int]client.Process{}
	for _, row := range tree.Processes {
		ids[row.ID] = row
	}
	var wrong []error
	for pid, k := range first {
		now, then := second[pid], third[pid]
		row, told := rows[pid]
		complain := func(what string, api, kernel any) {
			wrong = append(wrong, fmt.Errorf("pid %d (%s, id %d): %s: the tree says %v, the kernel %v", pid, k.comm, row.ID, what, api, kernel))
		}
		if now.start != k.start || then.start != k.start {
			continue // it ended meanwhile
		}
		if !told {
			complain("is it there?", "no", "yes")
			continue
		}
		if k.ppid == now.ppid && k.ppid == then.ppid && row.PPID != k.ppid {
			complain("ppid", row.PPID, k.ppid)
		}
		if pid == p.Server {
			if row.Parent != 0 {
				complain("parent of the root", row.Parent, 0)
			}
			continue // it runs whenever we ask
		}
		if parent := ids[row.Parent]; parent.PID != row.PPID {
			complain("parent", fmt.Sprintf("id %d, pid %d", parent.ID, parent.PID), row.PPID)
		}
		if k.state != now.state || k.clock != now.clock || k.clock != then.clock {
			continue
		}
		rested++
		if row.State != string(rune(k.state)) {
			complain("state", row.State, string(rune(k.state)))
		}
		if row.Threads != k.threads {
			complain("threads", row.Threads, k.threads)
		}
		if row.RSS != uint64(k.rss) {
			complain("resident memory ("+row.State+")", row.RSS, k.rss)
		}
		if row.Workload == "" && row.Name != k.comm {
			complain("name", row.Name, k.comm)
		}
	}
	for pid, row := range rows {
		if first[pid].pid == 0 && second[pid].pid == 0 && third[pid].pid == 0 {
			wrong = append(wrong, fmt.Errorf("pid %d (%s, id %d, state %s) is in the tree, and the kernel knows nothing of it", pid, row.Name, row.ID, row.State))
		}
	}
	return rested, errors.Join(wrong...)
}
