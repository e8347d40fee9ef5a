package live

import (
	"testing"
	"time"

	"vivero/server/refusal"
)

func TestCap(t *testing.T) {
	p := places{cap: 10}
	now := time.Unix(1000, 0)
	if err := p.take(6, 4, now); err != nil {
		t.Fatal(err)
	}
	if err := p.take(1, 4, now); refusal.Status(err) != 429 {
		t.Fatalf("an eleventh process: %v", err)
	}
	for range 6 {
		p.arrived()
	}
	p.release(0) // all are in the tree now
	if err := p.take(1, 10, now); refusal.Status(err) != 429 {
		t.Fatalf("an eleventh process: %v", err)
	}
	if err := p.take(1, 9, now); err != nil {
		t.Fatal(err)
	}
}

func TestRate(t *testing.T) {
	p := places{cap: 1 << 20}
	now := time.Unix(1000, 0)
	for range 10 {
		if err := p.take(100, 0, now); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.take(1, 0, now.Add(rateSpan-1)); refusal.Status(err) != 429 {
		t.Fatalf("start 1,001 within ten seconds: %v", err)
	}
	p.release(40) // they failed, and do not count
	if err := p.take(40, 0, now); err != nil {
		t.Fatal(err)
	}
	if err := p.take(1000, 0, now.Add(rateSpan)); err != nil {
		t.Fatal(err)
	}
}
