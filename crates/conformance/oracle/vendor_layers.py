"""Single ONNX layers of all kinds, for vendor_nets.py: each as a net alone and between two convolutions.

An entry of LAYERS: the layer's name, the shapes of its input without the images, and a function that adds its nodes to
a Graph, from its input to its result. Several shapes make several nets. Random weights, the same in every run.
"""
import functools

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SMALL, ODD, WIDE, TALL, LARGE = [6, 8, 12], [7, 5, 9], [70, 9, 11], [130, 14, 14], [40, 200, 220]
ROWS, LONG = [24], [12, 40]


class Graph:
    """Collects nodes; calling it adds one. Arrays among the inputs become constants."""

    def __init__(self, images):
        self.images, self.nodes, self.constants = images, [], []
        self.random = np.random.default_rng(1684)

    def weights(self, *shape, scale=0.3):
        return self.random.normal(0, scale, shape).astype(np.float32)

    def __call__(self, kind, *values, results=1, name=None, **attributes):
        names = []
        for value in values:
            if isinstance(value, np.ndarray):
                self.constants.append(numpy_helper.from_array(value, f"constant{len(self.constants)}"))
                value = self.constants[-1].name
            names.append(value or "")
        tops = [f"{name or 'layer'}{len(self.nodes)}_{index}" for index in range(results)]
        self.nodes.append(helper.make_node(kind, names, tops, **attributes))
        return tops[0] if results == 1 else tops

    def conv(self, x, inputs, outputs, kernel=1, name=None, bias=True, group=1, **attributes):
        height, width = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        weights = [self.weights(outputs, inputs // group, height, width)] + [self.weights(outputs)] * bias
        return self("Conv", x, *weights, name=name, group=group, **attributes)

    def deconv(self, x, inputs, outputs, kernel, group=1, bias=True, **attributes):
        weights = [self.weights(inputs, outputs // group, kernel, kernel)] + [self.weights(outputs)] * bias
        return self("ConvTranspose", x, *weights, group=group, kernel_shape=[kernel, kernel], **attributes)


def ints(*values):
    return np.array(values, np.int64)


def floats(*values):
    return np.array(values, np.float32)


def scalar(value, kind=np.float32):
    return np.array(value, kind)


def convolution(outputs, kernel=1, group=1, relu=False, bias=True, **attributes):
    """outputs 0: as many as inputs; group 0: depthwise."""
    def add(g, x, shape):
        y = g.conv(x, shape[0], outputs or shape[0], kernel, group=group or shape[0], bias=bias, **attributes)
        return g("Relu", y) if relu else y
    return add


def deconvolution(outputs, kernel, group=1, relu=False, **attributes):
    def add(g, x, shape):
        y = g.deconv(x, shape[0], outputs or shape[0], kernel, group or shape[0], **attributes)
        return g("Relu", y) if relu else y
    return add


def node(kind, *constants, **attributes):
    return lambda g, x, shape: g(kind, x, *constants, **attributes)


def resize(mode, scales, **attributes):
    return lambda g, x, shape: g("Resize", x, None, floats(1, 1, *scales), mode=mode, **attributes)


def reshape(*dims):
    """dims without the images; they may depend on the shape's product by -1."""
    return lambda g, x, shape: g("Reshape", x, ints(g.images, *dims))


def sliced(starts, ends, axes, steps=None):
    steps = steps or [1] * len(axes)
    return lambda g, x, shape: g("Slice", x, ints(*starts), ints(*ends), ints(*axes), ints(*steps))


def padded(mode, before, after, value=0.0):
    pads = ints(0, *before, 0, *after)
    return lambda g, x, shape: g("Pad", x, pads, scalar(value), mode=mode)


def pool(kind, kernel, **attributes):
    return node(kind, kernel_shape=[kernel, kernel] if isinstance(kernel, int) else kernel, **attributes)


def swish(g, x, shape):
    return g("Mul", x, g("Sigmoid", x))


def mish(g, x, shape):
    return g("Mul", x, g("Tanh", g("Softplus", x)))


def gelu(g, x, shape):
    half = g("Mul", g("Add", g("Erf", g("Div", x, floats(2 ** 0.5))), floats(1)), floats(0.5))
    return g("Mul", x, half)


def binary(kind, *operations):
    """Of two convolutions of the input, so that both operands are computed."""
    def add(g, x, shape):
        a, b = (g.conv(x, shape[0], shape[0]) for _ in range(2))
        if "relu" in operations:
            a, b = g("Relu", a), g("Relu", b)
        y = g(kind, a, b)
        return g("Relu", y) if "relu" in operations or "relu_behind" in operations else y
    return add


def by_constant(kind, *constant, channel=False):
    def add(g, x, shape):
        value = g.weights(1, shape[0], *[1] * (len(shape) - 1)) if channel else floats(*constant)
        return g(kind, x, value)
    return add


def squeeze_excite(g, x, shape):
    pooled = g("GlobalAveragePool", x)
    gate = g("Sigmoid", g.conv(g("Relu", g.conv(pooled, shape[0], 4)), 4, shape[0]))
    return g("Mul", x, gate)


def joined(axis, count=2, relu=False):
    def add(g, x, shape):
        parts = [g.conv(x, shape[0], shape[0] + 3 * index * (axis == 1)) for index in range(count)]
        parts = [g("Relu", part) if relu else part for part in parts]
        return g("Concat", *parts, axis=axis)
    return add


def with_input(axis):
    return lambda g, x, shape: g("Concat", x, g.conv(x, shape[0], shape[0]), axis=axis)


def parts(axis, sizes=None):
    def add(g, x, shape):
        count = len(sizes) if sizes else 2
        split = [ints(*sizes)] if sizes else []
        first, *rest = g("Split", x, *split, results=count, axis=axis)
        y = g("Relu", first)
        if not sizes:
            return g("Add", y, rest[0])
        return g("Concat", *rest, y, axis=axis)
    return add


def shuffle(groups):
    def add(g, x, shape):
        c, h, w = shape
        y = g("Reshape", x, ints(g.images, groups, c // groups, h, w))
        return g("Reshape", g("Transpose", y, perm=[0, 2, 1, 3, 4]), ints(g.images, c, h, w))
    return add


def reorganized(g, x, shape):
    """YOLOv5's focus."""
    quarters = [g("Slice", x, ints(row, column), ints(9999, 9999), ints(2, 3), ints(2, 2))
                for column in (0, 1) for row in (0, 1)]
    return g("Concat", *quarters, axis=1)


def product(g, x, shape):
    """Of two computed matrices: rows of the input by columns of it."""
    c, h, w = shape
    a = g("Reshape", g.conv(x, c, c), ints(g.images, c, h * w))
    b = g("Reshape", g.conv(x, c, c), ints(g.images, c, h * w))
    return g("MatMul", a, g("Transpose", b, perm=[0, 2, 1]))


def attention(g, x, shape):
    c, h, w = shape
    q, k, v = (g("Reshape", g.conv(x, c, c), ints(g.images, 2, c // 2, h * w)) for _ in range(3))
    weights = g("Softmax", g("MatMul", g("Transpose", q, perm=[0, 1, 3, 2]), k), axis=3)
    y = g("MatMul", v, g("Transpose", weights, perm=[0, 1, 3, 2]))
    return g("Reshape", y, ints(g.images, c, h, w))


def dense(outputs, bias=True):
    def add(g, x, shape):
        flat = g("Flatten", x, axis=1)
        y = [g.weights(outputs)] * bias
        return g("Gemm", flat, g.weights(outputs, int(np.prod(shape))), *y, transB=1)
    return add


def matrix(outputs):
    return lambda g, x, shape: g("Add", g("MatMul", x, g.weights(shape[-1], outputs)), g.weights(outputs))


def normalization(g, x, shape):
    return g("LayerNormalization", x, 1 + g.weights(shape[-1]), g.weights(shape[-1]), axis=-1)


def channel_normalization(kind):
    return lambda g, x, shape: g(kind, x, 1 + g.weights(shape[0]), g.weights(shape[0]))


def batch_normalization(g, x, shape):
    return g("BatchNormalization", x, 1 + g.weights(shape[0]), g.weights(shape[0]), g.weights(shape[0]),
             1 + np.abs(g.weights(shape[0])))


def slopes(shared):
    return lambda g, x, shape: g("PRelu", x, np.abs(g.weights(*([1] if shared else [shape[0]]), 1, 1)))


def expanded(g, x, shape):
    return g("Expand", g("GlobalAveragePool", x), ints(g.images, *shape))


def chosen(g, x, shape):
    return g("Where", g("Greater", x, floats(0)), g("Mul", x, floats(2)), x)


def both(first, second):
    return lambda g, x, shape: second(g, first(g, x, shape), shape)


ASYMMETRIC = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
ALIGNED = {"coordinate_transformation_mode": "align_corners"}
HALF = {"coordinate_transformation_mode": "half_pixel"}

LAYERS = [
    ("permute_hwc", [SMALL, ODD, WIDE, TALL, LARGE], node("Transpose", perm=[0, 2, 3, 1])),
    ("permute_chw_wch", [SMALL, WIDE, TALL], node("Transpose", perm=[0, 3, 1, 2])),
    ("permute_hcw", [SMALL, WIDE, TALL], node("Transpose", perm=[0, 2, 1, 3])),
    ("permute_wh", [SMALL, WIDE, TALL, LARGE], node("Transpose", perm=[0, 1, 3, 2])),
    ("permute_whc", [SMALL, WIDE], node("Transpose", perm=[0, 3, 2, 1])),
    ("permute_images", [SMALL, WIDE], node("Transpose", perm=[1, 0, 2, 3])),
    ("permute_five", [[4, 6, 5, 8]], node("Transpose", perm=[0, 1, 3, 4, 2])),
    ("permute_rows", [LONG, [70, 90]], node("Transpose", perm=[0, 2, 1])),
    ("slice_channels", [SMALL, WIDE, TALL], sliced([2], [5], [1])),
    ("slice_rows", [SMALL, WIDE, LARGE], sliced([1], [5], [2])),
    ("slice_columns", [SMALL, WIDE, LARGE], sliced([2], [7], [3])),
    ("slice_window", [SMALL, WIDE], sliced([1, 2], [5, 7], [2, 3])),
    ("slice_rows_step", [SMALL, WIDE, LARGE], sliced([0], [9999], [2], [2])),
    ("slice_columns_step", [SMALL, WIDE, LARGE], sliced([1], [9999], [3], [2])),
    ("slice_channels_step", [SMALL, WIDE, TALL], sliced([0], [9999], [1], [2])),
    ("slice_both_steps", [SMALL, WIDE, LARGE], sliced([1, 0], [9999, 9999], [2, 3], [2, 3])),
    ("slice_backwards", [SMALL], sliced([-1], [-9999], [3], [-1])),
    ("focus", [SMALL, [3, 64, 64], [3, 320, 320]], reorganized),
    ("nearest2", [SMALL, ODD, WIDE, LARGE], resize("nearest", [2, 2], **ASYMMETRIC)),
    ("nearest3x2", [SMALL, WIDE], resize("nearest", [3, 2], **ASYMMETRIC)),
    ("nearest_half", [SMALL, WIDE], resize("nearest", [0.5, 0.5], **ASYMMETRIC)),
    ("nearest_uneven", [SMALL, WIDE], resize("nearest", [1.5, 2.5], **ASYMMETRIC)),
    ("bilinear2", [SMALL, WIDE, TALL], resize("linear", [2, 2], **HALF)),
    ("bilinear_aligned", [SMALL, WIDE], resize("linear", [2, 2], **ALIGNED)),
    ("bilinear_half", [SMALL, WIDE], resize("linear", [0.5, 0.5], **HALF)),
    ("pad_zeros", [SMALL, WIDE, LARGE], padded("constant", [0, 1, 2], [0, 3, 1])),
    ("pad_value", [SMALL, WIDE], padded("constant", [0, 1, 2], [0, 3, 1], 0.5)),
    ("pad_channels", [SMALL, WIDE, TALL], padded("constant", [2, 0, 0], [3, 0, 0])),
    ("pad_reflect", [SMALL, WIDE, TALL], padded("reflect", [0, 2, 2], [0, 1, 3])),
    ("pad_edge", [SMALL, WIDE, TALL], padded("edge", [0, 2, 2], [0, 1, 3])),
    ("pixel_shuffle", [[12, 5, 7], [72, 8, 8], [256, 20, 20]], node("DepthToSpace", blocksize=2, mode="CRD")),
    ("depth_to_space", [[12, 5, 7], [72, 8, 8]], node("DepthToSpace", blocksize=2, mode="DCR")),
    ("pixel_shuffle3", [[18, 5, 7]], node("DepthToSpace", blocksize=3, mode="CRD")),
    ("space_to_depth", [SMALL, [20, 8, 8], [3, 64, 64]], node("SpaceToDepth", blocksize=2)),
    ("shuffle_channels", [SMALL, [70, 9, 11], [128, 8, 8]], shuffle(2)),
    ("shuffle_channels3", [SMALL, [66, 7, 7]], shuffle(3)),
    ("reshape_rows", [SMALL, WIDE, TALL], reshape(-1)),
    ("reshape_columns", [SMALL, WIDE], lambda g, x, shape: g("Reshape", x, ints(g.images, shape[0], -1))),
    ("reshape_split", [SMALL, [70, 8, 12]], lambda g, x, shape: g("Reshape", x, ints(g.images, 2 * shape[0], -1, shape[2]))),
    ("reshape_merge", [SMALL, [70, 8, 12]], lambda g, x, shape: g("Reshape", x, ints(g.images, shape[0] // 2, -1, shape[2]))),
    ("reshape_images", [SMALL, [70, 8, 12]], lambda g, x, shape: g("Reshape", x, ints(2 * g.images, shape[0] // 2, *shape[1:]))),
    ("reshape_squeeze", [[20, 1, 1]], lambda g, x, shape: g("Squeeze", x, ints(2, 3))),
    ("tile_columns", [SMALL, WIDE], node("Tile", ints(1, 1, 1, 3))),
    ("tile_rows", [SMALL, WIDE], node("Tile", ints(1, 1, 2, 1))),
    ("tile_channels", [SMALL, WIDE], node("Tile", ints(1, 2, 1, 1))),
    ("expand", [SMALL, WIDE], expanded),
    ("concat_channels", [SMALL, WIDE, TALL, LARGE], joined(1)),
    ("concat_channels_relu", [SMALL, WIDE, TALL], joined(1, 3, True)),
    ("concat_rows", [SMALL, WIDE], joined(2)),
    ("concat_columns", [SMALL, WIDE], joined(3)),
    ("concat_images", [SMALL], joined(0)),
    ("concat_input", [SMALL, WIDE], with_input(1)),
    ("split_channels", [SMALL, WIDE, [128, 10, 10]], parts(1)),
    ("split_three", [SMALL], parts(1, [1, 2, 3])),
    ("split_three_wide", [WIDE], parts(1, [10, 28, 32])),
    ("split_columns", [SMALL], parts(3)),
    ("gather_channels", [SMALL, WIDE], node("Gather", ints(4, 0, 2), axis=1)),
    ("gather_columns", [SMALL], node("Gather", ints(4, 0, 2), axis=3)),
    ("conv1", [SMALL, WIDE, TALL, LARGE], convolution(20)),
    ("conv1_out", [SMALL, TALL], convolution(200, relu=True)),
    ("conv3", [SMALL, ODD, WIDE, TALL, LARGE], convolution(24, 3, pads=[1, 1, 1, 1], relu=True)),
    ("conv3_bare", [SMALL, WIDE], convolution(70, 3, bias=False)),
    ("conv5_stride", [SMALL, WIDE, LARGE], convolution(20, 5, strides=[2, 2], pads=[2, 2, 2, 2])),
    ("conv7_stride", [[3, 224, 224]], convolution(64, 7, strides=[2, 2], pads=[3, 3, 3, 3], relu=True)),
    ("conv_uneven", [SMALL, WIDE], convolution(20, (3, 5), strides=[1, 2], pads=[0, 2, 1, 3])),
    ("conv_dilated", [SMALL, WIDE], convolution(20, 3, dilations=[2, 3], pads=[2, 3, 2, 3])),
    ("conv_dilated_relu", [SMALL], convolution(20, 3, dilations=[2, 2], relu=True)),
    ("conv_bare_relu", [SMALL], convolution(20, 3, bias=False, relu=True)),
    ("conv_bare_dilated", [SMALL], convolution(20, 3, bias=False, dilations=[2, 2])),
    ("depthwise_bare_relu", [SMALL], convolution(0, 3, 0, bias=False, relu=True)),
    ("depthwise_dilated_relu", [SMALL], convolution(0, 3, 0, dilations=[2, 2], relu=True)),
    ("depthwise_bare", [SMALL], convolution(0, 3, 0, bias=False)),
    ("conv_groups", [SMALL, [72, 9, 11], [192, 10, 10]], convolution(24, 3, 3, pads=[1, 1, 1, 1])),
    ("conv_deep", [[1024, 10, 10], [512, 14, 14]], convolution(512, 3, pads=[1, 1, 1, 1])),
    ("conv_rows", [[16, 40]], lambda g, x, shape: g("Conv", x, g.weights(20, 16, 3), pads=[1, 1])),
    ("depthwise3", [SMALL, WIDE, TALL, LARGE], convolution(0, 3, 0, pads=[1, 1, 1, 1], relu=True)),
    ("depthwise5_stride", [SMALL, WIDE], convolution(0, 5, 0, strides=[2, 2], pads=[2, 2, 2, 2])),
    ("depthwise_dilated", [SMALL, WIDE], convolution(0, 3, 0, dilations=[2, 2], pads=[2, 2, 2, 2], bias=False)),
    ("depthwise_double", [SMALL, WIDE], lambda g, x, shape: g.conv(x, shape[0], 2 * shape[0], 3, group=shape[0])),
    ("deconv2", [SMALL, WIDE, TALL], deconvolution(20, 2, strides=[2, 2])),
    ("deconv4", [SMALL, WIDE, TALL], deconvolution(20, 4, strides=[2, 2], pads=[1, 1, 1, 1])),
    ("deconv3_grown", [SMALL, WIDE], deconvolution(20, 3, strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])),
    ("deconv3_plain", [SMALL, WIDE], deconvolution(20, 3, pads=[1, 1, 1, 1], bias=False)),
    ("deconv_depthwise", [SMALL, WIDE, TALL], deconvolution(0, 4, 0, strides=[2, 2], pads=[1, 1, 1, 1])),
    ("deconv4_relu", [SMALL], deconvolution(20, 4, relu=True, strides=[2, 2], pads=[1, 1, 1, 1])),
    ("deconv4_bare", [SMALL], deconvolution(20, 4, bias=False, strides=[2, 2], pads=[1, 1, 1, 1])),
    ("deconv4_bare_relu", [SMALL], deconvolution(20, 4, bias=False, relu=True, strides=[2, 2])),
    ("deconv_dilated", [SMALL], deconvolution(20, 3, strides=[2, 2], dilations=[2, 2])),
    ("deconv_depthwise_relu", [SMALL], deconvolution(0, 4, 0, relu=True, strides=[2, 2])),
    ("deconv_depthwise_bare", [SMALL], deconvolution(0, 4, 0, bias=False, strides=[2, 2])),
    ("conv_bare_dilated_relu", [SMALL], convolution(20, 3, bias=False, relu=True, dilations=[2, 2])),
    ("depthwise_bare_dilated_relu", [SMALL], convolution(0, 3, 0, bias=False, relu=True, dilations=[2, 2])),
    ("deconv_groups", [SMALL, [72, 9, 11]], deconvolution(24, 3, 3, strides=[2, 2])),
    ("deconv_large", [[64, 56, 56]], deconvolution(64, 4, strides=[2, 2], pads=[1, 1, 1, 1])),
    ("deconv_stride8", [[21, 10, 10]], deconvolution(21, 16, strides=[8, 8], pads=[4, 4, 4, 4])),
    ("max_pool2", [SMALL, ODD, WIDE, LARGE], pool("MaxPool", 2, strides=[2, 2])),
    ("max_pool3", [SMALL, WIDE, TALL], pool("MaxPool", 3, strides=[2, 2], pads=[1, 1, 1, 1])),
    ("max_pool3_ceil", [SMALL, WIDE], pool("MaxPool", 3, strides=[2, 2], ceil_mode=1)),
    ("max_pool5", [SMALL, WIDE], pool("MaxPool", 5, strides=[1, 1], pads=[2, 2, 2, 2])),
    ("max_pool_global", [SMALL, WIDE, TALL], node("GlobalMaxPool")),
    ("average_pool2", [SMALL, ODD, WIDE, LARGE], pool("AveragePool", 2, strides=[2, 2])),
    ("average_pool3", [SMALL, WIDE], pool("AveragePool", 3, strides=[1, 1], pads=[1, 1, 1, 1])),
    ("average_pool3_counted", [SMALL, WIDE], pool("AveragePool", 3, strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1)),
    ("average_pool_global", [SMALL, WIDE, TALL, LARGE], node("GlobalAveragePool")),
    ("add", [SMALL, WIDE, LARGE], binary("Add")),
    ("add_relu", [SMALL, WIDE, LARGE], binary("Add", "relu")),
    ("add_relu_behind", [SMALL], binary("Add", "relu_behind")),
    ("sub", [SMALL, WIDE], binary("Sub")),
    ("mul", [SMALL, WIDE, LARGE], binary("Mul")),
    ("mul_relu", [SMALL, WIDE], binary("Mul", "relu")),
    ("div", [SMALL], binary("Div")),
    ("max", [SMALL, WIDE], binary("Max")),
    ("min", [SMALL, WIDE], binary("Min", "relu")),
    ("add_constant", [SMALL, WIDE], by_constant("Add", 0.5)),
    ("mul_constant", [SMALL, WIDE], by_constant("Mul", 1.5)),
    ("sub_constant", [SMALL], lambda g, x, shape: g("Sub", floats(1), x)),
    ("max_constant", [SMALL], by_constant("Max", 0.2)),
    ("min_constant", [SMALL], by_constant("Min", 0.2)),
    ("add_channel", [SMALL, WIDE], by_constant("Add", channel=True)),
    ("mul_channel", [SMALL, WIDE, LARGE], by_constant("Mul", channel=True)),
    ("squeeze_excite", [SMALL, WIDE, TALL], squeeze_excite),
    ("batch_norm", [SMALL, WIDE], batch_normalization),
    ("relu", [SMALL, WIDE, LARGE], node("Relu")),
    ("relu6", [SMALL, WIDE], node("Clip", scalar(0), scalar(6))),
    ("clip", [SMALL], node("Clip", scalar(-0.4), scalar(0.5))),
    ("leaky", [SMALL, WIDE, LARGE], node("LeakyRelu", alpha=0.1)),
    ("prelu", [SMALL, WIDE, LARGE], slopes(False)),
    ("prelu_shared", [SMALL, WIDE], slopes(True)),
    ("sigmoid", [SMALL, WIDE, LARGE], node("Sigmoid")),
    ("tanh", [SMALL, WIDE], node("Tanh")),
    ("exp", [SMALL, WIDE, LARGE], node("Exp")),
    ("log", [SMALL], both(node("Sigmoid"), node("Log"))),
    ("sqrt", [SMALL], both(node("Sigmoid"), node("Sqrt"))),
    ("reciprocal", [SMALL], both(node("Sigmoid"), node("Reciprocal"))),
    ("softplus", [SMALL], node("Softplus")),
    ("elu", [SMALL, WIDE], node("Elu")),
    ("mish", [SMALL, WIDE], mish),
    ("swish", [SMALL, WIDE, LARGE], swish),
    ("gelu", [SMALL, WIDE], gelu),
    ("hard_sigmoid", [SMALL], node("HardSigmoid", alpha=0.2)),
    ("hard_swish", [SMALL, WIDE], node("HardSwish")),
    ("abs", [SMALL], node("Abs")),
    ("square", [SMALL], lambda g, x, shape: g("Mul", x, x)),
    ("power", [SMALL], node("Pow", floats(2))),
    ("power3", [SMALL], both(node("Sigmoid"), node("Pow", floats(1.5)))),
    ("erf", [SMALL], node("Erf")),
    ("sin", [SMALL], node("Sin")),
    ("cos", [SMALL], node("Cos")),
    ("floor", [SMALL], node("Floor")),
    ("round", [SMALL], node("Round")),
    ("where", [SMALL], chosen),
    ("softmax_channels", [SMALL, WIDE, TALL, LARGE], node("Softmax", axis=1)),
    ("softmax_columns", [SMALL, WIDE], node("Softmax", axis=3)),
    ("softmax_rows", [ROWS, [1000]], node("Softmax", axis=1)),
    ("log_softmax", [ROWS, SMALL], node("LogSoftmax", axis=1)),
    ("arg_max", [SMALL, WIDE], node("ArgMax", axis=1)),
    ("lrn", [SMALL, WIDE, LARGE], node("LRN", size=5)),
    ("l2_norm", [SMALL, WIDE], lambda g, x, shape: g("Div", x, g("ReduceL2", x, axes=[1]))),
    ("layer_norm", [SMALL, WIDE, LONG], normalization),
    ("instance_norm", [SMALL, WIDE], channel_normalization("InstanceNormalization")),
    ("group_norm", [SMALL], lambda g, x, shape: g("Reshape", g("InstanceNormalization", g("Reshape", x, ints(g.images, 2, -1)),
                                                             1 + g.weights(2), g.weights(2)), ints(g.images, *shape))),
    ("mean_window", [SMALL, WIDE], node("ReduceMean", axes=[2, 3])),
    ("mean_columns", [SMALL, WIDE], node("ReduceMean", axes=[3])),
    ("mean_channels", [SMALL, WIDE], node("ReduceMean", axes=[1])),
    ("sum_channels", [SMALL, WIDE], node("ReduceSum", ints(1))),
    ("sum_window", [SMALL], node("ReduceSum", ints(2, 3))),
    ("max_channels", [SMALL, WIDE], node("ReduceMax", axes=[1])),
    ("max_window", [SMALL], node("ReduceMax", axes=[2, 3])),
    ("min_columns", [SMALL], node("ReduceMin", axes=[3])),
    ("l2_window", [SMALL], node("ReduceL2", axes=[2, 3])),
    ("dense", [ROWS, SMALL, [512, 7, 7], [2048]], dense(30)),
    ("dense_wide", [[300]], dense(1000, False)),
    ("matrix", [LONG, [50, 128], SMALL], matrix(30)),
    ("matrix_product", [SMALL, [40, 6, 6]], product),
    ("attention", [[32, 5, 6]], attention),
    ("cumulative", [LONG], node("CumSum", scalar(1, np.int64))),
    ("top_k", [ROWS], lambda g, x, shape: g("TopK", x, ints(5), results=2, axis=1)[0]),
]


def written(folder, *, add, shape, images, between, relu):
    """Writes net.onnx; returns the arguments of model_transform and the inputs' shapes."""
    g = Graph(images)
    x = "x"
    if between:
        x = g.conv(x, shape[0], shape[0], name="front")
        x = g("Relu", x, name="front") if relu else x
    y = add(g, x, shape)
    whole = [images, *shape]
    model = model_of(g, y, whole)
    if between:
        found = [dim.dim_value for dim in onnx.shape_inference.infer_shapes(model).graph.output[0].type.tensor_type.shape.dim]
        if len(found) == 4 and found[1]:
            y = g.conv(y, found[1], 9, name="back")
            model = model_of(g, y, whole)
    onnx.save(model, folder / "net.onnx")
    return ["--model_def", "net.onnx"], {"x": whole}


def model_of(g, y, shape):
    graph = helper.make_graph(
        g.nodes, "net", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(y, TensorProto.FLOAT, None)], g.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return model


def nets():
    """Functions that write the nets, by name; those first that show most."""
    found = {}
    for name, shapes, add in LAYERS:
        for index, shape in enumerate(shapes):
            large = int(np.prod(shape)) > 100_000
            for images in (1, 4, 5) if index == 0 and not large else (1, 4):
                for form, between, relu in [("alone", False, False), ("between", True, False), ("relu", True, True)]:
                    if between and len(shape) != 3 or relu and (large or images == 5):
                        continue
                    rank = 2 * index + (images == 1) + 3 * (images == 5) + relu + 4 * large
                    write = functools.partial(
                        written, add=add, shape=shape, images=images, between=between, relu=relu)
                    found[f"{name}_{index}_{form}_b{images}"] = rank, write
    return {name: write for name, (rank, write) in sorted(found.items(), key=lambda item: item[1][0])}
