//go:build unix

package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is the module's version or the commit it was built from, with the Go version and the system.
func version() string {
	name := "(unknown)"
	if info, ok := debug.ReadBuildInfo(); ok {
		name = info.Main.Version
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" && (name == "" || name == "(devel)") {
				name = "(devel) " + setting.Value[:min(12, len(setting.Value))]
			}
		}
	}
	return fmt.Sprintf("%s, %s %s/%s", name, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
