package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// marked finds all processes that have the mark in their command line or environment, this one apart.
func marked(mark string) []int {
	var pids []int
	seen := map[int]bool{os.Getpid(): true}
	for _, what := range []string{"cmdline", "environ"} {
		files, _ := filepath.Glob("/proc/[0-9]*/" + what)
		for _, file := range files {
			if content, err := os.ReadFile(file); err == nil && bytes.Contains(content, []byte(mark)) {
				pid, _ := strconv.Atoi(strings.Split(file, "/")[2])
				if !seen[pid] {
					seen[pid] = true
					pids = append(pids, pid)
				}
			}
		}
	}
	return pids
}

// describe is what a person needs to know of processes that should not be there.
func describe(pids []int) string {
	var all []string
	for _, pid := range pids {
		stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		all = append(all, string(stat[:min(60, len(stat))]))
	}
	return fmt.Sprintf("%d processes %q", len(pids), all)
}
