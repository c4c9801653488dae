#!/usr/bin/env python3
"""sqnr.py: the noise of quantized outputs, ours and those of the vendor's compiler (tpu-mlir), on the same arrays.

    sqnr.py score FP32.npz INT8.npz          prints decibels and cosines of each output
    sqnr.py split INPUTS.npz FOLDER          writes each picture as FOLDER/00000.npz, for run_calibration
    sqnr.py run NET.mlir INPUTS.npz OUT.npz [TENSOR..]
                                             runs a net of tpu-mlir on each picture, in its Python environment

The files hold an array for each blob, one entry for each pass: those of `ufw test_fp32 -output`, `ufw test_int8 -output` and
`ufw extract -out`. The signal-to-noise ratio of a picture is 10 log10(sum(fp32^2) / sum((fp32 - int8)^2)); printed is the
mean over the pictures, and the worst. If names differ, outputs of both files are paired by their order. Needs numpy.
"""
import pathlib
import sys

import numpy as np


def score(fp32_path, int8_path):
    fp32, int8 = np.load(fp32_path), np.load(int8_path)
    names = fp32.files if set(fp32.files) <= set(int8.files) else int8.files
    for name, other in zip(fp32.files, names):
        count = min(len(fp32[name]), len(int8[other]))
        a, b = (archive[key][:count].reshape(count, -1).astype(np.float64) for archive, key in ((fp32, name), (int8, other)))
        noise = 10 * np.log10((a**2).sum(1) / np.maximum(((a - b)**2).sum(1), 1e-30) + 1e-30)
        cosine = (a * b).sum(1) / np.sqrt(np.maximum((a**2).sum(1) * (b**2).sum(1), 1e-30))
        print(f"{name}: {noise.mean():.2f} dB, worst {noise.min():.2f}; cosine {cosine.mean():.5f}, worst {cosine.min():.5f}; {count} pictures")


def split(path, folder):
    archive = np.load(path)
    arrays = {name: archive[name] for name in archive.files}
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    for index in range(min(map(len, arrays.values()))):
        np.savez(f"{folder}/{index:05}.npz", **{name: array[index:index + 1] for name, array in arrays.items()})


def run(net, path, out, *tensors):
    import tpu_mlir  # puts pymlir on the path
    import pymlir

    pymlir.set_mem_mode("value_mem")
    module = pymlir.module()
    module.load(net)
    archive = np.load(path)
    inputs = [np.ascontiguousarray(archive[name], np.float32) for name in archive.files]
    found = {name: [] for name in tensors or module.output_names}
    for index in range(min(map(len, inputs))):
        for name, array in zip(module.input_names, inputs):
            module.set_tensor(name, array[index:index + 1], (1, *array.shape[1:]))
        module.invoke(True)
        computed = module.get_all_tensor()
        for name, values in found.items():
            values.append(np.array(computed[name]))
    np.savez(out, **{name: np.stack(values) for name, values in found.items()})


if __name__ == "__main__":
    {"score": score, "split": split, "run": run}[sys.argv[1]](*sys.argv[2:])
