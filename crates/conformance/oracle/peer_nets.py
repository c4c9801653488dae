#!/usr/bin/env python3
"""peer_nets.py FOLDER [NAME...]: ONNX nets with seeded weights, to compare the cycles of compilers.

ResNet-18, ResNet-50 (torchvision's structure), MobileNet-v1, MobileNet-v2 and SSD300 on VGG-16 up to its twelve heads (the
normalization behind conv4_3 left out), with BatchNorm folded. The weights are random, He's variance, so that the values of all
layers stay in range; they recognize nothing. Needs onnx and numpy.
"""
import os
import sys

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save


class Net:
    def __init__(self, name, side):
        self.name, self.side = name, side
        self.random = np.random.default_rng(sum(map(ord, name)))
        self.nodes, self.weights, self.outputs = [], [], []
        self.shapes = {"data": (3, side, side)}

    def add(self, operator, inputs, channels, side, **attributes):
        top = f"{operator.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [top], name=top, **attributes))
        self.shapes[top] = (channels, side, side)
        return top

    def tensor(self, array):
        name = f"weight{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(array.astype(np.float32), name))
        return name

    def conv(self, x, channels, kernel, stride=1, pad=None, group=1, dilation=1, act="Relu", gain=2.0):
        c, side, _ = self.shapes[x]
        pad = dilation * (kernel - 1) // 2 if pad is None else pad
        fan = c // group * kernel * kernel
        w = self.random.normal(0, np.sqrt(gain / fan), (channels, c // group, kernel, kernel))
        b = self.random.normal(0, 0.1, channels)
        out = (side + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1
        x = self.add("Conv", [x, self.tensor(w), self.tensor(b)], channels, out, kernel_shape=[kernel] * 2,
                     strides=[stride] * 2, pads=[pad] * 4, group=group, dilations=[dilation] * 2)
        if act == "Relu6":
            limits = [self.tensor(np.array(v)) for v in (0, 6)]
            return self.add("Clip", [x, *limits], channels, out)
        return self.add(act, [x], channels, out) if act else x

    def pool(self, x, kernel, stride, pad=0, ceil=0):
        c, side, _ = self.shapes[x]
        span = side + 2 * pad - kernel
        out = (-(-span // stride) if ceil else span // stride) + 1
        return self.add("MaxPool", [x], c, out, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4,
                        ceil_mode=ceil)

    def plus(self, a, b, act=None):
        c, side, _ = self.shapes[a]
        x = self.add("Add", [a, b], c, side)
        return self.add(act, [x], c, side) if act else x

    def classify(self, x, classes=1000):
        c, side, _ = self.shapes[x]
        x = self.add("GlobalAveragePool", [x], c, 1)
        x = self.add("Flatten", [x], c, 1, axis=1)
        w = self.random.normal(0, np.sqrt(1 / c), (classes, c))
        x = self.add("Gemm", [x, self.tensor(w), self.tensor(np.zeros(classes))], classes, 1, transB=1)
        self.outputs.append((x, [1, classes]))

    def head(self, x, channels):
        x = self.conv(x, channels, 3, act=None, gain=1.0)
        self.outputs.append((x, [1, *self.shapes[x]]))

    def write(self, folder):
        value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        graph = helper.make_graph(self.nodes, self.name, [value("data", [1, 3, self.side, self.side])],
                                  [value(*o) for o in self.outputs], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
        model.ir_version = 8
        checker.check_model(model)
        save(model, os.path.join(folder, f"{self.name}.onnx"))


def resnet(name, blocks, bottleneck):
    net = Net(name, 224)
    x = net.pool(net.conv("data", 64, 7, 2), 3, 2, 1)
    for stage, count in enumerate(blocks):
        for block in range(count):
            planes, stride = 64 << stage, 2 if stage and not block else 1
            out = planes * (4 if bottleneck else 1)
            short = x
            if stride != 1 or net.shapes[x][0] != out:
                short = net.conv(x, out, 1, stride, act=None, gain=1.0)
            if bottleneck:
                y = net.conv(net.conv(x, planes, 1), planes, 3, stride)
                y = net.conv(y, out, 1, act=None, gain=0.5)
            else:
                y = net.conv(net.conv(x, planes, 3, stride), planes, 3, act=None, gain=0.5)
            x = net.plus(y, short, "Relu")
    net.classify(x)
    return net


def mobilenet_v1():
    net = Net("mobilenet_v1", 224)
    x = net.conv("data", 32, 3, 2)
    for channels, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]:
        x = net.conv(x, net.shapes[x][0], 3, stride, group=net.shapes[x][0])
        x = net.conv(x, channels, 1)
    net.classify(x)
    return net


def mobilenet_v2():
    net = Net("mobilenet_v2", 224)
    x = net.conv("data", 32, 3, 2, act="Relu6")
    for expand, channels, count, first in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                           (6, 160, 3, 2), (6, 320, 1, 1)]:
        for block in range(count):
            c, stride = net.shapes[x][0], 1 if block else first
            y = net.conv(x, c * expand, 1, act="Relu6") if expand > 1 else x
            y = net.conv(y, c * expand, 3, stride, group=c * expand, act="Relu6")
            y = net.conv(y, channels, 1, act=None, gain=0.5)
            x = net.plus(x, y) if stride == 1 and c == channels else y
    net.classify(net.conv(x, 1280, 1, act="Relu6"))
    return net


def ssd300(classes=21):
    net = Net("ssd300", 300)
    x, sources = "data", []
    for stage, (channels, count) in enumerate([(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]):
        for _ in range(count):
            x = net.conv(x, channels, 3)
        if stage == 3:
            sources.append((x, 4))
        x = net.pool(x, 3, 1, 1) if stage == 4 else net.pool(x, 2, 2, ceil=1)
    x = net.conv(net.conv(x, 1024, 3, dilation=6), 1024, 1)
    sources.append((x, 6))
    for inner, outer, stride, pad, boxes in [(256, 512, 2, 1, 6), (128, 256, 2, 1, 6), (128, 256, 1, 0, 4), (128, 256, 1, 0, 4)]:
        x = net.conv(net.conv(x, inner, 1), outer, 3, stride, pad)
        sources.append((x, boxes))
    for source, boxes in sources:
        net.head(source, boxes * 4)
        net.head(source, boxes * classes)
    return net


NETS = {
    "resnet18": lambda: resnet("resnet18", [2, 2, 2, 2], False),
    "resnet50": lambda: resnet("resnet50", [3, 4, 6, 3], True),
    "mobilenet_v1": mobilenet_v1,
    "mobilenet_v2": mobilenet_v2,
    "ssd300": ssd300,
}

if __name__ == "__main__":
    os.makedirs(sys.argv[1], exist_ok=True)
    for wanted in sys.argv[2:] or NETS:
        NETS[wanted]().write(sys.argv[1])
