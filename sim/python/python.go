// Package python holds the Python side: the probe, which tells what a Python program does with multiprocessing in the
// same flight recorder that our own workers have, and the lesson scripts. All of it is embedded in the binary; Install
// writes it where a Python can read it.
//
// Absent on purpose: Python itself. It is the machine's, or there is none, and then Find says so.
package python

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed probe/*.py scripts/*.py
var files embed.FS

const (
	// Variable names the folder that Install filled, for the workers.
	Variable = "VIVERO_PYTHON"
	// pathVariable is where Python looks for modules first; its sitecustomize is how the probe comes in.
	pathVariable = "PYTHONPATH"
)

// Install writes the probe and the scripts into a new folder in dir, which is to be the run's own (0700), and returns it.
// It is removed with the run's folder. Python writes its compiled files beside them, so it can be written to.
func Install(dir string) (home string, err error) {
	home = filepath.Join(dir, "python")
	for _, folder := range []string{"probe", "scripts"} {
		if err := os.MkdirAll(filepath.Join(home, folder), 0o700); err != nil {
			return "", fmt.Errorf("install the Python probe: %w", err)
		}
	}
	err = fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := files.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(home, filepath.FromSlash(path)), content, 0o600)
	})
	if err != nil {
		return "", fmt.Errorf("install the Python probe: %w", err)
	}
	return home, nil
}

// Probed is env for a program that is to be probed if it is a Python one: the probe's folder comes first in its
// PYTHONPATH, the user's own after it. The program also needs VIVERO_FLIGHT (sim.FlightVariable) to tell anything. A home
// of "" changes nothing.
func Probed(env []string, home string) []string {
	if home == "" {
		return env
	}
	path := filepath.Join(home, "probe")
	kept := make([]string, 0, len(env)+1)
	for _, v := range env {
		if own, is := strings.CutPrefix(v, pathVariable+"="); is {
			if own != "" {
				path = filepath.Join(home, "probe") + string(os.PathListSeparator) + own
			}
			continue
		}
		kept = append(kept, v)
	}
	return append(kept, pathVariable+"="+path)
}

// Script is the path of a script that ships, such as 'pipe'.
func Script(home, name string) string { return filepath.Join(home, "scripts", name+".py") }

// Find is the machine's python3. Its error is a sentence for the page.
func Find() (string, error) {
	path, err := exec.LookPath("python3")
	if err != nil {
		return "", fmt.Errorf("this machine has no python3 (none is in PATH)")
	}
	return filepath.Abs(path)
}
