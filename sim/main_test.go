package sim

import (
	"os"
	"testing"
)

// The test program is also the worker: started as `sim …` it is one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "sim" {
		os.Exit(Main(os.Args[2:]))
	}
	os.Exit(m.Run())
}
