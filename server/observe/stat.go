package observe

import "bytes"

// stat is what Vivero needs of /proc/PID/stat; field numbers as in proc_pid_stat(5).
type stat struct {
	pid     int    // 1
	comm    []byte // 2, without its parentheses; part of the parsed buffer
	state   byte   // 3
	ppid    int    // 4
	flags   uint64 // 9, PF_…
	utime   uint64 // 14, clock ticks
	stime   uint64 // 15, clock ticks
	nice    int    // 19
	threads int    // 20
	start   uint64 // 22, clock ticks after boot
	rss     uint64 // 24, pages; not exact, see procfs.memory
	stack   uint64 // 28, where the stack begins: another one after each exec. 0: unknown or gone
	core    int    // 39
	exit    int    // 52, the wait status of a zombie; -1: not told by this kernel
}

// tickNanoseconds is one clock tick: USER_HZ is 100 on every architecture that Go runs on.
const tickNanoseconds = 10_000_000

// parseStat fills s from the text of a stat file. The comm may itself hold parentheses, spaces and newlines, so the
// fields are counted from the last ')'. It allocates nothing.
func parseStat(b []byte, s *stat) bool {
	open, shut := bytes.IndexByte(b, '('), bytes.LastIndexByte(b, ')')
	if open < 1 || shut < open {
		return false
	}
	pid, rest, ok := number(b[:open])
	if !ok || pid <= 0 || len(bytes.TrimSpace(rest)) != 0 {
		return false
	}
	*s = stat{pid: int(pid), comm: b[open+1 : shut], exit: -1}
	b = b[shut+1:]
	if len(b) < 3 || b[0] != ' ' || b[1] < 'A' || b[1] > 'z' || b[2] != ' ' {
		return false
	}
	s.state = b[1]
	b = b[2:]
	field := 4
	for ; field <= 52; field++ {
		v, rest, ok := number(b)
		if !ok {
			break
		}
		b = rest
		switch field {
		case 4:
			s.ppid = int(v)
		case 9:
			s.flags = uint64(v)
		case 14:
			s.utime = uint64(v)
		case 15:
			s.stime = uint64(v)
		case 19:
			s.nice = int(v)
		case 20:
			s.threads = int(v)
		case 22:
			s.start = uint64(v)
		case 24:
			s.rss = uint64(max(v, 0))
		case 28:
			s.stack = uint64(v)
		case 39:
			s.core = int(v)
		case 52:
			s.exit = int(v)
		}
	}
	return field > 39 // 39 was there: all that a tick needs
}

// number takes one decimal integer, with a sign perhaps, off the front of b. Larger ones wrap around (rlimits and
// addresses fill 64 bits).
func number(b []byte) (v int64, rest []byte, ok bool) {
	i := 0
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t') {
		i++
	}
	negative := i < len(b) && b[i] == '-'
	if negative {
		i++
	}
	first := i
	var u uint64
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		u = u*10 + uint64(b[i]-'0')
	}
	if i == first {
		return 0, b, false
	}
	if negative {
		u = -u
	}
	return int64(u), b[i:], true
}

// parseSchedstat takes the first two numbers of /proc/PID/schedstat: nanoseconds on a core, nanoseconds ready without one.
func parseSchedstat(b []byte) (ran, waited int64, ok bool) {
	ran, b, ok = number(b)
	if !ok {
		return 0, 0, false
	}
	waited, _, ok = number(b)
	return ran, waited, ok && ran >= 0 && waited >= 0
}

// parseStatm takes the resident pages, the second number of /proc/PID/statm.
func parseStatm(b []byte) (pages uint64, ok bool) {
	_, b, ok = number(b)
	if !ok {
		return 0, false
	}
	n, _, ok := number(b)
	return uint64(n), ok && n >= 0
}

// nextPID takes one pid off the front of a `children` file's text.
func nextPID(b []byte) (pid int, rest []byte, ok bool) {
	v, rest, ok := number(b)
	return int(v), rest, ok && v > 0
}
