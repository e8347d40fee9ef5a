"""terminate() and kill() while the child waits for a message."""
import multiprocessing as mp


def waits(connection, ready):
    ready.send("ready")
    connection.recv()


if __name__ == "__main__":
    for end in "terminate", "kill":
        a, b = mp.Pipe()
        ready, is_ready = mp.Pipe(False)
        p = mp.Process(target=waits, args=(b, is_ready))
        p.start()
        print(ready.recv())
        while open("/proc/%d/stat" % p.pid).read().rsplit(")", 1)[1].split()[0] != "S":
            pass  # not before it waits
        getattr(p, end)()
        p.join()
        print(end, p.exitcode)
