package sim

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"os"
)

// waitFile is the size in bytes of the file that wait reads from: several times what it reads at once.
const waitFile = 4 << 20

// wait is the contrast to primes: it spends its life in the kernel, asleep or waiting for the disk.
var wait = Workload{
	Name:    "wait",
	Summary: "Sleeps and reads a little from the disk, again and again: bound by input and output, hardly uses the processor.",
	Params: []Param{
		Int("pause_ms", 200, 1, 10_000, "how long it sleeps between two reads, in milliseconds"),
		Int("read_kb", 64, 1, 1_024, "how much it reads each time, in kB"),
	},
	Run: func(ctx context.Context, w *Worker, p Params) error {
		file, err := scratchFile(waitFile)
		if err != nil {
			return err
		}
		defer file.Close()
		pause := milliseconds(p, "pause_ms")
		block := make([]byte, p.Int("read_kb")<<10)
		var reads int
		for nap(ctx, pause) {
			w.Gate(ctx)
			// Otherwise the page cache would answer and no disk would be asked. (A tmpfs has no disk; it always does.)
			forgetPages(file)
			if _, err := file.ReadAt(block, mathrand.Int64N(waitFile-int64(len(block))+1)); err != nil {
				return fmt.Errorf("read its file: %w", err)
			}
			reads++
		}
		fmt.Printf("read %d times %d kB\n", reads, len(block)>>10)
		return nil
	},
}

// scratchFile is an open file of size random bytes in the directory for temporary files. It has no name, so that nothing stays behind
// however the process ends. Its content has reached the disk: pages that are still to be written cannot be forgotten.
func scratchFile(size int64) (*os.File, error) {
	file, err := namelessFile(os.TempDir())
	if err != nil {
		return nil, fmt.Errorf("make a file to read: %w", err)
	}
	if _, err = io.CopyN(file, rand.Reader, size); err == nil {
		err = file.Sync()
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("write a file to read: %w", err)
	}
	return file, nil
}

// namedFile makes a file and takes its name away at once: only a SIGKILL between the two could leave it.
func namedFile(folder string) (*os.File, error) {
	file, err := os.CreateTemp(folder, "vivero-wait-")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}
