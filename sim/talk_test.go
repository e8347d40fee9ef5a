package sim

import (
	"context"
	"testing"
	"time"
)

// TestPacer: above a thousand a second it naps now and then only, and is never ahead by more than a nap.
func TestPacer(t *testing.T) {
	p := newPacer(20_000, 0)
	began := time.Now()
	for n := range 2000 {
		if !p.wait(context.Background(), &Worker{}) {
			t.Fatal("it stopped")
		}
		if due := time.Duration(n)*time.Second/20_000 - leastNap; time.Since(began) < due {
			t.Fatalf("message %d after %v, before %v", n+1, time.Since(began), due)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if p.wait(ctx, &Worker{}) {
		t.Error("it goes on after its end")
	}
}
