#!/usr/bin/env python3
"""umodel_peers.py FOLDER PROTO_FOLDER: how fast Python's protobuf reads and writes Caffe models.

FOLDER has the files of make_umodel_inputs.py, PROTO_FOLDER umodel.proto and what it imports. Prints
the best wall times as lines `NAME SECONDS`: text_parse (text_format.Parse of net.prototxt),
binary_decode (ParseFromString of net.caffemodel), binary_encode (SerializeToString of it); and to
stderr the versions. Files are read, and messages freed, outside of the timed part.

    pip install protobuf grpcio-tools

gives the upb back end. The C++ back end, --implementation cpp, is in the wheels of protobuf up to
3.20 for Python up to 3.10, and for Python 3.11 in Debian 12's package, not in PyPI's wheels:

    pip install protobuf==3.20.3 grpcio-tools==1.48.2

    apt-get install python3-protobuf
    pip install grpcio-tools==1.51.3  # of a virtual environment with --system-site-packages
"""
import argparse
import importlib
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

MODULES = {"upb": "google._upb._message", "cpp": "google.protobuf.pyext._message"}

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("proto_folder", type=pathlib.Path)
parser.add_argument("--implementation", choices=MODULES, default="upb")
args = parser.parse_args()

# protobuf reads this when it is imported. Where the back end is missing, some versions only warn.
os.environ["PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"] = args.implementation
try:
    importlib.import_module(MODULES[args.implementation])
except ImportError as error:
    sys.exit(f"this protobuf has no {args.implementation} back end: {error}")

import google.protobuf
from google.protobuf import text_format
from google.protobuf.internal import api_implementation

if api_implementation.Type() != args.implementation:
    sys.exit(f"protobuf took its {api_implementation.Type()} back end")

with tempfile.TemporaryDirectory() as folder:
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={args.proto_folder}",
                    f"--python_out={folder}", "umodel.proto", "blob.proto", "transform.proto"],
                   check=True)
    sys.path.insert(0, folder)
    import umodel_pb2


def measure(name, times, run):
    best = float("inf")
    for _ in range(times):
        message = umodel_pb2.NetParameter()
        start = time.perf_counter()
        result = run(message)
        best = min(best, time.perf_counter() - start)
        del message, result
    print(f"{name} {best:.4f}", flush=True)


print(f"Python {platform.python_version()}, protobuf {google.protobuf.__version__}, "
      f"{api_implementation.Type()}", file=sys.stderr)

text = (args.folder / "net.prototxt").read_text()
binary = (args.folder / "net.caffemodel").read_bytes()
net = umodel_pb2.NetParameter()
net.ParseFromString(binary)
if net.SerializeToString() != binary:
    sys.exit("net.caffemodel does not come back as it was")

measure("text_parse", 2, lambda message: text_format.Parse(text, message))
measure("binary_decode", 5, lambda message: message.ParseFromString(binary))
measure("binary_encode", 5, lambda message: net.SerializeToString())
