//go:build linux && !amd64

package observe

var oldCalls = map[int64]call(nil)

// Newer architectures have ppoll and clone alone.
const (
	oldPoll  = -2
	oldVfork = -2
)
