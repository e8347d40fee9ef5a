package observe

import (
	"bytes"
	"io"
	"os"
	"slices"
	"strconv"
	"syscall"

	"vivero/server/proc"
)

// inspectMore adds what gopsutil does not tell, or not rightly: its Nice is the system call's raw 20-n, its switches
// are those of the main thread alone.
func inspectMore(pid int, d *Details) {
	dir := "/proc/" + strconv.Itoa(pid)
	d.Nice = nil
	if s, err := statOf("/proc", pid); err == nil {
		d.Nice = &s.nice
		if s.state == 'Z' && s.exit >= 0 && mayTrace(dir) {
			d.Ended(proc.StatusOf(syscall.WaitStatus(s.exit)))
		}
		if s.state == 'Z' {
			d.Memory = nil
		}
	}
	if b, err := os.ReadFile(dir + "/status"); err == nil {
		if cores, ok := statusField(b, "Cpus_allowed_list"); ok {
			d.Affinity = &cores
		}
	}
	if b, err := os.ReadFile(dir + "/smaps_rollup"); err == nil && d.Memory != nil {
		if rss, pss, uss, ok := parseRollup(b); ok {
			*d.Memory = Memory{RSS: rss, PSS: &pss, USS: &uss}
		}
	}
	d.Tasks, d.Switches = tasks(dir + "/task/")
	d.Descriptors = openFiles(dir + "/fd/")
}

// mayTrace is true where the kernel shows us a process's exit status; elsewhere it prints 0, which looks like success.
func mayTrace(dir string) bool {
	f, err := os.Open(dir + "/io") // needs the same permission and works for zombies
	if err != nil {
		return false
	}
	defer f.Close()
	_, err = f.Read(make([]byte, 1))
	return err == nil
}

// statusField is the value of one line of a status file.
func statusField(b []byte, name string) (string, bool) {
	_, v, found := bytes.Cut(b, []byte("\n"+name+":"))
	if !found {
		return "", false
	}
	v, _, _ = bytes.Cut(v, []byte{'\n'})
	return string(bytes.TrimSpace(v)), true
}

// parseRollup takes resident, proportional and unique bytes out of smaps_rollup.
func parseRollup(b []byte) (rss, pss, uss uint64, ok bool) {
	kB := func(name string) uint64 {
		v, found := statusField(b, name)
		if !found {
			ok = false
			return 0
		}
		n, _, _ := number([]byte(v))
		return uint64(n) * 1024
	}
	ok = true
	rss, pss = kB("Rss"), kB("Pss")
	uss = kB("Private_Clean") + kB("Private_Dirty")
	return rss, pss, uss, ok
}

// tasks reads each thread, by number.
func tasks(dir string) ([]Task, *Switches) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil
	}
	list, sum, counted := []Task{}, Switches{}, false
	for _, e := range entries {
		if len(list) == maxTasks {
			break
		}
		tid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		s, err := statOf(dir, tid)
		if err != nil {
			continue // it ended meanwhile
		}
		t := Task{TID: tid, Name: clean(string(s.comm)), State: string(rune(s.state)), Core: s.core,
			CPU: float64(s.utime+s.stime) * tickNanoseconds / 1e9}
		if b, err := os.ReadFile(dir + e.Name() + "/schedstat"); err == nil {
			if ran, _, ok := parseSchedstat(b); ok {
				t.CPU = float64(ran) / 1e9 // exact, where ticks are 10 ms
			}
		}
		if b, err := os.ReadFile(dir + e.Name() + "/status"); err == nil {
			v, ok1 := statusField(b, "voluntary_ctxt_switches")
			n, ok2 := statusField(b, "nonvoluntary_ctxt_switches")
			if ok1 && ok2 {
				voluntary, _ := strconv.ParseUint(v, 10, 64)
				involuntary, _ := strconv.ParseUint(n, 10, 64)
				sum.Voluntary, sum.Involuntary, counted = sum.Voluntary+voluntary, sum.Involuntary+involuntary, true
			}
		}
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b Task) int { return a.TID - b.TID }) // ReadDir sorts them as words
	if !counted {
		return list, nil
	}
	return list, &sum
}

// openFiles lists descriptors, by number.
func openFiles(dir string) []Descriptor {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	names, err := f.Readdirnames(maxDescriptors) // the kernel lists them by number
	if err != nil && len(names) == 0 {
		if err == io.EOF {
			return []Descriptor{}
		}
		return nil
	}
	list := []Descriptor{}
	for _, name := range names {
		fd, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		if target, err := os.Readlink(dir + name); err == nil {
			list = append(list, Descriptor{fd, target})
		}
	}
	return list
}
