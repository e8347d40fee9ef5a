package sim

import "math"

// divider counts primes the way one does it by hand: each odd number is divided by the odd primes up to its root.
// A sieve would be a hundred times faster, and over before a class has looked up. It is the work that the
// workloads share which have to compute something: real, checkable, and it needs the processor and nothing else.
type divider struct {
	primes []uint32 // the odd primes up to the root of the largest number asked for, ascending
}

const (
	// divideLimit is as far as those divide that have no end: hours of work.
	divideLimit = 1_000_000_000
	// divideStep is how many numbers are tried between two looks at anything else: some 8 ms near the limit, less below.
	divideStep = 10_000
)

// newDivider prepares to count primes up to limit.
func newDivider(limit uint32) divider {
	return divider{oddPrimes(uint32(math.Sqrt(float64(limit))) + 1)}
}

// count is the number of primes p with from <= p < to. It does not look at anything else until it is done, so
// the caller chooses steps short enough to stop in between: 10,000 numbers near 10^9 take some 8 ms.
func (d divider) count(from, to uint32) int {
	found := 0
	if from <= 2 && to > 2 {
		found++
	}
	usable := 0
	for n := max(from|1, 3); n < to; n += 2 {
		for usable < len(d.primes) && d.primes[usable]*d.primes[usable] <= n {
			usable++
		}
		if !divisible(n, d.primes[:usable]) {
			found++
		}
	}
	return found
}

// divisible says whether one of primes divides n.
func divisible(n uint32, primes []uint32) bool {
	for _, p := range primes {
		if n%p == 0 {
			return true
		}
	}
	return false
}

// oddPrimes are the odd primes up to limit, by the sieve of Eratosthenes.
func oddPrimes(limit uint32) []uint32 {
	composite := make([]bool, limit+1)
	var primes []uint32
	for n := uint32(3); n <= limit; n += 2 {
		if composite[n] {
			continue
		}
		primes = append(primes, n)
		for multiple := n * n; multiple <= limit; multiple += 2 * n {
			composite[multiple] = true
		}
	}
	return primes
}
