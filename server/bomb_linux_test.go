package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"vivero/test/client"
)

// TestForkBombAtTheLimit ends a fork bomb that has filled the kernel's limit of processes: no thread can be made, and
// whatever is killed makes room for another. That limit is a cgroup's.
func TestForkBombAtTheLimit(t *testing.T) {
	for i, e := range []end{
		{"keeper killed", send(unix.SIGKILL), -1},
		{"server killed", sendServer(unix.SIGKILL), 137},
		{"SIGTERM", send(unix.SIGTERM), 137},
	} {
		t.Run(e.name, func(t *testing.T) {
			group := processLimit(t, 300) // threads of keeper and server included
			mark := fmt.Sprintf("bomb.%d%03d", os.Getpid(), i)
			const bomb = `exec 2>/dev/null; trap "" TERM INT HUP; b() { b | b & }; (b) & exec tail -f /dev/null`
			p := client.Boot(t, client.Options{Group: group, Command: []string{"sh", "-c", bomb, mark}})
			client.Eventually(t, "the limit", func() error {
				events, err := os.ReadFile(filepath.Join(group, "pids.events"))
				if err == nil && strings.Contains(string(events), "max 0\n") {
					err = fmt.Errorf("it was not reached yet")
				}
				return err
			})
			endIt(t, p, e, e.status, mark)
		})
	}
}

// processLimit makes a cgroup in which at most n threads may be. The test is skipped where that is not allowed.
func processLimit(t *testing.T, n int) string {
	t.Helper()
	for _, root := range []string{"/sys/fs/cgroup/pids", "/sys/fs/cgroup"} {
		group := filepath.Join(root, fmt.Sprintf("vivero-test-%d", os.Getpid()))
		if os.Mkdir(group, 0o755) != nil {
			continue
		}
		t.Cleanup(func() {
			if err := os.Remove(group); err != nil {
				t.Error(err)
			}
		})
		if os.WriteFile(filepath.Join(group, "pids.max"), []byte(fmt.Sprint(n)), 0) == nil {
			return group
		}
	}
	t.Skip("no cgroup with a limit of processes can be made here")
	return ""
}
