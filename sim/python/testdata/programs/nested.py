"""Children with children: a number goes down three generations and comes back doubled by each."""
import multiprocessing as mp


def generation(connection, depth):
    n = connection.recv()
    if depth:
        ours, theirs = mp.Pipe()
        p = mp.Process(target=generation, args=(theirs, depth - 1), name="generation %d" % depth)
        p.start()
        ours.send(n * 2)
        n = ours.recv()
        p.join()
    connection.send(n)


if __name__ == "__main__":
    ours, theirs = mp.Pipe()
    p = mp.Process(target=generation, args=(theirs, 3))
    p.start()
    ours.send(1)
    print(ours.recv())
    p.join()
    print(p.exitcode)
