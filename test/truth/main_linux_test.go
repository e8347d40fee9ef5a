// Package truth_test holds the whole program to its word: it boots the real one, with the race detector in it, lets real
// processes come and go, and compares what API and stream say with what the kernel says. The kernel is read here by code
// of the tests' own (proc_linux_test.go), so that a fault of the server's readers cannot hide itself.
package truth_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"vivero/test/client"
)

// program is the path of the program under test.
var program string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "truth-of-vivero-")
	if err == nil {
		program = filepath.Join(folder, "vivero")
		build := exec.Command("go", "build", "-race", "-o", program, "./server")
		build.Dir = "../.."
		var output []byte
		if output, err = build.CombinedOutput(); err != nil {
			err = fmt.Errorf("%w: %s", err, output)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot build the program under test:", err)
		os.RemoveAll(folder)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(status int) {
		os.RemoveAll(folder)
		os.Exit(status)
	}))
}

// boot starts the server with no processes.
func boot(t *testing.T, flags ...string) *client.Program {
	t.Helper()
	return client.Boot(t, client.Options{Program: program, Flags: append([]string{"--empty"}, flags...)})
}
