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
	p.release(6, 6) // they are in the tree now
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
	p.release(100, 60) // 40 of them failed: they do not count
	if err := p.take(40, 0, now); err != nil {
		t.Fatal(err)
	}
	if err := p.take(1000, 0, now.Add(rateSpan)); err != nil {
		t.Fatal(err)
	}
}
