package flight

import (
	"context"
	"sync/atomic"
	"time"
)

// look is how long a waiting process sleeps at most before it looks again whether it is to end.
const look = 50 * time.Millisecond

// Gate is a point at which the presenter can hold this process: before it does kind on channel (nil: none). It returns
// at once when nothing is asked, after the pace in slow motion, and with Pause when it may go on: resumed, a step
// granted, or ctx cancelled.
func (r *Recorder) Gate(ctx context.Context, kind Kind, channel *Channel) {
	if r == nil {
		return
	}
	atomic.StoreUint64(&r.words[gPassed], r.words[gPassed]+1)
	if atomic.LoadUint64(&r.words[cAsked]) == 0 {
		return
	}
	r.hold(ctx, kind, channel)
}

// Point is a place in the middle of a step, in computing or in a sleep, where Pause holds too. It is no gate: slow motion
// does not act there, and a step that was granted leads past it, to the next gate.
func (r *Recorder) Point(ctx context.Context) {
	if r == nil || atomic.LoadUint64(&r.words[cPaused]) == 0 {
		return
	}
	began := Now()
	held := false
	for ctx.Err() == nil {
		bell := atomic.LoadUint64(&r.words[cBell])
		if atomic.LoadUint64(&r.words[cPaused]) == 0 || atomic.LoadUint64(&r.words[cGranted]) > r.words[gTaken] {
			break
		}
		if !held {
			held = true
			atomic.StoreUint64(&r.words[gAt], 0)
			atomic.StoreUint64(&r.words[gHeld], uint64(began))
			r.record(Held, 0, began, 0, 0, 0, 0, [2]uint64{})
		}
		waitBell(&r.words[cBell], uint32(bell), look)
	}
	if held {
		atomic.StoreUint64(&r.words[gHeld], 0)
	}
}

// hold stands at the gate.
func (r *Recorder) hold(ctx context.Context, kind Kind, channel *Channel) {
	index := 0
	if channel != nil {
		index = channel.index
	}
	began := Now()
	atomic.StoreUint64(&r.words[gAt], uint64(kind)|uint64(index)<<8)
	atomic.StoreUint64(&r.words[gHeld], uint64(began))
	r.record(Held, index, began, 0, 0, 0, int64(kind), [2]uint64{})
	defer atomic.StoreUint64(&r.words[gHeld], 0)
	for ctx.Err() == nil {
		bell := atomic.LoadUint64(&r.words[cBell])
		var wait time.Duration
		if atomic.LoadUint64(&r.words[cPaused]) != 0 {
			if atomic.LoadUint64(&r.words[cGranted]) > r.words[gTaken] {
				atomic.StoreUint64(&r.words[gTaken], r.words[gTaken]+1)
				return
			}
			wait = look
		} else {
			pace := min(time.Duration(atomic.LoadUint64(&r.words[cPace])), time.Minute)
			wait = pace - time.Duration(Now()-began)
			if wait <= 0 {
				return
			}
			wait = min(wait, look)
		}
		waitBell(&r.words[cBell], uint32(bell), wait)
	}
}
