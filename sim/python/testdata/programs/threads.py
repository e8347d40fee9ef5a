"""Four threads send on one connection at the same time."""
import multiprocessing as mp
import sys
import threading

sys.setswitchinterval(1e-5)
EACH = 2000


def take(connection, n):
    print(sum(connection.recv() for _ in range(n)))


if __name__ == "__main__":
    r, w = mp.Pipe(False)
    p = mp.Process(target=take, args=(r, 4 * EACH))
    p.start()
    lock = threading.Lock()

    def send():
        for i in range(EACH):
            with lock:
                w.send(i)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    p.join()
    print(p.exitcode)
