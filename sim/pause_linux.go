package sim

import (
	"context"
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"
)

// pause blocks until ctx is cancelled, without waking up once: the main thread waits in read(2) on an eventfd, which the
// kernel can name; a wait on a channel would look like any futex.
func pause(ctx context.Context) error {
	event, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		return fmt.Errorf("make an event to wait for: %w", err)
	}
	defer unix.Close(event)
	wake := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(wake)
		_, _ = unix.Write(event, binary.NativeEndian.AppendUint64(nil, 1)) // an eventfd at 0 always takes 1
	})
	var b [8]byte
	for {
		_, err = unix.Read(event, b[:])
		if err != unix.EINTR {
			break
		}
	}
	if !stop() {
		<-wake // the event is not closed under the write
	}
	if err != nil {
		return fmt.Errorf("wait for an event: %w", err)
	}
	return nil
}
