"""A parent and its children, each joined to it by a Pipe: it sends numbers, they send back the squares.

    python3 pipe.py [--processes N] [--size N]

The size is how many numbers each child gets.
"""
import argparse
import multiprocessing
import time


def square(connection, pause):
    while True:
        number = connection.recv()  # waits until there is one
        if number is None:
            break
        time.sleep(pause)
        connection.send(number * number)
    connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--processes", type=int, default=2, help="how many children")
    parser.add_argument("--size", type=int, default=20, help="how many numbers each child gets")
    parser.add_argument("--pause", type=float, default=0.2, help="seconds a child works on each")
    options = parser.parse_args()

    children = []
    for i in range(options.processes):
        ours, theirs = multiprocessing.Pipe()
        child = multiprocessing.Process(target=square, args=(theirs, options.pause), name="child %d" % (i + 1))
        child.start()
        theirs.close()  # only the child holds that end now
        children.append((child, ours))

    total = 0
    for number in range(1, options.size + 1):
        for child, connection in children:
            connection.send(number)
        for child, connection in children:
            total += connection.recv()
    for child, connection in children:
        connection.send(None)
        child.join()
        print("%s has ended with status %d" % (child.name, child.exitcode))
    print("the sum of all squares: %d" % total)


if __name__ == "__main__":
    main()
