"""The same work done one after another, by threads and by processes, with the times beside each other.

    python3 mp_worker.py                          primes, all three ways
    python3 mp_worker.py --work image             a picture is blurred instead
    python3 mp_worker.py --way processes --processes 8
    python3 mp_worker.py --work image --save out  keep the pictures (PPM)

Nothing but the standard library is needed. Threads do not compute any faster here: only one at a time runs Python code
(the GIL). Processes do, as far as there are cores.
"""
import argparse
import hashlib
import multiprocessing
import os
import sys
import threading
import time

# How many primes there are up to 10, 100, … : what is counted is checked against it.
KNOWN = {10: 4, 100: 25, 1_000: 168, 10_000: 1_229, 100_000: 9_592, 1_000_000: 78_498, 10_000_000: 664_579}


def count_primes(first, last):
    """How many primes there are from first to last, by dividing each number by all that can divide it."""
    found = 0
    for n in range(max(first, 2), last + 1):
        if n < 4:
            found += 1
        elif n % 2 and n % 3:
            d = 5
            while d * d <= n and n % d and n % (d + 2):
                d += 6
            if d * d > n:
                found += 1
    return found


class Primes:
    """The work 'primes': the numbers up to size are cut into ranges."""

    def __init__(self, size):
        self.size = size

    def pieces(self, count):
        return [(self.size * i // count + 1, self.size * (i + 1) // count) for i in range(count)]

    def do(self, piece):
        return count_primes(*piece)

    def result(self, parts):
        found = sum(parts)
        known = KNOWN.get(self.size, found)
        if found != known:
            sys.exit("%d primes up to %d? There are %d." % (found, self.size, known))
        return "primes up to %d: %d" % (self.size, found)

    def save(self, folder, parts):
        pass


class Image:
    """The work 'image': a picture of plants is cut into bands of rows, and each is blurred by itself."""

    def __init__(self, size):
        self.width, self.height = size, size * 2 // 3
        self.pixels = garden(self.width, self.height)

    def pieces(self, count):
        rows = [self.height * i // count for i in range(count + 1)]
        pieces = []
        for first, last in zip(rows, rows[1:]):
            above, below = max(0, first - 1), min(self.height, last + 1)  # a blurred row needs those beside it
            pieces.append((first - above, last - above, self.pixels[above * 3 * self.width:below * 3 * self.width]))
        return pieces

    def do(self, piece):
        first, last, pixels = piece
        return blur(pixels, self.width, first, last)

    def result(self, parts):
        return "%d×%d pixels blurred: sha256 %s" % (self.width, self.height, hashlib.sha256(b"".join(parts)).hexdigest()[:16])

    def save(self, folder, parts):
        os.makedirs(folder, exist_ok=True)
        for name, pixels in ("before", self.pixels), ("after", b"".join(parts)):
            with open(os.path.join(folder, name + ".ppm"), "wb") as f:
                f.write(b"P6\n%d %d\n255\n" % (self.width, self.height) + pixels)


def garden(width, height):
    """Rows of round trees on a field under the sky, made of whole numbers: the same bytes on every machine."""
    pixels = bytearray(3 * width * height)
    for y in range(height):
        for x in range(width):
            grain = (x * 7919 ^ y * 104_729) % 23
            if y < height * 2 // 5:
                colour = 120 + grain // 4, 170 + grain // 4, 230 - y * 60 // height
            else:
                furrow = (x * 3 + y * 5) % max(2, height // 20)
                colour = 100 + furrow + grain, 130 + furrow // 2 + grain, 50 + grain
            tree = tree_at(x, y, width, height)
            if tree is not None:
                colour = 30 + tree // 3, 90 + tree + grain, 35 + grain
            at = 3 * (y * width + x)
            pixels[at:at + 3] = bytes(colour)
    return bytes(pixels)


def tree_at(x, y, width, height):
    """How light the tree at this place is, None if there is none."""
    for row in range(5):
        radius = width * (row + 3) // 110
        middle = height * 9 // 20 + row * height // 10
        if abs(y - middle) < radius:
            apart = 3 * radius
            dx, dy = (x + row * radius) % apart - radius, y - middle
            if dx * dx + dy * dy < radius * radius:
                return max(0, 60 - 40 * (dx + dy) // max(1, radius))
    return None


def blur(pixels, width, first, last):
    """Rows first to last of a picture, each pixel mixed with those around it (1 2 1 both ways)."""
    height = len(pixels) // (3 * width)
    out = bytearray()
    for y in range(first, last):
        rows = [pixels[3 * width * r:3 * width * (r + 1)] for r in (max(0, y - 1), y, min(height - 1, y + 1))]
        column = [a + 2 * b + c for a, b, c in zip(*rows)]
        left = column[:3] + column[:-3]
        right = column[3:] + column[-3:]
        out += bytes((a + 2 * b + c + 8) // 16 for a, b, c in zip(left, column, right))
    return bytes(out)


def sequential(work, pieces, processes):
    return [work.do(piece) for piece in pieces]


def threads(work, pieces, processes):
    parts, rest, lock = [None] * len(pieces), list(enumerate(pieces)), threading.Lock()

    def run():
        while True:
            with lock:
                if not rest:
                    return
                i, piece = rest.pop(0)
            parts[i] = work.do(piece)

    workers = [threading.Thread(target=run, name="thread %d" % (n + 1)) for n in range(processes)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return parts


def serve(work, tasks, results):
    """What each process does: it takes pieces until there are no more."""
    while True:
        task = tasks.get()
        if task is None:
            return
        i, piece = task
        results.put((i, work.do(piece)))


def processes(work, pieces, processes):
    tasks, results = multiprocessing.Queue(), multiprocessing.Queue()
    workers = [multiprocessing.Process(target=serve, args=(work, tasks, results), name="worker %d" % (n + 1)) for n in range(processes)]
    for worker in workers:
        worker.start()
    for task in enumerate(pieces):
        tasks.put(task)
    for worker in workers:
        tasks.put(None)
    parts = [None] * len(pieces)
    for _ in pieces:
        i, part = results.get()
        parts[i] = part
    for worker in workers:
        worker.join()
    return parts


WAYS = {"sequential": sequential, "threads": threads, "processes": processes}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", choices=("primes", "image"), default="primes", help="what is done")
    parser.add_argument("--way", choices=("all",) + tuple(WAYS), default="all", help="how it is done")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 2, help="how many threads or processes")
    parser.add_argument("--size", type=int, default=0, help="primes: the largest number (1000000); image: its width in pixels (960)")
    parser.add_argument("--pieces", type=int, default=16, help="into how many pieces the work is cut")
    parser.add_argument("--save", metavar="FOLDER", help="image: write the pictures there, before and after")
    options = parser.parse_args()
    if options.processes < 1 or options.pieces < 1 or options.size < 0:
        parser.error("processes and pieces must be 1 or more, size 0 or more")

    if options.work == "primes":
        work = Primes(options.size or 1_000_000)
    else:
        work = Image(max(options.size, 16) if options.size else 960)
    pieces = work.pieces(options.pieces)
    first = None
    for name in WAYS if options.way == "all" else [options.way]:
        began = time.perf_counter()
        parts = WAYS[name](work, pieces, options.processes)
        took = time.perf_counter() - began
        first = first or took
        print("%-10s  %s  in %.2f s (%.2f times as fast)" % (name, work.result(parts), took, first / took), flush=True)
        if options.save:
            work.save(options.save, parts)


if __name__ == "__main__":
    if sys.version_info < (3, 8):
        sys.exit("mp_worker.py needs Python 3.8 or newer; this is %d.%d" % sys.version_info[:2])
    main()
