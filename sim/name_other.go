//go:build !linux

package sim

// setName does nothing here: the process keeps the program's name.
func setName(string) {}

// setNice does nothing here: other systems have one nice value for all threads of a process, and the worker's answers
// to orders must not wait.
func setNice() {}
