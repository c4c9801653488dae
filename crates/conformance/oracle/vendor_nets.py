#!/usr/bin/env python3
"""vendor_nets.py VENV FOLDER [PREFIX...]: small nets of all kinds of layers through the vendor's BM1684 compiler.

VENV is a Python 3.10 environment with tpu_mlir 1.30.2 (its tools are called; nothing of it is kept). Each net is a layer
alone, or one between two convolutions; the layers of vendor_layers.py (ONNX) and vendor_caffe.py beside this file, with
random weights, for 1 and 4 images (some for 5). Each net is compiled for BM1684

    int8, with int8 inputs and outputs        layer by layer (_layers) and with layer groups (_groups)
    int8, with fp32 inputs and outputs        with layer groups (_cast)
    fp32                                      both (_fp32_layers, _fp32_groups)
    int8, the layer itself in fp32            both (_mixed_layers, _mixed_groups), where it stands between convolutions

FOLDER gets NAME_FORM.bmodel; what the vendor's compiler refuses is listed in FOLDER/refused.txt. What is there already
is not compiled again. PREFIX picks nets by the beginning of their names. Set VENDOR_BMODELS to FOLDER for the tests
"commands of the vendor's compiler" of conformance. All nets take about an hour on two cores.

Needs numpy and onnx 1.14.1 (VENV has both: run this script with VENV/bin/python).
"""
import multiprocessing.pool
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np

import vendor_caffe
import vendor_layers

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


def call(work, *command):
    """One of the vendor's tools; what it printed if it failed."""
    with open(work / "log", "w") as log:
        try:
            result = subprocess.run(command, cwd=work, stdout=log, stderr=log, stdin=subprocess.DEVNULL, timeout=TIME_LIMIT)
        except subprocess.TimeoutExpired:
            return f"still running after {TIME_LIMIT} s"
    if result.returncode == 0:
        return None
    lines = [line for line in (work / "log").read_text(errors="replace").splitlines() if line.strip()]
    told = [line for line in lines if "rror" in line or "ssert" in line or "not support" in line.lower()]
    return (told or lines or ["no reason given"])[0][:200]


def inputs(shapes, index):
    random = np.random.default_rng(index)
    return {name: random.uniform(-1, 1, shape).astype(np.float32) for name, shape in shapes.items()}


def mixed(work):
    """Every tensor but those of the convolutions in front and behind in fp32; False if there is no such."""
    names = [line.split()[0] for line in (work / "table").read_text().splitlines() if line and line[0] != "#"]
    inner = [name for name in names if not name.startswith(("x", "front", "back"))]
    (work / "mixed").write_text("".join(f"{name} F32\n" for name in inner))
    return len(inner) + 2 <= len(names) and any(name.startswith("back") for name in names) and bool(inner)


def compile_net(job):
    """All forms of a net that are missing; returns what was refused."""
    tools, folder, name, write = job
    wanted = {form: folder / f"{name}_{form}.bmodel" for form in FORMS}
    if all(path.exists() for path in wanted.values()) or (folder / "done" / name).exists():
        return []
    refused = []
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        try:
            model, shapes = write(work)
        except Exception as error:  # The generator of one net must not stop the others.
            return [f"{name}: not written: {error}"]
        (work / "calibration").mkdir()
        np.savez(work / "calibration/0.npz", **inputs(shapes, 0))
        listed = "[" + ",".join(str(list(shape)).replace(" ", "") for shape in shapes.values()) + "]"
        reason = call(work, f"{tools}/model_transform", "--model_name", "net", "--mlir", "net.mlir",
                      "--input_shapes", listed, *model)
        if reason is None:
            reason = call(work, f"{tools}/run_calibration", "net.mlir", "--dataset", "calibration", "--input_num", "1",
                          "-o", "table")
        if reason is not None:
            refused.append(f"{name}: {reason}")
        else:
            can_mix = mixed(work)
            for form, (precision, *flags) in FORMS.items():
                if wanted[form].exists() or (form.startswith("mixed") and not can_mix):
                    continue
                if precision == "INT8":
                    flags = ["--calibration_table", "table", *flags]
                reason = call(work, f"{tools}/model_deploy", "--mlir", "net.mlir", "--quantize", precision,
                              "--processor", "bm1684", "--model", "net.bmodel", *flags)
                if reason is None:
                    shutil.move(work / "net.bmodel", wanted[form])
                else:
                    refused.append(f"{name}_{form}: {reason}")
    (folder / "done" / name).write_text("".join(line + "\n" for line in refused))
    return refused


def main(venv, folder, *prefixes):
    tools, folder = pathlib.Path(venv).absolute() / "bin", pathlib.Path(folder).absolute()
    (folder / "done").mkdir(parents=True, exist_ok=True)
    os.environ["PATH"] = f"{tools}:{os.environ['PATH']}"
    nets = {**vendor_layers.nets(), **vendor_caffe.nets(str(tools / "python"))}
    jobs = [(tools, folder, name, write) for name, write in nets.items() if not prefixes or name.startswith(prefixes)]
    # The vendor's tools are processes of their own: threads suffice.
    with multiprocessing.pool.ThreadPool(2) as pool:
        for index, ((*_, name, _), refused) in enumerate(zip(jobs, pool.imap(compile_net, jobs))):
            print("\n    ".join([f"{index + 1}/{len(jobs)} {name}", *refused]), flush=True)
    notes = sorted(line for path in (folder / "done").iterdir() for line in path.read_text().splitlines())
    (folder / "refused.txt").write_text("".join(line + "\n" for line in notes))


if __name__ == "__main__":
    main(*sys.argv[1:])
