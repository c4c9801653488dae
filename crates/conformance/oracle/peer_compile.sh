#!/usr/bin/env bash
# peer_compile.sh VENV FOLDER NAME BATCH [deploy flags]: FOLDER/NAME/NAME.mlir and FOLDER/NAME/table (see peer_transform.sh)
# of batch BATCH through the vendor's compiler (a Python 3.10 venv with tpu_mlir 1.30.2) to
# FOLDER/NAME/NAME_bBATCH[_TAG].bmodel, INT8 for BM1684, int8 at inputs and outputs. TAG is the variable of that name.
# NOQUANT=1 leaves fp32 inputs and outputs. Prints the seconds of model_deploy.
set -euo pipefail
venv=$1 folder=$2 name=$3 batch=$4
shift 4
. "$venv/bin/activate"
tag=${TAG:+_$TAG}
work=$folder/$name/b$batch$tag
rm -rf "$work"
mkdir -p "$work"
cd "$work"
cp ../b"$batch".mlir/* .
io=(--quant_input --quant_output)
[ -z "${NOQUANT:-}" ] || io=()
start=$(date +%s.%N)
if ! timeout "${LIMIT:-600}" model_deploy --mlir "$name.mlir" --quantize INT8 --processor bm1684 \
  --calibration_table ../table --skip_validation "${io[@]}" "$@" --model "$name.bmodel" >deploy.log 2>&1 </dev/null; then
  why=$(grep -m1 -E 'UNREACHABLE|Assertion|error:|Error:' deploy.log || grep -v '^ *$' deploy.log | tail -1)
  echo "failed: ${why:0:300}"
  exit 1
fi
seconds=$(echo "$(date +%s.%N) $start" | awk '{printf "%.1f", $1 - $2}')
mv "$name.bmodel" "../${name}_b$batch$tag.bmodel"
find . -name '*.bmodel' -delete
echo "$seconds"
