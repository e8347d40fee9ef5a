package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"vivero/sim/ipc"
)

// What the workloads have in common whose processes send each other messages.

// slice bounds how long a nap between two messages takes no notice of Pause.
const slice = 100 * time.Millisecond

// nap is nap at which Pause acts too.
func (w *Worker) nap(ctx context.Context, d time.Duration) bool {
	for end := time.Now().Add(d); ; {
		left := time.Until(end)
		if left <= 0 {
			return ctx.Err() == nil
		}
		if !nap(ctx, min(left, slice)) {
			return false
		}
		w.Recorder.Point(ctx)
	}
}

// leastNap is the shortest that is worth waking up from, some 50 µs on a core: above a thousand messages a second they go
// out in bursts of a millisecond's worth.
const leastNap = time.Millisecond

// pacer spreads what it paces over time.
type pacer struct {
	between time.Duration // 0: as fast as it goes
	vary    float64       // share by which each pause is longer or shorter, at random
	next    time.Time
}

func newPacer(rate, vary int64) *pacer {
	p := &pacer{vary: float64(vary) / 100}
	if rate > 0 {
		p.between = time.Second / time.Duration(rate)
	}
	return p
}

// wait waits for the next turn; false: it is to stop.
func (p *pacer) wait(ctx context.Context, w *Worker) bool {
	if p.between == 0 {
		return ctx.Err() == nil
	}
	now := time.Now()
	// What was missed while it was blocked or held is not made up for; only what a sleep takes too long is.
	if p.next.Before(now.Add(-max(p.between, 10*time.Millisecond))) {
		p.next = now
	}
	ahead := p.next.Sub(now)
	p.next = p.next.Add(varied(p.between, p.vary))
	if ahead < leastNap && p.between < leastNap {
		return ctx.Err() == nil
	}
	return w.nap(ctx, ahead)
}

func varied(d time.Duration, share float64) time.Duration {
	return time.Duration(float64(d) * (1 + share*(2*rand.Float64()-1)))
}

// texts makes the payloads that tell their number: 'message 17', filled up with dots.
type texts []byte

func newTexts(size int64) texts {
	t := make(texts, size)
	for i := range t {
		t[i] = '.'
	}
	return t
}

// dots are as many as the word and any number need.
const dots = "............................"

// text is the payload of message number n, valid until the next one. One that does not fit is cut off.
func (t texts) text(n uint64) []byte {
	var digits [20]byte
	number := strconv.AppendUint(digits[:0], n, 10)
	at := copy(t, "message ")
	if at+len(number) > len(t) { // without the word, then
		copy(t[copy(t, number):], dots)
		return t
	}
	copy(t[at:], number)
	return t
}

// produce sends messages on out until it has sent count (0: until it is stopped).
func produce(ctx context.Context, w *Worker, out *ipc.Writer, pace *pacer, size, count int64) error {
	text := newTexts(size)
	var err error
	for n := uint64(1); err == nil && (count == 0 || n <= uint64(count)) && pace.wait(ctx, w); n++ {
		err = out.Send(ctx, text.text(n))
	}
	return finished(ctx, err, out, nil)
}

// consume receives messages from in, and works on each for a while, until there will be none or it is stopped.
func consume(ctx context.Context, w *Worker, in *ipc.Reader, delay time.Duration, vary int64) error {
	for {
		if _, err := in.Receive(ctx); err != nil {
			return finished(ctx, err, nil, in)
		}
		if delay > 0 && !w.nap(ctx, varied(delay, float64(vary)/100)) {
			return finished(ctx, nil, nil, in)
		}
		in.Done()
	}
}

// finished prints what a process has sent and received in all, and makes its last error what its end is to be: a stop
// and the end of file are good ends, and the latter is said; a reader that has gone is not.
func finished(ctx context.Context, err error, out *ipc.Writer, in *ipc.Reader) error {
	if in != nil {
		n, bytes := in.Received()
		fmt.Printf("received %d messages, %d bytes\n", n, bytes)
	}
	if out != nil {
		n, bytes := out.Sent()
		fmt.Printf("sent %d messages, %d bytes\n", n, bytes)
	}
	switch {
	case ctx.Err() != nil:
		return nil
	case errors.Is(err, ipc.ErrNoWriter):
		fmt.Fprintln(os.Stderr, err)
		return nil
	}
	return err
}

// alone is the error of a process that was started by itself though it is made to be one of several.
func alone(name string) error {
	return fmt.Errorf("it is several processes joined by channels, and this one has none; start %s from Vivero", name)
}

// has says whether this process has what its role needs.
func (w *Worker) has(readers, writers int) bool {
	return w.Ends != nil && len(w.Ends.Readers) >= readers && len(w.Ends.Writers) >= writers
}

func milliseconds(p Params, name string) time.Duration {
	return time.Duration(p.Int(name)) * time.Millisecond
}

// The parameters that several of them have.
var (
	sizeParam  = Int("size", 64, 8, ipc.MaxPayload, "bytes of text in each message; with its header of 24 it is written at once")
	countParam = Int("count", 0, 0, 1_000_000_000, "how many messages are sent; 0: until ended")
)

func rateParam(preset int64) Param {
	return Int("rate", preset, 0, 1_000_000, "messages a second; 0: as fast as it goes")
}
