#!/usr/bin/env python3
"""Turns the ONNX package's own tests of single operators into models that the import can be held against.

Usage: onnx_nodes.py FOLDER
Needs: numpy, onnx 1.23.2 (crates/conformance/tests/onnx_node_tests.txt says what becomes of that version's tests).

Those tests give weights, shapes and limits as inputs, since they have no initializers; an importer wants them as
constants. So all inputs but the first one of fp32 (or doubles) become initializers. Written are NAME.onnx and
NAME.npz (input and outputs by name); what is left out, and why, is counted in the end. Set ONNX_NODE_TESTS to the
folder.

Results of integers, truth values and doubles are recorded as fp32. Of LayerNormalization only the first output counts.
"""
import os
import re
import sys
from collections import Counter

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnx.backend.test.case.node import collect_testcases

# Doubles are recorded as fp32, too.
FLOATS = (TensorProto.FLOAT, TensorProto.DOUBLE)
# Results of these types are recorded as fp32, which blobs have.
RESULTS = FLOATS + (TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL, TensorProto.UINT8, TensorProto.INT8)


def supported(source):
    """The operators that the importer knows, from its own table."""
    text = open(source).read()
    return set(re.findall(r'"([A-Z]\w+)"', text))


def tensor(value):
    """A value of a test as a tensor; nothing for sequences and optional values."""
    if isinstance(value, onnx.TensorProto):
        return value
    return numpy_helper.from_array(np.asarray(value)) if isinstance(value, (np.ndarray, np.generic)) else None


def main(out):
    os.makedirs(out, exist_ok=True)
    here = os.path.dirname(os.path.abspath(__file__))
    known = supported(os.path.join(here, "../../umodel-import/src/onnx/ops/mod.rs"))
    left, written, operators = Counter(), 0, set()
    for case in sorted(collect_testcases(None), key=lambda case: case.name):
        name, model = case.name, case.model
        graph = model.graph
        ops = {node.op_type for node in graph.node}
        if any(node.domain not in ("", "ai.onnx") for node in graph.node) or not ops <= known:
            left["operators that are not imported"] += 1
            continue
        inputs, outputs = ([tensor(value) for value in side] for side in case.data_sets[0])
        if any(value is None for value in inputs + outputs):
            left["sequences and optional values"] += 1
            continue
        if any(value.data_type not in RESULTS for value in outputs):
            left["results of other types"] += 1
            continue
        first = next((k for k, value in enumerate(inputs) if value.data_type in FLOATS), None)
        if first is None:
            left["no fp32 input"] += 1
            continue
        arrays = {graph.input[first].name: numpy_helper.to_array(inputs[first]).astype(np.float32)}
        for k, value in enumerate(inputs):
            if k != first:
                constant = onnx.TensorProto()
                constant.CopyFrom(value)
                constant.name = graph.input[k].name
                graph.initializer.append(constant)
        if ops == {"LayerNormalization"}:
            # Mean and deviation, which only training reads.
            del graph.output[1:], outputs[1:]
        keep = graph.input[first]
        # The shape is that of the data; some tests leave it open.
        shape = keep.type.tensor_type.shape
        del shape.dim[:]
        for size in inputs[first].dims:
            shape.dim.add().dim_value = size
        shape.SetInParent()
        kept = onnx.ValueInfoProto()
        kept.CopyFrom(keep)
        del graph.input[:]
        graph.input.append(kept)
        for info, value in zip(graph.output, outputs):
            arrays[info.name] = numpy_helper.to_array(value).astype(np.float32)
        if any(np.isnan(array).any() for array in arrays.values()):
            left["values that are no numbers"] += 1
            continue
        onnx.save(model, os.path.join(out, name + ".onnx"))
        np.savez(os.path.join(out, name + ".npz"), **arrays)
        written += 1
        operators |= ops
    print(written, "tests of", len(operators), "operators written:", " ".join(sorted(operators)))
    for reason, count in left.most_common():
        print(count, "left out:", reason)
    print("operators without a test:", " ".join(sorted(known - operators)))


if __name__ == "__main__":
    main(sys.argv[1])
