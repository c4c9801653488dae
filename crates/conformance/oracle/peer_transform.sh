#!/usr/bin/env bash
# peer_transform.sh VENV FOLDER NAME BATCH MODEL SHAPE [OUTPUTS]: NET.onnx or "deploy.prototxt caffemodel" to
# FOLDER/NAME/bBATCH.mlir/NAME.mlir with the vendor's model_transform, and, if FOLDER/NAME/table is missing, a
# calibration table of three random pictures. SHAPE without the batch, as 3,224,224.
set -euo pipefail
venv=$1 folder=$2 name=$3 batch=$4 model=$5 shape=$6 outputs=${7:-}
. "$venv/bin/activate"
read -r net data <<<"$model"
net=$(realpath "$net")
[ -z "$data" ] || data=$(realpath "$data")
work=$folder/$name/b$batch.mlir
mkdir -p "$work"
cd "$work"
if ! model_transform --model_name "$name" --model_def "$net" ${data:+--model_data "$data"} \
  --input_shapes "[[$batch,$shape]]" ${outputs:+--output_names "$outputs"} --mlir "$name.mlir" >transform.log 2>&1 </dev/null; then
  echo "transform failed: $(grep -v '^ *$' transform.log | tail -1)"
  exit 1
fi
[ ! -e ../table ] || exit 0
python - "$name" "$batch,$shape" <<'P'
import os, re, sys
import numpy as np
name, shape = sys.argv[1], [int(n) for n in sys.argv[2].split(",")]
blob = re.search(r'top\.Input".*?loc\((#loc\d*)\)', open(f"{name}.mlir").read())
text = open(f"{name}.mlir").read()
blob = re.search(re.escape(blob.group(1)) + r' = loc\("([^"]+)"\)', text).group(1)
os.makedirs("../calibration", exist_ok=True)
for index in range(3):
    data = np.random.default_rng(index).uniform(0, 1, shape).astype(np.float32)
    np.savez(f"../calibration/{index}.npz", **{blob: data})
P
if ! run_calibration "$name.mlir" --dataset ../calibration --input_num 3 --processor bm1684 --cali_method max \
  -o ../table >calibration.log 2>&1 </dev/null; then
  echo "calibration failed: $(grep -v '^ *$' calibration.log | tail -1)"
  rm -f ../table
  exit 1
fi
