//go:build !linux

package sim

import "context"

// pause blocks until ctx is cancelled.
func pause(ctx context.Context) error {
	<-ctx.Done()
	return nil
}
