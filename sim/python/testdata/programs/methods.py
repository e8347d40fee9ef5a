"""Each start method: a child over a Pipe, another over a Queue."""
import multiprocessing as mp
import sys


def worker(connection, queue):
    while True:
        m = connection.recv()
        if m is None:
            return
        queue.put((m, m * m))


if __name__ == "__main__":
    for method in sys.argv[1:]:
        context = mp.get_context(method)
        a, b = context.Pipe()
        queue = context.Queue()
        p = context.Process(target=worker, args=(b, queue), name="hijo " + method)
        p.start()
        for i in range(20):
            a.send(i)
        got = [queue.get() for i in range(20)]
        a.send(None)
        p.join()
        print(method, got == [(i, i * i) for i in range(20)], p.exitcode, p.name)
