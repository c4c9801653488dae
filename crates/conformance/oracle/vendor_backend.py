#!/usr/bin/env python3
"""vendor_backend.py FOLDER: commands of layer functions of the vendor's BM1684 back end that its compiler does not reach.

The package tpu_mlir 1.30.2 has libbackend_bm1684.so, which older compilers of the vendor use, too. Its layer functions
(nodechip_NAME of the package's BM1684.h) append to two command buffers; some forms (products with an accumulator, fills
of local memory, bytes between words) come from functions that the present compiler does not call. Each call below runs
in a process of its own; FOLDER gets NAME.tiu and NAME.gdma, plain streams, beside the bmodels of vendor_nets.py.

Run it with the Python of an environment that has tpu_mlir.
"""
import ctypes as C
import itertools
import os
import pathlib
import sys

import tpu_mlir  # Sets the environment that its libraries need when the process starts.

if os.environ.get("VENDOR_BACKEND") != "ready":
    os.environ["VENDOR_BACKEND"] = "ready"
    os.execv(sys.executable, [sys.executable, *sys.argv])

LIBRARY = str(pathlib.Path(tpu_mlir.package_path) / "lib/libbackend_bm1684.so")
LAZY, GLOBAL = 1, 0x100
DDR = [C.c_uint64(0x1_0510_0000 + 0x10_0000 * index) for index in range(8)]
A, B, TOP, BUFFER = 0x0, 0x10000, 0x40000, 0x60000


class Vector(C.Structure):
    """A std::vector<unsigned>."""
    _fields_ = [("begin", C.c_void_p), ("end", C.c_void_p), ("capacity", C.c_void_p)]

    def bytes(self):
        return C.string_at(self.begin, self.end - self.begin) if self.begin else b""


class Backend:
    def __init__(self):
        libc = C.CDLL(None)
        libc.dlopen.restype, libc.dlopen.argtypes = C.c_void_p, [C.c_char_p, C.c_int]
        libc.malloc.restype, libc.malloc.argtypes = C.c_void_p, [C.c_size_t]
        # Bound lazily: a function for the firmware's log is missing, and not called.
        handle = libc.dlopen(LIBRARY.encode(), LAZY | GLOBAL)
        self.library = library = C.CDLL(LIBRARY, handle=handle)
        library.cmodel_init.argtypes = [C.c_int, C.c_uint64]
        assert library.cmodel_init(0, 1 << 28) == 0
        library.create_cmd_id_node.restype = C.c_void_p
        self.node = C.c_void_p(library.create_cmd_id_node())
        library.allow_store_cmd()
        library.forbid_atomic_cmodel()
        self.tiu, self.gdma, self.groups = Vector(), Vector(), [Vector(), Vector()]
        for group in self.groups:
            start = libc.malloc(64)
            C.memset(start, 0, 64)
            group.begin, group.end, group.capacity = start, start + 4, start + 64
        library.set_cmd_buffer_ptr(C.byref(self.gdma), C.byref(self.tiu))
        self.totals = [C.c_uint32(0), C.c_uint32(0), C.c_int(1)]
        library.set_total_id_ptr(C.byref(self.totals[0]), C.byref(self.totals[1]), self.node, C.byref(self.groups[1]),
                                 C.byref(self.groups[0]), C.byref(self.totals[2]))
        library.reset_cmd_id(self.node)
        library.allow_atomic_cmodel_assert()

    def call(self, function, *arguments):
        getattr(self.library, f"nodechip_{function}")(*arguments, self.node)


def ints(*values):
    return (C.c_int * len(values))(*values)


def unsigned(*values):
    return (C.c_uint32 * len(values))(*values)


def real(value):
    return C.c_float(value)


def pads(*pairs):
    return ((C.c_int * 2) * len(pairs))(*[(C.c_int * 2)(*pair) for pair in pairs])


def calls():
    """Name, function and arguments of each call."""
    shape = (4, 70, 3, 5)
    for images, signs, relu in itertools.product((1, 4), ((0, 0), (0, 1), (1, 0), (1, 1)), (0, 1)):
        size = (images, 70, 3, 5)
        form = f"{images}_{signs[0]}{signs[1]}_{relu}"
        yield (f"sum_{form}", "eltwise_fix8b_forward_local", ints(A, B), TOP, BUFFER, *size, ints(32, 32), 0, 1,
               ints(77, 50), ints(6, 5), ints(*signs, 0 if relu else 1), 2, relu)
        for code, name in enumerate(["product", "sum", "max"]):
            yield (f"{name}_ddr_{form}", "eltwise_fix8b_forward_parallel", (C.c_uint64 * 2)(*[x.value for x in DDR[:2]]),
                   DDR[2], *size, code, ints(77, 50), (C.c_uint8 * 3)(*signs, 0 if relu else 1), (C.c_uint8 * 2)(6, 5),
                   relu, 2)
    for signs in itertools.product((0, 1), repeat=3):
        form = "".join(map(str, signs))
        yield f"mulshift_{form}", "mulshift_fix8b_forward_local", A, BUFFER, TOP, *shape, 77, 7, *signs
        yield f"mulshift_ddr_{form}", "mulshift_fix8b_forward", DDR[0], DDR[1], *shape, 77, 7, *signs
    for sign, relu in itertools.product((0, 1), repeat=2):
        window = (3, 3, 1, 1, 1, 1, 1, 1, 0, 0)
        pooled = ints(4, 70, 9, 9)
        yield (f"max_pool_{sign}{relu}", "pooling_fix8b_forward_local", A, 0x20000, 0x30000, TOP, pooled, pooled, *window,
               0, 0, 0, 0, 0, sign, 1, 1, sign, relu)
        yield (f"average_pool_{sign}{relu}", "pooling_fix8b_forward_local", A, 0x20000, 0x30000, TOP, pooled, pooled,
               *window, 1, 0, 9, 0, 1, sign, 0, 1, sign, relu)
    for operation, sign, relu in itertools.product((0, 1, 4), (0, 1), (0, 1)):
        form = f"{operation}{sign}{relu}"
        yield (f"constant_{form}", "const_binary_fix8b_forward_local", A, TOP, BUFFER, 9, ints(*shape), 4, operation, 77, 1, 6,
               0, 0, relu, ints(1, 1, 1), ints(sign, 1, 0 if relu else 1))
        yield (f"constant_ddr_{form}", "const_binary_fix8b_forward_parallel", DDR[0], DDR[1], 9, ints(*shape), 4, operation,
               77, 1, 6, 0, 0, relu, ints(1, 1, 1), ints(sign, 1, 0 if relu else 1))
        for other, name in [((4, 70, 1, 1), "channel"), ((1, 70, 1, 1), "one"), ((4, 1, 3, 5), "plane"), (shape, "all")]:
            yield (f"binary_{name}_{form}", "broadcast_binary_fix8b_forward_local", A, B, TOP, BUFFER, ints(*shape),
                   ints(*other), 4, 0, 0, operation, 77, 50, 6, 5, ints(1, 1, 1), ints(sign, 1, 0 if relu else 1), relu)
    for shared, sign in itertools.product((0, 1), repeat=2):
        yield (f"prelu_{shared}{sign}", "prelu_forward_local_fix8b_v3", A, TOP, BUFFER, 0x50000, shared, 13, unsigned(*shape),
               0, sign, 1, 1, 7, -1)
    around = pads((0, 0), (0, 0), (1, 2), (3, 1))
    for kind in range(4):
        yield f"pad_{kind}", "pad_local", A, TOP, *shape, around, kind, real(0.5)
        yield f"pad_bytes_{kind}", "pad_fix8b_local", A, TOP, *shape, around, kind, C.c_ubyte(7)
        for packed in (False, True):
            yield (f"pad_ddr_{kind}_{packed}", "pad_fix8b", DDR[0], DDR[1], C.c_bool(packed), DDR[2], C.c_bool(packed),
                   DDR[3], *shape, around, kind, C.c_char(7))
    yield "memset", "memset", DDR[0], 4, 1, 1, 300, 300, 300, 300, real(0.5)
    yield "upsample", "upsample_fix8b_forward_local", A, TOP, ints(4, 70, 3, 5), ints(4, 70, 6, 10), 2, 0, 1, 1, 1, 1
    for relu in (0, 1):
        yield (f"deconvolution_{relu}", "deconv_fix8b_forward_local", A, 0x20000, 0x30000, TOP, ints(4, 70, 3, 5),
               ints(4, 20, 6, 10), 1, 4, 4, 1, 1, 2, 2, 2, 2, 1, 1, 1, relu, 8, 1, 1, 1)
        yield (f"scale_{relu}", "bnscale_fix8b_forward_local", A, BUFFER, 0x20000, 0x28000, 0x30000, TOP, *shape, 1, 1, 1, 3,
               3, 3, relu, 0)
    for precision in (0, 2):
        yield (f"softmax_{precision}", "softmax_forward_parallel", DDR[0], DDR[1], 1, 10, 3, 5, 1, 10, 3, 5, 0, DDR[2],
               precision, real(0.5), C.c_bool(False))
    yield "to_float", "global_int2float", DDR[0], DDR[1], 4, 70, 9, 11, 1, real(0.5), 4
    yield "to_bytes", "float2int8_v2", DDR[0], DDR[1], 4, 70, 9, 11, 1, real(0.5), 4, 0


def record(folder, name, function, *arguments):
    """In a child: whether the call succeeded, its commands in two files."""
    child = os.fork()
    if child == 0:
        silent = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(silent, stream)
        backend = Backend()
        backend.call(function, *arguments)
        (folder / f"{name}.tiu").write_bytes(backend.tiu.bytes())
        (folder / f"{name}.gdma").write_bytes(backend.gdma.bytes())
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def main(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    refused = [name for name, *call in calls() if not record(folder, f"backend_{name}", *call)]
    print(f"{len(list(folder.glob('*.tiu')))} recorded, refused: {', '.join(refused) or 'none'}")


if __name__ == "__main__":
    main(*sys.argv[1:])
