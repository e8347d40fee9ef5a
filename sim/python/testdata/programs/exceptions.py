"""Exceptions in a child, an end of file, a broken pipe, an odd message: what is printed, tracebacks too, and the status."""
import multiprocessing as mp
import sys
import traceback


class Odd:
    def __repr__(self):
        raise SystemExit("nobody may ask me")

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        print("somebody asked for", name)
        raise AttributeError(name)


class Stubborn:
    def __reduce__(self):
        raise RuntimeError("it cannot be pickled")


def fails(connection):
    connection.recv()
    raise ValueError("on purpose")


def leaves(connection):
    connection.poll(None)  # and does not read it
    sys.exit(7)


if __name__ == "__main__":
    for target in fails, leaves:
        a, b = mp.Pipe()
        p = mp.Process(target=target, args=(b,), name="el que falla")
        p.start()
        b.close()
        a.send(Odd())
        p.join()
        print(p.exitcode)
        try:
            a.recv()
        except (EOFError, ConnectionResetError):
            print(traceback.format_exc())
    r, w = mp.Pipe(duplex=False)
    r.close()
    try:
        w.send(1)
    except BrokenPipeError:
        print(traceback.format_exc())
    a, b = mp.Pipe()
    for bad in Stubborn(), lambda: 1:
        try:
            a.send(bad)
        except Exception as e:
            print(type(e).__name__, [(f.filename, f.lineno, f.name, f.line) for f in traceback.extract_tb(e.__traceback__)])
    a.send_bytes(b"\x80broken")
    try:
        b.recv()
    except Exception:
        print(traceback.format_exc())
    a.send_bytes(b"x" * 100)
    try:
        b.recv_bytes(10)
    except OSError as e:
        print(e, b.closed, traceback.format_exc())
    b.close()
    try:
        a.recv()
    except (EOFError, OSError) as e:
        print(type(e).__name__, traceback.format_exc())
    raise KeyError("the end")
