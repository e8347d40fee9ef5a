"""How long N short messages take: python3 bench.py pipe|pingpong|queue|simple N. It prints seconds."""
import multiprocessing as mp
import sys
import time


def send(connection, n):
    for i in range(n):
        connection.send(i)


def back(connection, n):
    for i in range(n):
        connection.send(connection.recv())


def put(queue, n):
    for i in range(n):
        queue.put(i)


def main(kind, n):
    began = time.perf_counter()
    if kind == "pipe":
        ours, theirs = mp.Pipe(False)
        p = mp.Process(target=send, args=(theirs, n))
        p.start()
        for i in range(n):
            ours.recv()
    elif kind == "pingpong":
        ours, theirs = mp.Pipe()
        p = mp.Process(target=back, args=(theirs, n // 2))
        p.start()
        for i in range(n // 2):
            ours.send(i)
            ours.recv()
    else:
        queue = mp.Queue() if kind == "queue" else mp.SimpleQueue()
        p = mp.Process(target=put, args=(queue, n))
        p.start()
        for i in range(n):
            queue.get()
    p.join()
    print(time.perf_counter() - began)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
