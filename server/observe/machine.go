package observe

import (
	"runtime"

	"github.com/shirou/gopsutil/v3/cpu"
	"github.com/shirou/gopsutil/v3/host"

	"vivero/server/proc"
)

// Host says what does not change while we run. What cannot be known stays empty or 0.
func Host() proc.Host {
	cacheBootTime()
	h := proc.Host{OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.NumCPU()}
	if i, err := host.Info(); err == nil {
		h.Name, h.Kernel, h.Boot = i.Hostname, i.KernelVersion, int64(i.BootTime)*1000
	}
	if c, err := cpu.Info(); err == nil && len(c) > 0 {
		h.CPU = c[0].ModelName
	}
	if n, err := cpu.Counts(true); err == nil && n > 0 {
		h.Cores = n
	}
	if n, err := cpu.Counts(false); err == nil {
		h.Physical = n
	}
	return h
}
