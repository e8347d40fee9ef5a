"""SimpleQueue, JoinableQueue, a full Queue, an empty one, time outs, a message that cannot be pickled."""
import multiprocessing as mp
import queue
import sys


def echo(source, sink):
    while True:
        m = source.get()
        sink.put(m)
        source.task_done()
        if m is None:
            return


if __name__ == "__main__":
    source, sink = mp.JoinableQueue(), mp.SimpleQueue()
    p = mp.Process(target=echo, args=(source, sink))
    p.start()
    for i in range(50):
        source.put(i)
    source.put(None)
    source.join()
    print(sum(sink.get() for i in range(50)), sink.get(), sink.empty())
    p.join()
    small = mp.Queue(2)
    small.put("a")
    small.put("b")
    try:
        small.put("c", timeout=0.01)
    except queue.Full:
        print("full")
    print(small.get(), small.get())
    try:
        small.get(timeout=0.01)
    except queue.Empty:
        print("empty")
    sys.stderr = open("/dev/null", "w")  # the feeder thread complains there
    small.put(lambda: 1)
    small.put("after")
    print(small.get())
    small.close()
    small.join_thread()
    try:
        small.put(1)
    except ValueError as e:
        print("closed")
