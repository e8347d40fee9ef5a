//go:build unix && !linux

package spawn

import (
	"runtime"

	"vivero/server/refusal"
)

func (c *channel) inject(int, string) error {
	return refusal.Conflict("send a message to %s: on %s Vivero has no way to write to a channel of another process", c.Name, runtime.GOOS)
}
