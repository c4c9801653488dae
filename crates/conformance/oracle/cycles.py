#!/usr/bin/env python3
"""cycles.py FOLDER [KIND…]: cycles that the vendor's BM1684 back end counts for its commands, one file for each kind.

The back end counts cycles in its id node while it emits commands. Each kind below calls one function of it with random
shapes, and records the fields of the commands that came out beside the count. A file has these lines:

    # text
    t same NAME=VALUE …      fields of TIU commands that are the same in the whole file and not the default
    t vary NAME …            fields that vary, in the order of the lines
    g same …, g vary …       the same for the GDMA
    t VALUE …                a command that a count includes together with the next one
    t VALUE … = CYCLES       the last, or only, command of a count

Left out is what no count depends on: ids, addresses without their lane, and of TIU commands strides, signs, constants,
shifts, pads, inserted zeros and ReLU. The calls vary them. Fields not named have the defaults of
bm1684_isa::commands.

Run it with the Python of an environment that has tpu_mlir.
"""
import ctypes as C
import os
import pathlib
import pickle
import random
import re
import sys

import vendor_backend
from vendor_backend import ints, unsigned

COUNT = 500
SOURCES = pathlib.Path(__file__).parents[2] / "bm1684-isa/src/commands"
A, B, TOP, BUFFER = 0x0, 0x10000, 0x40000, 0x60000
LANE = 0x80000
DDR = [C.c_uint64(0x1_1000_0000 + index * 0x800_0000) for index in range(4)]


def ceil(a, b):
    return -(-a // b)


class Field:
    """A row of a table in commands/*.rs."""

    CODES = {"true": 1, "false": 0, "u64::MAX": 2**64 - 1, "u32::MAX": 2**32 - 1, "Precision::I8": 0, "Precision::I16": 3,
             "Task::Conv": 0, "Direction::DdrToLocal": 0, "Function::Copy": 0, "Format::Word": 0}

    def __init__(self, name, low, width, default):
        self.name, self.low, self.mask = name, int(low), (1 << int(width)) - 1
        self.default = self.CODES[default] if default in self.CODES else int(default)


def table(engine):
    rows = re.findall(r"^ +(\w+): \w+, (\d+), (\d+) = (\S+);", (SOURCES / f"{engine}.rs").read_text(), re.M)
    return [Field(*row) for row in rows]


TABLES = {"t": table("tiu"), "g": table("gdma")}
LEFT_OUT = re.compile(
    r"cmd_id.*|eng0_sync_id|(opd|res)\d_[nchw]_str|short_.*|opd\d_addr|res1_addr|\w+_start_addr_.*|constant_value|"
    r"opt_relu|opt_shift_typ|opt_(right|left)_shift|opt_(opd\d|res_add)_sign|opt_opd\d_const|opd0_(up|dn|lf|rt)_pad|"
    r"opd[01]_[yx]_ins0")


def decode(engine, command):
    bits = int.from_bytes(command, "little")
    return {field.name: bits >> field.low & field.mask for field in TABLES[engine]}


class Dim4(C.Structure):
    _fields_ = [(name, C.c_int) for name in "nchw"]


class Dim2(C.Structure):
    _fields_ = [(name, C.c_int) for name in "hw"]


class Padding(C.Structure):
    _fields_ = [(name, C.c_int) for name in ("top", "bottom", "left", "right")]


def dim4(values):
    return values and C.byref(Dim4(*values))


class Counter(vendor_backend.Backend):
    """The back end, and what it counted."""

    def __init__(self):
        super().__init__()
        library = self.library
        library.get_cmd_id_cycle.restype = C.c_int64
        for name in ("get_cmd_id_cycle", "okk_set_id_node", "okk_get_id_node"):
            getattr(library, name).argtypes = [C.c_void_p]
        library.set_cmd_id_cycle.argtypes = [C.c_void_p, C.c_int]
        library.okk_disable_check_id_node()
        self.seen = {"t": 0, "g": 0}

    def count(self, function, *arguments):
        """Cycles and commands of a function of the back end that takes the id node, or of the kernel interface okk."""
        library, own = self.library, function.startswith("okk_")
        library.set_cmd_id_cycle(self.node, 0)
        if own:
            library.okk_set_id_node(self.node)
            getattr(library, function)(*arguments)
            library.okk_get_id_node(self.node)
        else:
            getattr(library, function)(*arguments, self.node)
        commands = []
        for engine, stream in (("t", self.tiu), ("g", self.gdma)):
            data = stream.bytes()
            commands += [(engine, decode(engine, data[i : i + 128])) for i in range(self.seen[engine], len(data), 128)]
            self.seen[engine] = len(data)
        return library.get_cmd_id_cycle(self.node), commands


def one(kinds, name):
    def register(function):
        kinds[name] = function
        return function
    return register


KINDS = {}
random_of = random.choice


def window(limit=5, strides=(1, 1, 1, 2, 3)):
    kernel = random_of([(1, 1), (3, 3), (3, 3), (random.randint(1, limit), random.randint(1, limit))])
    stride = random_of([(s := random_of(strides), s), (random_of(strides), random_of(strides))])
    return kernel, stride


def map_under(kernel, stride, most=14, pads=True, dilation=(1, 1), inserted=(0, 0)):
    """Height and width of an input, its pads, and the output's size."""
    out, size, around = [], [], []
    for k, s, d, i in zip(kernel, stride, dilation, inserted):
        extent = (k - 1) * d + 1
        pad = [random.randint(0, min(15, extent // 2)) if pads else 0 for _ in range(2)]
        length = max(1, (random.randint(1, most) - 1) * s + extent - sum(pad))
        length = ceil(length - 1, i + 1) + 1
        whole = (length - 1) * (i + 1) + 1 + sum(pad)
        if whole < extent:
            return map_under(kernel, stride, most, pads, dilation, inserted)
        out.append((whole - extent) // s + 1)
        size.append(length)
        around += pad
    return size, around, out


@one(KINDS, "conv_int8")
def _(backend):
    kernel, stride = window(7, (1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15))
    dilation = random_of([(1, 1), (1, 1), (2, 2), (1, 3)])
    inserted = random_of([(0, 0), (0, 0), (0, 0), (1, 1), (0, 2)])
    (h, w), pads, out = map_under(kernel, stride, 40 if kernel == (1, 1) else 16, True, dilation, inserted)
    n, inputs = random_of([1, 1, 2, 4, 5, 8]), random_of([random.randint(1, 64), random.randint(1, 512), 3, 4])
    outputs = random_of([random.randint(1, 256), 64, 128, random.randint(1, 1024)])
    return backend.count("nodechip_conv_forward_local_fix8b", A, 0x20000, 0x30000, TOP, BUFFER, ints(n, inputs, h, w),
                         ints(n, outputs, *out), 1, *kernel, *dilation, *pads, *stride, random.randint(0, 1), 0,
                         random.randint(0, 1), 0, 0, 0, 0, 0, *inserted, 7, 1, 1, 1, True, 0, 0, 0, 0)


@one(KINDS, "conv_f32")
def _(backend):
    kernel, stride = window(5, (1, 1, 1, 2, 2, 3, 4, 5, 6, 7))
    dilation = random_of([(1, 1), (1, 1), (2, 2)])
    (h, w), pads, out = map_under(kernel, stride, 16, True, dilation)
    n, inputs = random_of([1, 1, 2, 3]), random_of([random.randint(1, 16), random.randint(1, 128)])
    return backend.count("nodechip_conv_forward_local", A, 0x20000, 0x30000, TOP, BUFFER, ints(n, inputs, h, w),
                         ints(n, outputs := random.randint(1, 200), *out), 1, *kernel, *dilation, *pads, *stride,
                         random.randint(0, 1), 0, 0, C.c_float(0), 0, 0, 0, 0)


@one(KINDS, "winograd_int8")
def _(backend):
    n, inputs, outputs = random_of([1, 2, 4, 5]), random.randint(1, 200), random.randint(1, 200)
    h, w = random.randint(4, 24), random.randint(4, 24)
    return backend.count("nodechip_winograd_forward_local_fix8b", A, 0x20000, 0x30000, TOP, BUFFER, ints(n, inputs, h, w),
                         ints(n, outputs, h, w), 1, 1, 1, 1, 1, random.randint(0, 1), 0, 0, 0, 1, 0, 0, 0, 0, 7, 1, 1, 1, 0,
                         0, 0, 0, 0)


@one(KINDS, "winograd_f32")
def _(backend):
    n, inputs, outputs = random_of([1, 2, 3]), random.randint(1, 100), random.randint(1, 200)
    h, w = random.randint(4, 24), random.randint(4, 24)
    return backend.count("nodechip_winograd_forward_local", A, 0x20000, 0x30000, TOP, BUFFER, ints(n, inputs, h, w),
                         ints(n, outputs, h, w), 1, 1, 1, 1, 1, random.randint(0, 1), 0, 0, C.c_float(0), 1, 0, 0, 0, 0)


def pooling_int8(backend, mode):
    kernel, stride = window(8, (1, 1, 2, 3, 5, 15))
    (h, w), pads, out = map_under(kernel, stride, 20)
    n, c, bias = random_of([1, 2, 4, 6]), random.randint(1, 200), int(mode == 2 and random.random() < 0.5)
    return backend.count("nodechip_pooling_fix8b_forward_local", A, 0x20000, 0x30000, TOP, ints(n, c, h, w),
                         ints(n, c, *out), *kernel, *pads, *stride, 0, 0, mode, 0, 7, bias, 1, 1, int(mode != 1), 1, 1,
                         random.randint(0, 1))


def pooling_f32(backend, average):
    kernel, stride = window(8, (1, 1, 2, 3, 5))
    (h, w), pads, out = map_under(kernel, stride, 16, pads=False)
    n, c = random_of([1, 2, 3]), random.randint(1, 150)
    size, around = (h, w), C.byref(Padding(0, 0, 0, 0))
    name = f"okk_bdc_{'avg' if average else 'max'}_pool2d"
    return backend.count(name, TOP, A, dim4((n, c, *size)), *kernel, around, C.byref(Dim2(*stride)))


for kind, mode in (("maxpool", 0), ("avgpool", 1), ("depthwise", 2)):
    KINDS[f"{kind}_int8"] = lambda backend, mode=mode: pooling_int8(backend, mode)
KINDS["maxpool_f32"] = lambda backend: pooling_f32(backend, False)
KINDS["avgpool_f32"] = lambda backend: pooling_f32(backend, True)


@one(KINDS, "depthwise_f32")
def _(backend):
    kernel, stride = window(6, (1, 1, 2, 3))
    dilation = random_of([(1, 1), (2, 2), (1, 3)])
    (h, w), pads, _ = map_under(kernel, stride, 14, True, dilation)
    return backend.count("okk_bdc_depthwise2d", TOP, A, 0x20000, 0x30000, dim4((random_of([1, 2, 3]),
                         random.randint(1, 150), h, w)), *kernel, C.c_bool(random.random() < 0.5),
                         C.byref(Padding(*pads)), C.byref(Dim2(*stride)), C.byref(Dim2(*dilation)))


@one(KINDS, "mm_f32")
def _(backend):
    rows, shared, columns = random.randint(1, 20), random.randint(1, 300), random.randint(1, 1500)
    return backend.count("okk_bdc_matmul", 0x60000, A, 0x8000, 0x7c000, rows, shared, columns,
                         random_of([4, 8, 16, 32]), random_of([16, 32, 48, 64, 128]), C.c_bool(random.random() < 0.5),
                         C.c_bool(random.random() < 0.3))


def words(bits=32, most=0x10000):
    """A shape of values that fits between operands."""
    while True:
        n, c = random_of([1, 1, 2, 3, 4, 5, 8]), random_of([random.randint(1, 64), random.randint(1, 300)])
        h, w = random_of([(random.randint(1, 40), random.randint(1, 40)), (1, random.randint(1, 600))])
        if ceil(n * bits, 32) * ceil(c + 63, 64) * ceil(h * w, 32) * 128 <= most:
            return n, c, h, w


def strides(shape):
    """Strides of its own in one of two calls: gaps, or one value for several."""
    if random.random() < 0.5:
        return None
    n, c, h, w = shape
    row = w + random_of([0, 1, 5])
    channel = ceil(h * row, 32) * 32
    whole = channel * ceil(c + 63, 64)
    return random_of([(whole, channel, row, 1), (0, channel, row, 1), (whole, channel, 0, 0), (whole, channel, 1, 0)])


def place(*offsets):
    """Offsets in a lane that is not always the first."""
    lane = random_of([0, 0, 0, random.randint(0, 63)]) * LANE
    return [lane + offset for offset in offsets]


def binary(function, *more, bits=32):
    def call(backend):
        shape = words(bits)
        given = [strides(shape) for _ in range(2)]
        return backend.count(f"okk_bdc_{function}", *place(TOP, A, 0x20000), dim4(shape), None, *map(dim4, given), *more)
    return call


def with_constant(function, constant, *more, bits=32):
    def call(backend):
        shape = words(bits)
        return backend.count(f"okk_bdc_{function}", *place(TOP, A), constant, dim4(shape), None, dim4(strides(shape)), *more)
    return call


def either(*calls):
    return lambda backend: random_of(calls)(backend)


def unary(function, *more):
    return lambda backend: backend.count(f"okk_bdc_{function}", *place(TOP, A), dim4(words()), *more)


def of_type(bits, first, second, result_bits, result):
    """The op_type_t of the kernel interface."""
    return int(bits == 8) | first << 1 | second << 2 | int(result_bits == 8) << 3 | result << 4


# The strided forms of fp32 operations are those of the arithmetic unit, the others are of units of their own.
def strided(function):
    def call(backend):
        shape = words()
        n, c, h, w = shape
        row = w + random_of([1, 5])
        channel = ceil(h * row, 32) * 32
        own = (channel * ceil(c + 63, 64), channel, row, 1)
        return backend.count(f"okk_bdc_{function}", *place(TOP, A, 0x20000), dim4(shape), None, dim4(own), None)
    return call


def default(function):
    return lambda backend: backend.count(f"okk_bdc_{function}", *place(TOP, A, 0x20000), dim4(words()), None, None, None)


def default_constant(function):
    return lambda backend: backend.count(f"okk_bdc_{function}", *place(TOP, A), C.c_float(1.5), dim4(words()), None, None)


for name in ("add", "sub", "mul", "max", "min", "mac", "div"):
    KINDS[f"ar_{name}_f32"] = strided(name)
for name in ("add", "sub", "mul", "div"):
    KINDS[f"scalar_{name}"] = either(default(name), default_constant(f"{name}_C"))
KINDS["compare"] = either(default("max"), default_constant("max_C"))
for name in ("and", "or", "xor"):
    KINDS[f"ar_{name}_i32"] = either(binary(f"32bit_{name}"), with_constant(f"32bit_{name}_C", 3))
KINDS["ar_shift_i32"] = either(*(form for kind in ("arithmetic", "logical") for form in
                                 (binary(f"32bit_{kind}_shift"), with_constant(f"32bit_{kind}_shift_C", 3))))


@one(KINDS, "ar_copy")
def _(backend):
    shape = words()
    return backend.count("okk_bdc_32bit_cpy", *place(TOP, A), dim4(shape), None, dim4(strides(shape)))


@one(KINDS, "ar_select")
def _(backend):
    shape = words()
    return backend.count(f"okk_bdc_{random_of(['greater', 'equal'])}_select_value", *place(TOP, A, 0x20000), 5, dim4(shape),
                         None, dim4(strides(shape)), None)


for name in ("add", "sub", "mul"):
    for bits, result_bits in ((8, 8), (8, 16), (16, 8), (16, 16)):
        if name == "mul" and bits == 16:
            continue
        forms = []
        for first, second in ((1, 1), (0, 0), (1, 0)):
            kind = of_type(bits, first, second, result_bits, int(bool(first or second or name == "sub")))
            own = f"fixed_point_packed_{name}"
            forms += [binary(own, kind, 3, bits=bits), with_constant(f"{own}_C", 7, kind, 3, bits=bits)]
        KINDS[f"ar_{name}_i{bits}_i{result_bits}"] = either(*forms)
kinds = [of_type(8, first, second, 16, 1) for first, second in ((1, 1), (0, 1), (1, 0))]
KINDS["ar_mac_i8_i16"] = either(*(form for kind in kinds for form in (
    binary("fixed_point_packed_mac", C.c_bool(True), kind, 3, 4, bits=8),
    with_constant("fixed_point_packed_mac_C", 7, C.c_bool(True), kind, 3, 4, bits=8))))
for name in ("max", "min"):
    for bits in (8, 16):
        kind = of_type(bits, 1, 1, bits, 1)
        own = f"fixed_point_packed_{name}"
        KINDS[f"ar_{name}_i{bits}"] = either(binary(own, kind, bits=bits), with_constant(f"{own}_C", 7, kind, bits=bits))
KINDS["ar_shift_i16"] = either(*(form for kind in ("arithmetic", "logical") for form in (
    binary(f"fixed_point_packed_16bit_{kind}_shift", bits=16),
    with_constant(f"fixed_point_packed_16bit_{kind}_shift_C", C.c_short(-3), bits=16))))
KINDS["lut"] = either(unary("lookup_exp"), unary("lookup_int32_to_fp32"))
KINDS["sfu_f2i"] = unary("fp32_to_int32")
KINDS["sfu_rsqrt"] = unary("rsqrt")
KINDS["sfu_taylor"] = lambda backend: unary("taylor_exp", random.randint(2, 31))(backend)


@one(KINDS, "sfu_norm")
def _(backend):
    shape = (random.randint(1, 4), random.randint(8, 64), random.randint(1, 10), random.randint(1, 10))
    return backend.count("nodechip_lrn_forward_local", A, TOP, BUFFER, ints(*shape), C.c_float(1), 5, C.c_float(0.75),
                         C.c_float(1), 1, backend.node)


@one(KINDS, "linear")
def _(backend):
    shape = words()
    name = random_of(["bias", "scale", "scale_bias"])
    extra = [0x78000] if name == "scale_bias" else []
    return backend.count(f"okk_bdc_{name}", *place(TOP, A, 0x70000, *extra), dim4(shape), None, None)


QUANTIZED = C.create_string_buffer(4096)


@one(KINDS, "mm_int8")
def _(backend):
    rows, shared, columns = random.randint(1, 16), random.randint(1, 300), random.randint(1, 1500)
    return backend.count("nodechip_fc_fix8b_forward_parallel", *DDR, C.c_uint64(0x1_3800_0000), rows, shared, columns, 0,
                         random.randint(0, 1), 1, 1, 1, 7, 0, 0, 0, 0, 0, C.c_float(0), 0, C.cast(QUANTIZED, C.c_void_p))


def moved(bits, most=0x30000):
    while True:
        n, c = random_of([1, 1, 2, 4, 8]), random_of([1, random.randint(1, 64), random.randint(1, 200)])
        h, w = random_of([random.randint(1, 40), 1]), random_of([random.randint(1, 60), 1, random.randint(1, 1000)])
        if n * ceil(c, 64) * ((w + 5) * h + 16) * bits // 8 <= most:
            return n, c, h, w


def laid_out(shape, local, step=1):
    """Strides in elements, compact or with gaps."""
    n, c, h, w = shape
    row = w * step + random_of([0, 0, 0, 1, 5])
    channel = h * row + random_of([0, 0, 0, 3, 16])
    return channel * (ceil(c, 64) if local else c) + random_of([0, 0, 7]), channel, row, step


def move(direction):
    sides = {"S": False, "L": True}

    def call(backend):
        bits = random_of([32, 16, 8])
        shape = moved(bits)
        source, destination = (laid_out(shape, sides[direction[index]]) for index in (0, 2))
        if random.random() < 0.2:
            source = destination = None
        places = {"S": [DDR[0], DDR[1]], "L": [A, TOP]}
        return backend.count(f"okk_gdma_{bits}bit_cpy_{direction}", places[direction[2]][1], places[direction[0]][0],
                             dim4(shape), dim4(destination), dim4(source))
    return call


for name, direction in (("load", "S2L"), ("store", "L2S"), ("move", "S2S"), ("shuffle", "L2L")):
    KINDS[f"gdma_{name}"] = move(direction)


def fill(local):
    def call(backend):
        bits = random_of([32, 16, 8])
        shape = moved(bits)
        given = random_of([None, laid_out(shape, local)])
        return backend.count(f"okk_gdma_{bits}bit_set_C_{'local' if local else 'system'}", A if local else DDR[0], 5,
                             dim4(shape), dim4(given))
    return call


KINDS["gdma_fill_local"], KINDS["gdma_fill_ddr"] = fill(True), fill(False)


def matrix(direction):
    def call(backend):
        rows, columns = random.randint(1, 60), random.randint(1, 1000)
        width = random_of([random.randint(1, 64), 16, 32, 128])
        return backend.count("general_matrix_move_gen_cmd", A, 0, DDR[0], width, rows, columns,
                             columns + random_of([0, 0, 8]), random_of([0, 1, 3]), direction, 0, 0)
    return call


KINDS["gdma_matrix_load"], KINDS["gdma_matrix_store"] = matrix(0), matrix(1)


def general(backend, transposed, formats):
    shape = moved(32)
    turned = (shape[1], shape[0], *shape[2:]) if transposed else shape
    direction = random.randint(0, 2)
    local = [direction == 1, direction == 0]
    places = [DDR[index] if not own else C.c_uint64(A) for index, own in enumerate(local)]
    source, destination = (laid_out(size, own) for size, own in zip((shape, turned), local))
    return backend.count("tensor_general_move_gen_cmd", places[0], 0, *shape, *source, formats[0], places[1], 0, *turned,
                         *destination, formats[1], direction, int(transposed))


KINDS["gdma_transpose"] = lambda backend: general(backend, True, [random_of([0, 1, 3])] * 2)
KINDS["gdma_convert"] = lambda backend: general(backend, False, random_of([(2, 0), (3, 0), (0, 2), (0, 3)]))


def to_words(direction):
    """Bytes beside one another in DDR's words: every fourth one."""
    def call(backend):
        shape = moved(32, 0x10000)
        local, ddr = laid_out(shape, True), laid_out(shape, False, 4)
        if direction == "L2S":
            return backend.count("okk_gdma_8bit_cpy_L2S", DDR[0], A, dim4(shape), dim4(ddr), dim4(local))
        # The check wants one row.
        shape = (shape[0], shape[1], 1, shape[3])
        local, ddr = laid_out(shape, True), laid_out(shape, False, 4)
        return backend.count("okk_gdma_8bit_cpy_S2L", A, DDR[0], dim4(shape), dim4(local), dim4(ddr))
    return call


KINDS["gdma_bytes_store"], KINDS["gdma_bytes_load"] = to_words("L2S"), to_words("S2L")


def measure(kind, seed):
    """In a child: counts and commands of random calls. A call that the back end refuses ends the child."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        silent = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(silent, stream)
        random.seed(f"{kind} {seed}")
        backend = Counter()
        with os.fdopen(writing, "wb") as pipe:
            for _ in range(100):
                pickle.dump(KINDS[kind](backend), pipe)
                pipe.flush()
        os._exit(0)
    os.close(writing)
    counts = []
    with os.fdopen(reading, "rb") as pipe:
        while True:
            try:
                counts.append(pickle.load(pipe))
            except (EOFError, pickle.UnpicklingError):
                break
    os.waitpid(child, 0)
    return counts


def lane_only(engine, command):
    """The fields that are kept."""
    kept = {name: value for name, value in command.items() if not LEFT_OUT.fullmatch(name)}
    if engine == "t":
        kept["res0_addr"] = command["res0_addr"] - command["res0_addr"] % LANE
    return kept


def record(path, kind, counts):
    lines = [f"# {kind}: cycles counted by the back end of tpu_mlir 1.30.2, {len(counts)} counts"]
    kept = [(cycles, [(engine, lane_only(engine, command)) for engine, command in commands]) for cycles, commands in counts]
    vary = {}
    for engine in "tg":
        rows = [command for _, commands in kept for own, command in commands if own == engine]
        if not rows:
            continue
        fields = [field for field in TABLES[engine] if not LEFT_OUT.fullmatch(field.name)]
        values = {field.name: {row[field.name] for row in rows} for field in fields}
        same = [field for field in fields if len(values[field.name]) == 1]
        known = [f"{field.name}={value}" for field in same for value in values[field.name] if value != field.default]
        vary[engine] = [field.name for field in fields if len(values[field.name]) > 1]
        lines += [f"{engine} same {' '.join(known)}", f"{engine} vary {' '.join(vary[engine])}"]
    for cycles, commands in kept:
        for index, (engine, command) in enumerate(commands):
            end = f" = {cycles}" if index + 1 == len(commands) else ""
            lines.append(f"{engine} {' '.join(str(command[name]) for name in vary[engine])}{end}")
    path.write_text("\n".join(lines) + "\n")


def main(folder, *wanted):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for kind in wanted or KINDS:
        counts, seed = [], 0
        while len(counts) < COUNT and seed < 400:
            counts += measure(kind, seed)
            seed += 1
        record(folder / f"{kind}.txt", kind, counts[:COUNT])
        print(f"{kind}: {len(counts[:COUNT])} counts of {seed} runs")


if __name__ == "__main__":
    main(*sys.argv[1:])
