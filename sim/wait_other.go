//go:build !linux

package sim

import "os"

func namelessFile(folder string) (*os.File, error) { return namedFile(folder) }

func forgetPages(*os.File) {}
