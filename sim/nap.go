package sim

import (
	"context"
	"time"
)

// napSlice bounds one sleep: a signal ends it early only if it reaches the main thread and ctx is cancelled by then.
// So a stop takes at most this long, and a napping process wakes up four times a second at most.
const napSlice = 250 * time.Millisecond

// nap sleeps for d in the kernel and reports whether it lasted: false means that ctx was cancelled.
func nap(ctx context.Context, d time.Duration) bool {
	for end := time.Now().Add(d); ctx.Err() == nil; {
		left := time.Until(end)
		if left <= 0 {
			return true
		}
		sleep(min(left, napSlice))
	}
	return false
}

// countdown naps for d and tells the progress meanwhile; it returns what nap returns.
func countdown(ctx context.Context, w *Worker, d time.Duration) bool {
	begin := time.Now()
	for {
		gone := time.Since(begin)
		if gone >= d {
			return ctx.Err() == nil
		}
		w.Progress(gone.Seconds() / d.Seconds())
		if !nap(ctx, min(d-gone, progressEvery)) {
			return false
		}
	}
}

// unlessStopped is err, or nil when it comes of the stop that was asked for.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
