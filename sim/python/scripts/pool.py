"""A Pool: its workers take pieces of work from one queue and put the results into another.

    python3 pool.py [--processes N] [--size N]

The work is to count the primes below each thousand; the size is how many thousands.
"""
import argparse
import multiprocessing
import time


def primes_of(thousand):
    found = 0
    for n in range(max(2, thousand * 1000), thousand * 1000 + 1000):
        if all(n % d for d in range(2, int(n ** 0.5) + 1)):
            found += 1
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--processes", type=int, default=4, help="how many workers")
    parser.add_argument("--size", type=int, default=1000, help="how many thousands")
    options = parser.parse_args()

    began = time.perf_counter()
    with multiprocessing.Pool(options.processes) as pool:
        found = sum(pool.imap_unordered(primes_of, range(options.size)))
        pool.close()
        pool.join()
    print("primes below %d: %d" % (options.size * 1000, found))
    print("it took %.2f s with %d workers" % (time.perf_counter() - began, options.processes))


if __name__ == "__main__":
    main()
