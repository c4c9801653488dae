#!/usr/bin/env python3
"""fetch.py FOLDER: the vendor's runtime and BM1684 simulator, out of the pip package tpu_mlir.

Downloads the wheel (312 MB), keeps three shared objects (14 MB) in FOLDER. Needs pip. Then:

    BM1684_ORACLE=FOLDER cargo test -p conformance --test bm1684
"""
import pathlib
import subprocess
import sys
import tempfile
import zipfile

VERSION = "1.30.2"
LIBRARIES = ("libcmodel_bm1684.so", "libbmrt.so.1.0", "libbmlib.so.0")

folder = pathlib.Path(sys.argv[1])
if all((folder / name).exists() for name in LIBRARIES):
    sys.exit(0)
with tempfile.TemporaryDirectory() as work:
    subprocess.check_call(
        [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--python-version", "3.10",
         "--only-binary", ":all:", "-d", work, f"tpu_mlir=={VERSION}"])
    (wheel,) = pathlib.Path(work).glob("tpu_mlir-*.whl")
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        for name in LIBRARIES:
            (folder / name).write_bytes(archive.read(f"tpu_mlir/lib/{name}"))
