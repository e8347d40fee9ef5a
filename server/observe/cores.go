package observe

import "bytes"

// coreTimes is how long one core was busy and idle since boot, in clock ticks.
type coreTimes struct{ busy, idle uint64 }

// parseCores appends the times of each core that /proc/stat lists, by number; a core that is off keeps zeros. whole is
// false if the text ends within the list of cores.
func parseCores(b []byte, to []coreTimes) (cores []coreTimes, whole bool) {
	for len(b) > 0 {
		line, rest, ended := bytes.Cut(b, []byte{'\n'})
		if !ended && len(line) < 3 {
			return to, false
		}
		if !bytes.HasPrefix(line, []byte("cpu")) {
			return to, true
		}
		if !ended {
			return to, false
		}
		b = rest
		id, fields, ok := number(line[3:])
		if !ok || line[3] == ' ' || id < 0 || id > 1<<16 {
			continue // the first line is the sum of all
		}
		var t coreTimes
		// user, nice, system, idle, iowait, irq, softirq, steal; guest and guest_nice are part of user and nice.
		for i := range 8 {
			v, rest, ok := number(fields)
			if !ok {
				break
			}
			fields = rest
			if i == 3 || i == 4 {
				t.idle += uint64(v)
			} else {
				t.busy += uint64(v)
			}
		}
		for len(to) <= int(id) {
			to = append(to, coreTimes{})
		}
		to[id] = t
	}
	return to, false
}

// busyShare is what part of the time between two readings a core was busy; before if no tick has passed.
func busyShare(was, is coreTimes, before float64) float64 {
	busy, idle := int64(is.busy-was.busy), int64(is.idle-was.idle)
	busy, idle = max(busy, 0), max(idle, 0) // the kernel's iowait may step back
	if busy+idle == 0 {
		return before
	}
	return float64(busy) / float64(busy+idle)
}

// parseMemory takes total and used bytes out of /proc/meminfo. Used is what is not available to a new program.
func parseMemory(b []byte) (total, used uint64, ok bool) {
	kB := func(name string) (uint64, bool) {
		_, v, found := bytes.Cut(b, []byte(name))
		if !found {
			return 0, false
		}
		n, _, ok := number(v)
		return uint64(n) * 1024, ok && n >= 0
	}
	total, ok = kB("MemTotal:")
	if !ok {
		return 0, 0, false
	}
	free, ok := kB("MemAvailable:")
	if !ok { // before Linux 3.14
		a, _ := kB("MemFree:")
		c, _ := kB("\nCached:")
		free = a + c
	}
	return total, total - min(free, total), true
}

// parseForks takes the number of forks since boot out of /proc/stat.
func parseForks(b []byte) (uint64, bool) {
	_, v, found := bytes.Cut(b, []byte("\nprocesses "))
	if !found {
		return 0, false
	}
	n, _, ok := number(v)
	return uint64(n), ok
}
