"""Pool, with an exception in a worker, and ProcessPoolExecutor."""
import multiprocessing as mp
from concurrent.futures import ProcessPoolExecutor


def cube(n):
    if n == 13:
        raise ValueError("thirteen")
    return n ** 3


if __name__ == "__main__":
    with mp.Pool(3) as pool:
        print(pool.map(cube, range(10)))
        try:
            pool.map(cube, range(20))
        except ValueError as e:
            print("pool:", e)
    with ProcessPoolExecutor(3) as pool:
        print(list(pool.map(cube, range(10))))
        print(pool.submit(cube, 13).exception())
