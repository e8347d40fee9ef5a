"""os.fork without Process, preexec_fn and then exec, and the numbers of descriptors."""
import multiprocessing as mp
import os
import subprocess
import sys

if __name__ == "__main__":
    a, b = mp.Pipe()
    print(a.fileno(), b.fileno())
    a.send("to myself")
    print(b.recv())
    c, d = mp.Pipe()
    print(c.fileno(), d.fileno(), sorted(os.listdir("/proc/self/fd"), key=int))
    pid = os.fork()
    if pid == 0:
        b.send("from a child")
        print(c.fileno(), sorted(os.listdir("/proc/self/fd"), key=int), flush=True)
        os.closerange(c.fileno() + 1, 100)
        os._exit(4)
    print(os.WEXITSTATUS(os.waitpid(pid, 0)[1]))
    print(a.recv())
    out = subprocess.run([sys.executable, "-c", "import multiprocessing as m; a, b = m.Pipe(); a.send(1); print(b.recv())"],
                         preexec_fn=lambda: None, stdout=subprocess.PIPE)
    print(out.stdout.decode(), out.returncode)
    os.closerange(3, 100)
    for connection in a, b, c, d:
        connection._handle = None  # closed already
    sys.stdout.flush()
    # Left to the end of the interpreter: what is not written then is lost.
    last = [os.fdopen(os.dup(1), "w") for _ in range(12)]
    print([f.fileno() for f in last])
    for i, f in enumerate(last):
        f.write("last words %d\n" % i)
