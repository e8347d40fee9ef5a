"""Many messages: N through a Pipe there and back, N through a Queue."""
import multiprocessing as mp
import sys


def there(connection, queue, n):
    for i in range(n):
        connection.send(connection.recv())
    for i in range(n):
        queue.put(i)


if __name__ == "__main__":
    n = int(sys.argv[1])
    a, b = mp.Pipe()
    queue = mp.Queue()
    p = mp.Process(target=there, args=(b, queue, n), name="there")
    p.start()
    total = 0
    for i in range(n):
        a.send(i)
        total += a.recv()
    for i in range(n):
        total += queue.get()
    p.join()
    print(total)
