#!/usr/bin/env python3
"""vendor_nets.py FOLDER [PREFIX...]: small nets of all kinds of layers through the vendor's BM1684 compiler.

Run it with the Python of a 3.10 environment that has tpu_mlir 1.30.2 and what that needs (numpy and onnx among it);
nothing of the package is kept. The nets are those of vendor_layers.py (ONNX) and vendor_caffe.py beside this file: a
layer alone and between two convolutions, random weights, 1 and 4 images (some 5). Each net is compiled for BM1684

    int8, with int8 inputs and outputs        layer by layer (_layers) and with layer groups (_groups)
    int8, with fp32 inputs and outputs        with layer groups (_cast)
    fp32                                      both (_fp32_layers, _fp32_groups)
    int8, the layer itself in fp32            both (_mixed_layers, _mixed_groups), where it stands between convolutions

FOLDER gets NAME_FORM.bmodel; what the vendor's compiler refuses is listed in FOLDER/refused.txt. What is there already
is not compiled again. PREFIX picks nets by the beginnings of their names. With VENDOR_BMODELS=FOLDER, conformance's
tests "shapes" and "bm1684" read the commands. All nets take about an hour on two cores.
"""
import glob
import multiprocessing
import os
import pathlib
import re
import runpy
import shutil
import signal
import sys
import tempfile
import time
import traceback

import numpy as np

import tpu_mlir  # Sets the environment that its libraries need when the process starts.

if os.environ.get("VENDOR_NETS") != "ready":
    os.environ.update(VENDOR_NETS="ready", OMP_NUM_THREADS="1")
    os.execv(sys.executable, [sys.executable, *sys.argv])

import calibration.kld_calibrator  # noqa: F401: imported once, the tools run in forks of this process
import pymlir  # noqa: F401
import transform.CaffeConverter  # noqa: F401
import transform.OnnxConverter  # noqa: F401

import vendor_caffe
import vendor_layers

TOOLS = pathlib.Path(tpu_mlir.package_path) / "python/tools"
TIME_LIMIT = 300
FORMS = {
    "layers": ["INT8", "--quant_input", "--quant_output", "--disable_layer_group"],
    "groups": ["INT8", "--quant_input", "--quant_output"],
    "cast": ["INT8"],
    "fp32_layers": ["F32", "--disable_layer_group"],
    "fp32_groups": ["F32"],
    "mixed_layers": ["INT8", "--quant_input", "--quant_output", "--disable_layer_group", "--quantize_table", "mixed"],
    "mixed_groups": ["INT8", "--quant_input", "--quant_output", "--quantize_table", "mixed"],
}


def call(work, tool, *arguments):
    """One of the vendor's tools in a fork of this process; what it printed if it failed."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setsid()
            os.chdir(work)
            log = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for stream in (1, 2):
                os.dup2(log, stream)
            sys.argv = [tool, *arguments]
            runpy.run_path(str(TOOLS / f"{tool}.py"), run_name="__main__")
            status = 0
        except SystemExit as stop:
            status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status & 255)
    end = time.monotonic() + TIME_LIMIT
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        if time.monotonic() > end:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return f"still running after {TIME_LIMIT} s"
        time.sleep(0.01)
    if status == 0:
        return None
    lines = [line for line in (work / "log").read_text(errors="replace").splitlines() if line.strip()]
    told = [line for line in lines if re.search(r"Assertion|not support|error: |Error: ", line) and "tpuc-opt " not in line]
    return (told or lines or ["no reason given"])[0][:200]


def mixed(work):
    """Every tensor but those of the convolutions in front and behind in fp32; False if there is no such."""
    names = [line.split()[0] for line in (work / "table").read_text().splitlines() if line and line[0] != "#"]
    inner = [name for name in names if not name.startswith(("x", "front", "back"))]
    (work / "mixed").write_text("".join(f"{name} F32\n" for name in inner))
    return bool(inner) and any(name.startswith("back") for name in names)


def compile_net(folder, name, write, work):
    """All forms of a net that are missing; returns what was refused."""
    try:
        model, shapes = write(work)
    except Exception as error:  # The generator of one net must not stop the others.
        return [f"{name}: not written: {error}"]
    (work / "calibration").mkdir()
    random = np.random.default_rng(0)
    data = {name: random.uniform(-1, 1, shape).astype(np.float32) for name, shape in shapes.items()}
    np.savez(work / "calibration/0.npz", **data)
    listed = "[" + ",".join(str(list(shape)).replace(" ", "") for shape in shapes.values()) + "]"
    reason = call(work, "model_transform", "--model_name", "net", "--mlir", "net.mlir", "--input_shapes", listed, *model)
    reason = reason or call(work, "run_calibration", "net.mlir", "--dataset", "calibration", "--input_num", "1", "-o", "table")
    if reason is not None:
        return [f"{name}: {reason}"]
    refused = []
    can_mix = mixed(work)
    for form, (precision, *flags) in FORMS.items():
        wanted = folder / f"{name}_{form}.bmodel"
        if wanted.exists() or (form.startswith("mixed") and not can_mix):
            continue
        if precision == "INT8":
            flags = ["--calibration_table", "table", *flags]
        reason = call(work, "model_deploy", "--mlir", "net.mlir", "--quantize", precision, "--processor", "bm1684",
                      "--model", "net.bmodel", *flags)
        if reason is None:
            shutil.move(work / "net.bmodel", wanted)
        else:
            refused.append(f"{name}_{form}: {reason}")
    return refused


def run(job):
    folder, name = job
    if not (folder / "done" / name).exists():
        with tempfile.TemporaryDirectory() as work:
            refused = compile_net(folder, name, NETS[name], pathlib.Path(work))
        (folder / "done" / name).write_text("".join(line + "\n" for line in refused))
    return name


NETS = {**vendor_caffe.nets(), **vendor_layers.nets()}


def main(folder, *prefixes):
    folder = pathlib.Path(folder).absolute()
    (folder / "done").mkdir(parents=True, exist_ok=True)
    jobs = [(folder, name) for name in NETS if not prefixes or name.startswith(prefixes)]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for index, name in enumerate(pool.imap(run, jobs)):
            print(f"{index + 1}/{len(jobs)} {name}", flush=True)
    notes = sorted(line for path in glob.glob(f"{folder}/done/*") for line in open(path).read().splitlines())
    (folder / "refused.txt").write_text("".join(line + "\n" for line in notes))


if __name__ == "__main__":
    main(*sys.argv[1:])
