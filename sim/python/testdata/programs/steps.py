"""A parent sends numbers, a child sends them back, as long as it is let: python3 steps.py METHOD N."""
import multiprocessing as mp
import sys


def back(connection, queue):
    while True:
        m = connection.recv()
        queue.put(m)
        if m is None:
            return


if __name__ == "__main__":
    context = mp.get_context(sys.argv[1])
    ours, theirs = context.Pipe()
    queue = context.Queue()
    p = context.Process(target=back, args=(theirs, queue), name="back")
    p.start()
    for i in range(int(sys.argv[2])):
        ours.send(i)
        if queue.get() != i:
            sys.exit("wrong")
    ours.send(None)
    p.join()
    print("done")
