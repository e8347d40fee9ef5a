"""A signal comes while a message is awaited; its handler sends one on the same connection."""
import multiprocessing as mp
import os
import signal


if __name__ == "__main__":
    a, b = mp.Pipe()
    a.send("first")
    print(b.recv())
    signal.signal(signal.SIGALRM, lambda *_: a.send("from the handler"))
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    print(b.recv())

    def interrupted(*_):
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, interrupted)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        b.recv()
    except KeyboardInterrupt:
        print("interrupted")
    a.send(1)
    print(b.recv())
    os.kill(os.getpid(), signal.SIGTERM)
