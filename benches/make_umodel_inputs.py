#!/usr/bin/env python3
"""make_umodel_inputs.py FOLDER: the two models that the umodel benchmarks read.

FOLDER/net.prototxt, 10 MB of text: a residual net of some 22,000 layers as people write them.
FOLDER/net.caffemodel, 100 MB: a chain of some 100 convolutions with random weights, its fields in
the order in which C++ writes them. Needs the standard library only; the same bytes on every run.
"""
import array
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "fixtures"))
from wire import field, varint

BLOCKS_PER_STAGE = 420
CAFFEMODEL_BYTES = 100_000_000

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
rng = random.Random(7)


# Text

def layer(kind, name, bottoms, top, body=""):
    lines = [f'  name: "{name}"', f'  type: "{kind}"']
    lines += [f'  bottom: "{bottom}"' for bottom in bottoms]
    lines += [f'  top: "{top}"']
    return "layer {\n" + "\n".join(lines) + "\n" + body + "}\n"


def param(name, rate, decay):
    return f"""\
  param {{
    name: "{name}"
    lr_mult: {rate}
    decay_mult: {decay}
  }}
"""


def filler(field, kind, setting):
    return f"""\
    {field} {{
      type: "{kind}"
      {setting}
    }}
"""


def convolution(name, bottom, channels, kernel, stride=1):
    params = param(f"{name}_w", 1, 1) + param(f"{name}_b", 2, 0)
    std = round(rng.uniform(0.001, 0.1), 5)
    return layer("Convolution", name, [bottom], name, params + f"""\
  convolution_param {{
    num_output: {channels}
    kernel_size: {kernel}
    pad: {kernel // 2}
    stride: {stride}
    dilation: 1
    group: 1
    # found by trial; msra does as well
{filler("weight_filler", "gaussian", f"std: {std}")}\
{filler("bias_filler", "constant", "value: 0.2")}\
    engine: CAFFE
  }}
""")


def normalize(name):
    """The layers that follow a convolution, in place."""
    norm, scale = f"{name}_batchnorm", f"{name}_scale"
    statistics = "".join(param(f"{norm}_{what}", 0, 0) for what in ["mean", "variance", "factor"])
    params = param(f"{scale}_w", 1, 0) + param(f"{scale}_b", 1, 0)
    return layer("BatchNorm", norm, [name], name, statistics + """\
  batch_norm_param {
    use_global_stats: true  # false while training
    moving_average_fraction: 0.9997
    eps: 1e-05
  }
""") + layer("Scale", scale, [name], name, params + f"""\
  scale_param {{
{filler("filler", "constant", "value: 1")}\
    bias_term: true
{filler("bias_filler", "constant", "value: 0")}\
  }}
""")


def relu(name):
    return layer("ReLU", f"{name}_relu", [name], name, """\
  relu_param {
    negative_slope: 0
    engine: CAFFE
  }
""")


def pooling(name, bottom, body):
    return layer("Pooling", name, [bottom], name, f"  pooling_param {{\n{body}  }}\n")


def classifier(bottom):
    pool = f"{bottom}_pool"
    name = f"{bottom}_classes"
    params = param(f"{name}_w", 1, 1) + param(f"{name}_b", 2, 0)
    return pooling(pool, bottom, "    pool: AVE\n    global_pooling: true\n") + layer(
        "InnerProduct", name, [pool], name, params + f"""\
  inner_product_param {{
    num_output: 1000
{filler("weight_filler", "xavier", "variance_norm: AVERAGE")}\
{filler("bias_filler", "constant", "value: 0")}\
  }}
""")


def block(name, bottom, channels, stride, project):
    """A bottleneck: three convolutions, and a fourth on the shortcut where shapes change."""
    text = f"\n# {name}: {channels} channels, stride {stride}\n"
    shortcut = bottom
    if project:
        shortcut = f"{name}_shortcut"
        text += convolution(shortcut, bottom, 4 * channels, 1, stride) + normalize(shortcut)
    for branch, outputs, kernel in [("a", channels, 1), ("b", channels, 3), ("c", 4 * channels, 1)]:
        conv = f"{name}_branch2{branch}"
        text += convolution(conv, bottom, outputs, kernel, stride if branch == "a" else 1)
        text += normalize(conv)
        if branch != "c":
            text += relu(conv)
        bottom = conv
    text += layer("Eltwise", name, [shortcut, bottom], name, """\
  eltwise_param {
    operation: SUM
    coeff: 1  # the shortcut
    coeff: 1
  }
""")
    return text + relu(name)


def prototxt():
    text = ['# A residual net, far deeper than any that was trained.\nname: "deep"\n',
            """layer {
  name: "data"
  type: "Input"
  top: "data"
  input_param { shape: { dim: 1 dim: 3 dim: 224 dim: 224 } }
}
""",
            convolution("conv1", "data", 64, 7, 2), normalize("conv1"), relu("conv1"),
            pooling("pool1", "conv1", "    pool: MAX\n    kernel_size: 3\n    stride: 2\n")]
    bottom = "pool1"
    for stage, channels in enumerate([64, 128, 256, 512], 2):
        text.append(f"\n################ Stage {stage} ################\n")
        for index in range(1, BLOCKS_PER_STAGE + 1):
            name = f"stage{stage}_block{index}"
            first = index == 1
            text.append(block(name, bottom, channels, 2 if first and stage > 2 else 1, first))
            bottom = name
            if index % 20 == 0:
                text.append(f"\n# A classifier after {name}\n{classifier(name)}")
    return "".join(text)


# Binary

def shape(dims):
    return field(1, b"".join(varint(dim) for dim in dims))


def blob(dims):
    count = 1
    for dim in dims:
        count *= dim
    values = array.array("f", [0.1 * rng.random() - 0.05 for _ in range(count)])
    if sys.byteorder == "big":
        values.byteswap()
    return field(5, values.tobytes()) + field(7, shape(dims))


def caffemodel(file):
    size = file.write(field(1, "wide"))
    channels = 64
    size += file.write(field(100, field(1, "data") + field(2, "Input") + field(4, "data")
                              + field(143, field(1, shape([1, channels, 56, 56])))))
    bottom = "data"
    layers = 0
    while size < CAFFEMODEL_BYTES:
        layers += 1
        name = f"conv{layers}"
        outputs, kernel = rng.choice([64, 128, 256, 512]), rng.choice([1, 3])
        parameter = field(1, outputs) + field(3, kernel // 2) + field(4, kernel)
        size += file.write(field(100, field(1, name) + field(2, "Convolution")
                                  + field(3, bottom) + field(4, name)
                                  + field(7, blob([outputs, channels, kernel, kernel]))
                                  + field(7, blob([outputs])) + field(106, parameter)))
        bottom, channels = name, outputs


(folder / "net.prototxt").write_text(prototxt())
with open(folder / "net.caffemodel", "wb") as file:
    caffemodel(file)
