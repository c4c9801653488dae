#!/usr/bin/env python3
"""Single Caffe layers that ONNX does not have, for vendor_nets.py, between two convolutions where they may be.

As a program: vendor_caffe.py PROTOTXT CAFFEMODEL writes random weights with the Caffe of the package tpu_mlir.
"""
import functools
import subprocess
import sys

import numpy as np

SMALL, WIDE, EVEN = [6, 8, 12], [70, 9, 11], [72, 8, 8]

# Name, shapes without the images, and the layer between `front` and `y`: type and parameters.
LAYERS = [
    ("normalize", [SMALL, WIDE], "Normalize", "norm_param { across_spatial: false channel_shared: false }"),
    ("reorg", [SMALL, EVEN], "Reorg", "reorg_param { stride: 2 }"),
    ("upsample", [SMALL, WIDE], "Upsample", "upsample_param { scale: 2 }"),
    ("interp", [SMALL, WIDE], "Interp", "interp_param { zoom_factor: 2 }"),
    ("interp_size", [SMALL], "Interp", "interp_param { height: 12 width: 19 }"),
    ("shuffle", [SMALL, EVEN], "ShuffleChannel", "shuffle_channel_param { group: 3 }"),
    ("caffe_lrn", [SMALL, WIDE], "LRN", "lrn_param { local_size: 5 alpha: 0.0001 beta: 0.75 }"),
    ("caffe_scale", [SMALL, WIDE], "Scale", "scale_param { bias_term: true }"),
    ("caffe_batch_norm", [SMALL], "BatchNorm", "batch_norm_param { use_global_stats: true }"),
    ("caffe_prelu", [SMALL, WIDE], "PReLU", ""),
    ("caffe_deconvolution", [SMALL, WIDE], "Deconvolution",
     "convolution_param { num_output: 20 kernel_size: 4 stride: 2 pad: 1 }"),
    ("caffe_deconvolution_groups", [SMALL], "Deconvolution",
     "convolution_param { num_output: 6 group: 6 kernel_size: 4 stride: 2 pad: 1 bias_term: false }"),
    ("caffe_max_pool", [SMALL, WIDE], "Pooling", "pooling_param { pool: MAX kernel_size: 3 stride: 2 }"),
    ("caffe_average_pool", [SMALL, WIDE], "Pooling", "pooling_param { pool: AVE kernel_size: 3 stride: 2 pad: 1 }"),
    ("caffe_dense", [SMALL], "InnerProduct", "inner_product_param { num_output: 30 }"),
    ("caffe_reduction", [SMALL], "Reduction", "reduction_param { operation: MEAN axis: 2 }"),
    ("caffe_mish", [SMALL], "Mish", ""),
    ("caffe_tanh", [SMALL], "TanH", ""),
    ("caffe_sigmoid", [SMALL], "Sigmoid", ""),
    ("caffe_softmax", [SMALL, WIDE], "Softmax", ""),
    ("caffe_flatten", [SMALL], "Flatten", ""),
    ("caffe_permute", [SMALL, WIDE], "Permute", "permute_param { order: 0 order: 2 order: 3 order: 1 }"),
    ("reverse", [SMALL], "Reverse", "reverse_param { axis: 1 }"),
    ("arg_max_caffe", [SMALL], "ArgMax", "argmax_param { axis: 1 }"),
]
# The same of layers with several bottoms or tops: name, shapes, and the text behind the layer `front`.
TEXTS = [
    ("eltwise_coefficients", [SMALL, WIDE],
     "layer { name: 'a' type: 'ReLU' bottom: 'front' top: 'a' }\n"
     "layer { name: 'y' type: 'Eltwise' bottom: 'front' bottom: 'a' top: 'y' eltwise_param { coeff: 1 coeff: -0.5 } }\n"),
    ("eltwise_three", [SMALL, WIDE],
     "layer { name: 'a' type: 'ReLU' bottom: 'front' top: 'a' }\n"
     "layer { name: 'b' type: 'Pooling' bottom: 'front' top: 'b' pooling_param { kernel_size: 3 pad: 1 } }\n"
     "layer { name: 'y' type: 'Eltwise' bottom: 'front' bottom: 'a' bottom: 'b' top: 'y' }\n"),
    ("eltwise_max_caffe", [SMALL, WIDE],
     "layer { name: 'a' type: 'Pooling' bottom: 'front' top: 'a' pooling_param { kernel_size: 3 pad: 1 } }\n"
     "layer { name: 'y' type: 'Eltwise' bottom: 'front' bottom: 'a' top: 'y' eltwise_param { operation: MAX } }\n"),
    ("eltwise_product_caffe", [SMALL, WIDE],
     "layer { name: 'a' type: 'ReLU' bottom: 'front' top: 'a' }\n"
     "layer { name: 'y' type: 'Eltwise' bottom: 'front' bottom: 'a' top: 'y' eltwise_param { operation: PROD } }\n"),
    ("scale_by_blob", [SMALL, WIDE],
     "layer { name: 'g' type: 'Pooling' bottom: 'front' top: 'g' pooling_param { pool: AVE global_pooling: true } }\n"
     "layer { name: 's' type: 'Sigmoid' bottom: 'g' top: 's' }\n"
     "layer { name: 'f' type: 'Flatten' bottom: 's' top: 'f' }\n"
     "layer { name: 'y' type: 'Scale' bottom: 'front' bottom: 'f' top: 'y' scale_param { axis: 0 } }\n"),
    ("crop", [SMALL, WIDE],
     "layer { name: 'u' type: 'Deconvolution' bottom: 'front' top: 'u'"
     " convolution_param { num_output: 5 kernel_size: 4 stride: 2 } }\n"
     "layer { name: 'y' type: 'Crop' bottom: 'u' bottom: 'front' top: 'y' crop_param { axis: 2 offset: 1 } }\n"),
    ("slice_max", [SMALL, EVEN],
     "layer { name: 's' type: 'Slice' bottom: 'front' top: 'a' top: 'b' }\n"
     "layer { name: 'y' type: 'Eltwise' bottom: 'a' bottom: 'b' top: 'y' eltwise_param { operation: MAX } }\n"),
    ("concat_pools", [SMALL, WIDE],
     "layer { name: 'a' type: 'Pooling' bottom: 'front' top: 'a' pooling_param { kernel_size: 3 pad: 1 } }\n"
     "layer { name: 'b' type: 'Pooling' bottom: 'front' top: 'b' pooling_param { pool: AVE kernel_size: 3 pad: 1 } }\n"
     "layer { name: 'y' type: 'Concat' bottom: 'a' bottom: 'front' bottom: 'b' top: 'y' }\n"),
    ("prior_box", [SMALL],
     "layer { name: 'p' type: 'PriorBox' bottom: 'front' bottom: 'x' top: 'p'"
     " prior_box_param { min_size: 3 max_size: 6 aspect_ratio: 2 flip: true variance: 0.1 variance: 0.1 variance: 0.2"
     " variance: 0.2 } }\n"
     "layer { name: 'y' type: 'ReLU' bottom: 'front' top: 'y' }\n"),
]


def text(shape, images, body, back):
    dims = " ".join(f"dim: {size}" for size in [images, *shape])
    behind = ("layer { name: 'back' type: 'Convolution' bottom: 'y' top: 'back'"
              " convolution_param { num_output: 9 kernel_size: 1 } }\n")
    return (f"name: 'net'\nlayer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ {dims} }} }} }}\n"
            f"layer {{ name: 'front' type: 'Convolution' bottom: 'x' top: 'front'"
            f" convolution_param {{ num_output: {shape[0]} kernel_size: 3 pad: 1 }} }}\n{body}{behind if back else ''}")


def written(folder, *, shape, images, body):
    """Writes net.prototxt and net.caffemodel; returns the arguments of model_transform and the inputs' shapes."""
    for back in (True, False):
        (folder / "net.prototxt").write_text(text(shape, images, body, back))
        command = [sys.executable, __file__, "net.prototxt", "net.caffemodel"]
        made = subprocess.run(command, cwd=folder, capture_output=True)
        if made.returncode == 0:
            break
    else:
        raise RuntimeError(made.stderr.decode(errors="replace").strip()[-200:])
    return ["--model_def", "net.prototxt", "--model_data", "net.caffemodel"], {"x": [images, *shape]}


def nets():
    """Functions that write the nets, by name."""
    bodies = [(name, shapes, f"layer {{ name: 'y' type: '{kind}' bottom: 'front' top: 'y' {parameters} }}\n")
              for name, shapes, kind, parameters in LAYERS]
    return {f"{name}_{index}_b{images}": functools.partial(written, shape=shape, images=images, body=body)
            for name, shapes, body in bodies + TEXTS for index, shape in enumerate(shapes) for images in (1, 4)}


def main(prototxt, caffemodel):
    from tpu_mlir.python import caffe
    random = np.random.default_rng(1684)
    net = caffe.Net(prototxt, caffe.TEST)
    for name, blobs in net.params.items():
        for blob in blobs:
            blob.data[...] = np.abs(random.normal(0, 0.3, blob.data.shape)) + 0.01
        if net.layer_dict[name].type == "BatchNorm":
            blobs[2].data[...] = 1
    net.save(caffemodel)


if __name__ == "__main__":
    main(*sys.argv[1:])
