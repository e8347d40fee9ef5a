"""Producers and consumers, joined by one Queue of a few places: who is faster has to wait.

    python3 queue_demo.py [--processes N] [--size N] [--places N]

There are as many consumers as producers; the size is how many messages each producer makes.
"""
import argparse
import multiprocessing
import time


def produce(queue, size, pause):
    name = multiprocessing.current_process().name
    for i in range(1, size + 1):
        time.sleep(pause)
        queue.put("%s: %d" % (name, i))  # waits while the queue is full


def consume(queue, results, pause):
    got = 0
    while queue.get() is not None:
        time.sleep(pause)
        got += 1
    results.put((multiprocessing.current_process().name, got))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--processes", type=int, default=2, help="how many producers, and how many consumers")
    parser.add_argument("--size", type=int, default=20, help="how many messages each producer makes")
    parser.add_argument("--places", type=int, default=5, help="how many messages the queue holds")
    parser.add_argument("--pause", type=float, default=0.2, help="seconds a producer works on a message; a consumer twice as long")
    options = parser.parse_args()

    queue = multiprocessing.Queue(options.places)
    results = multiprocessing.SimpleQueue()
    producers = [multiprocessing.Process(target=produce, args=(queue, options.size, options.pause), name="producer %d" % (i + 1))
                 for i in range(options.processes)]
    consumers = [multiprocessing.Process(target=consume, args=(queue, results, 2 * options.pause), name="consumer %d" % (i + 1))
                 for i in range(options.processes)]
    for process in producers + consumers:
        process.start()
    for process in producers:
        process.join()
    for _ in consumers:
        queue.put(None)
    for process in consumers:
        process.join()
    shares = dict(results.get() for _ in consumers)
    print("%d messages were sent and %d received" % (options.processes * options.size, sum(shares.values())))


if __name__ == "__main__":
    main()
