//go:build !linux

package sim

// setName does nothing here: the process keeps the program's name.
func setName(string) {}
