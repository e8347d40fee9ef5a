//go:build unix

package main

import (
	"os"
	"os/signal"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// panicVariable makes the server in a test panic when it gets SIGUSR1.
const panicVariable = "VIVERO_TEST_PANIC"

// TestMain makes this test binary vivero itself when its arguments are vivero's, so that keeper, server and workers are
// the real ones, with the race detector in them.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-test.") {
		if os.Getenv(panicVariable) != "" && os.Getenv("VIVERO_KEEPER") != "" {
			asked := make(chan os.Signal, 1)
			signal.Notify(asked, unix.SIGUSR1)
			go func() {
				<-asked
				panic("asked for by the test")
			}()
		}
		main()
	}
	goleak.VerifyTestMain(m)
}
