"""A Manager's dict and list, used by two processes."""
import multiprocessing as mp


def fill(d, l, n):
    for i in range(10):
        d[n * 10 + i] = i
    l.append(n)


if __name__ == "__main__":
    with mp.Manager() as manager:
        d, l = manager.dict(), manager.list()
        ps = [mp.Process(target=fill, args=(d, l, n)) for n in range(2)]
        for p in ps:
            p.start()
        for p in ps:
            p.join()
        print(len(d), sum(d.values()), sorted(l))
