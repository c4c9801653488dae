#!/usr/bin/env bash
# compile.sh VENV NAME SHAPE: NAME.prototxt (from Input layers) and NAME.caffemodel in this folder through the
# vendor's compiler (a Python 3.10 venv with tpu_mlir 1.30.2), with random calibration data: command streams,
# not accuracies, are what is compared. SHAPE as [1,3,224,224].
#
# Writes NAME_CHIP_{layers,groups}.bmodel for bm1684 and bm1684x, layer by layer and with layer groups, and
# prints how long each took. VENDOR_BMODELS names the folder for conformance's tests.
set -euo pipefail
venv=$1 name=$2 shape=$3
. "$venv/bin/activate"
mkdir -p "calibration_$name"
python - "$name" "$shape" <<'P'
import json, sys
import numpy as np
name, shape = sys.argv[1], json.loads(sys.argv[2])
for index in range(3):
    data = np.random.default_rng(index).uniform(0, 1, shape).astype(np.float32)
    np.savez(f"calibration_{name}/{index}.npz", data=data)
P
model_transform --model_name "$name" --model_def "$name.prototxt" --model_data "$name.caffemodel" \
  --input_shapes "[$shape]" --test_input "calibration_$name/0.npz" --test_result "${name}_top.npz" \
  --mlir "$name.mlir"
run_calibration "$name.mlir" --dataset "calibration_$name" --input_num 3 -o "${name}_table"
for chip in bm1684 bm1684x; do
  for form in layers groups; do
    flags=()
    [ "$form" = groups ] || flags=(--disable_layer_group)
    time model_deploy --mlir "$name.mlir" --quantize INT8 --processor "$chip" \
      --calibration_table "${name}_table" --model "${name}_${chip}_$form.bmodel" \
      --quant_input --quant_output "${flags[@]}"
  done
done
