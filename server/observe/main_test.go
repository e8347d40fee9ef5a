package observe

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// roleVariable names the part that this program plays as a process of a test's tree, instead of testing.
const roleVariable = "OBSERVE_TEST_ROLE"

// TestMain fails on leaked goroutines, descriptors and children.
func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		play(role)
		return
	}
	becomeSubreaper()
	before := descriptors()
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		if after := descriptors(); before >= 0 && after > before+8 { // the runtime's own epoll, eventfd and such
			fmt.Fprintf(os.Stderr, "descriptors leaked: %d before, %d after\n", before, after)
			code = 1
		}
		if left := leftChildren(); left != "" {
			fmt.Fprintf(os.Stderr, "children left: %s\n", left)
			code = 1
		}
	}
	os.Exit(code)
}

// descriptors counts what this process has open, -1 where that cannot be told.
func descriptors() int {
	d, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return -1
	}
	return len(d)
}

// leftChildren lists the children of this process.
func leftChildren() string {
	var pids []string
	files, _ := filepath.Glob("/proc/self/task/*/children")
	for _, f := range files {
		b, _ := os.ReadFile(f)
		pids = append(pids, strings.Fields(string(b))...)
	}
	return strings.Join(pids, " ")
}

// start runs a real program and ends it with the test.
func start(t testing.TB, name string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(name, args...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if c.ProcessState == nil {
			c.Process.Kill()
			c.Wait()
		}
	})
	return c
}

// until asks ok again and again, for 10 s at most.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after 10 s still not so: %s", what)
		}
	}
}
