package sim

import (
	"fmt"
	"testing"
)

// TestDividerCountsPrimes holds the count against the known values of the prime-counting function.
func TestDividerCountsPrimes(t *testing.T) {
	for _, c := range []struct {
		limit uint32
		want  int
	}{
		{0, 0}, {1, 0}, {2, 1}, {3, 2}, {4, 2}, {9, 4}, {10, 4}, {25, 9}, {100, 25}, {1_000, 168},
		{10_000, 1_229}, {100_000, 9_592}, {1_000_000, 78_498},
	} {
		t.Run(fmt.Sprint(c.limit), func(t *testing.T) {
			if got := newDivider(c.limit).count(0, c.limit+1); got != c.want {
				t.Errorf("primes up to %d: got %d, want %d", c.limit, got, c.want)
			}
		})
	}
}

// TestDividerCountsPieces: the sum over pieces of any size equals the whole, wherever the cuts fall.
func TestDividerCountsPieces(t *testing.T) {
	const limit, want = 10_007, 1_230 // 10,007 is itself prime
	d := newDivider(limit)
	for _, step := range []uint32{1, 2, 3, 7, 64, 1_000, 20_000} {
		sum := 0
		for from := uint32(0); from <= limit; from += step {
			sum += d.count(from, min(from+step, limit+1))
		}
		if sum != want {
			t.Errorf("in steps of %d: got %d, want %d", step, sum, want)
		}
	}
}

// TestDividerNearItsLimit counts the last primes below 10^9, the largest n of primes: products of 32 bits must not overflow.
func TestDividerNearItsLimit(t *testing.T) {
	// The primes between 999,999,900 and 10^9: …929 and …937.
	if got := newDivider(1_000_000_000).count(999_999_900, 1_000_000_001); got != 2 {
		t.Errorf("got %d primes, want 2 (999999929 and 999999937)", got)
	}
}

func BenchmarkDivider(b *testing.B) {
	d := newDivider(200_000_000)
	for b.Loop() {
		d.count(100_000_000, 100_010_000)
	}
}
