package control

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// Identity is what tells a process from a later one with the same pid: its parent and its start time (clock ticks after
// boot, field 22 of /proc/PID/stat). It fails with an error that is os.ErrNotExist or ESRCH when there is no such process.
func Identity(pid int) (ppid int, start uint64, err error) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, 0, err
	}
	// The name in parentheses is hostile: it may hold spaces and parentheses. The last ')' ends it; field 3 follows.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 {
		return 0, 0, fmt.Errorf("/proc/%d/stat has %d fields after the name, want 20 or more", pid, len(fields))
	}
	ppid, err = strconv.Atoi(string(fields[1]))
	if err != nil {
		return 0, 0, fmt.Errorf("/proc/%d/stat: parent: %w", pid, err)
	}
	start, err = strconv.ParseUint(string(fields[19]), 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("/proc/%d/stat: start: %w", pid, err)
	}
	return ppid, start, nil
}
