//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestLookUp(t *testing.T) {
	dir := t.TempDir()
	plain, program := filepath.Join(dir, "plain"), filepath.Join(dir, "bin", "program")
	for _, d := range []string{"bin", "program"} { // a directory of the name is passed over, as a shell does
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for file, mode := range map[string]os.FileMode{plain: 0o644, program: 0o755} {
		if err := os.WriteFile(file, []byte("#!/bin/sh\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	path := dir + ":" + dir + "/bin:/nonexistent"
	for _, c := range []struct {
		name, found string
		status      int
	}{
		{"program", program, 0},
		{program, program, 0},
		{"plain", "", 126},
		{plain, "", 126},
		{dir, "", 126},
		{"bin", "", 127},
		{"nosuch", "", 127},
		{dir + "/nosuch", "", 127},
		{plain + "/under-a-file", "", 127},
	} {
		found, status, err := lookUp(c.name, path)
		if found != c.found || status != c.status || (err == nil) != (status == 0) {
			t.Errorf("%s: got %q, %d, %v; want %q, %d", c.name, found, status, err, c.found, c.status)
		}
	}
}
