"""convert_imageset beside a Python writer with OpenCV and lmdb, over the same photographs.

    convert_imageset_peer.py CONVERT_IMAGESET [WORKDIR] [PROCESSES]

Needs numpy, opencv-python and lmdb. Draws 1,000 photo-like JPEGs (4 of 5 are 500x375, the others up to
1600x1200, quality 90) into WORKDIR once, the same ones on every machine, then runs both writers in turn, three
times each: --resize_height=256 --resize_width=256, with PROCESSES threads (RAYON_NUM_THREADS) or processes, 2
unless told. Prints pictures a second, the medians' ratio, and how many records are equal.
"""

import multiprocessing
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import cv2
import lmdb
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "fixtures"))
from wire import varint

COUNT = 1000
SIDE = 256
BATCH = 100


def draw(index):
    """Soft colour gradients, edges, texture and sensor noise: about as hard to decode as a photograph."""
    random = np.random.default_rng(index)
    width, height = (500, 375) if index % 5 else ((1024, 768), (1600, 1200))[index // 5 % 2]
    coarse = random.integers(0, 256, (height // 60 + 2, width // 60 + 2, 3), dtype=np.uint8)
    picture = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    for _ in range(30):
        center = (int(random.integers(width)), int(random.integers(height)))
        axes = (int(random.integers(5, width // 5)), int(random.integers(5, height // 5)))
        colour = [int(value) for value in random.integers(0, 256, 3)]
        cv2.ellipse(picture, center, axes, int(random.integers(180)), 0, 360, colour, -1)
    fine = random.normal(0, 25, (height // 3 + 1, width // 3 + 1)).astype(np.float32)
    picture += cv2.resize(fine, (width, height))[..., None] + random.normal(0, 5, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def pictures(folder):
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"photo_{index:04}.jpg" for index in range(COUNT)]
    missing = [index for index, name in enumerate(names) if not (folder / name).exists()]
    with multiprocessing.Pool() as pool:
        pool.starmap(save, [(index, str(folder / names[index])) for index in missing], chunksize=8)
    (folder / "list.txt").write_text("".join(f"{name} {i % 1000}\n" for i, name in enumerate(names)))
    return names


def save(index, path):
    cv2.setNumThreads(1)
    cv2.imwrite(path, draw(index), [cv2.IMWRITE_JPEG_QUALITY, 90])


def to_record(item):
    """One picture to the bytes of Caffe's Datum."""
    path, label = item
    cv2.setNumThreads(1)
    picture = cv2.resize(cv2.imread(path), (SIDE, SIDE))
    data = np.ascontiguousarray(picture.transpose(2, 0, 1)).tobytes()
    return (b"\x08\x03\x10" + varint(SIDE) + b"\x18" + varint(SIDE) + b"\x22" + varint(len(data)) + data
            + b"\x28" + varint(label) + b"\x38\x00")


def python_writer(folder, names, database, processes):
    items = [(str(folder / name), i % 1000) for i, name in enumerate(names)]
    with multiprocessing.Pool(processes) as pool, lmdb.open(database, map_size=4 << 30) as env:
        records = enumerate(pool.imap(to_record, items, chunksize=8))
        for start in range(0, COUNT, BATCH):
            with env.begin(write=True) as txn:
                for _ in range(BATCH):
                    index, record = next(records)
                    txn.put(b"%08d_%s" % (index, names[index].encode()), record)


def convert_imageset(tool, folder, database, processes):
    subprocess.run([tool, f"--resize_height={SIDE}", f"--resize_width={SIDE}", f"{folder}/", folder / "list.txt",
                    database], check=True, env={**os.environ, "RAYON_NUM_THREADS": str(processes)},
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def equal_records(a, b):
    with lmdb.open(a, readonly=True, lock=False) as a, lmdb.open(b, readonly=True, lock=False) as b:
        with a.begin() as a, b.begin() as b:
            return sum(b.get(key) == value for key, value in a.cursor())


def main():
    tool = pathlib.Path(sys.argv[1]).resolve()
    work = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp())
    processes = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    folder = work / "photos"
    names = pictures(folder)
    seconds = {"convert_imageset": [], "python": []}
    databases = {name: str(work / f"{name}_lmdb") for name in seconds}
    for _ in range(3):
        for name, database in databases.items():
            shutil.rmtree(database, ignore_errors=True)
            start = time.monotonic()
            if name == "python":
                python_writer(folder, names, database, processes)
            else:
                convert_imageset(tool, folder, database, processes)
            seconds[name].append(time.monotonic() - start)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    for name, values in seconds.items():
        runs = ", ".join(f"{COUNT / value:.0f}" for value in values)
        print(f"{name}: {COUNT / medians[name]:.0f} pictures/s with {processes} processes (runs: {runs})")
    print(f"ratio: {medians['python'] / medians['convert_imageset']:.2f}")
    print(f"equal records: {equal_records(*databases.values())} of {COUNT}")


if __name__ == "__main__":
    main()
