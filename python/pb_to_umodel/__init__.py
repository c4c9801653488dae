"""Frozen TensorFlow graphs to umodels, by the tool pb_to_umodel of quantization-tools-cli.

    args = pb_to_umodel.parse_args().parse_args(["-m", "net.pb", "-d", "compilation"])
    paths = pb_to_umodel.convert_pb_to_umodelv2(args)
"""
import argparse
import os
import shutil
import subprocess
import sys

__all__ = ["ConversionError", "convert_pb_to_umodelv2", "find_tool", "parse_args"]

TOOL = "pb_to_umodel"
#: The environment variable that names the tool's file.
VARIABLE = "PB_TO_UMODEL"
PRESETS = ("VGG", "INCEPTION", "SSD_V", "SSD_I")


class ConversionError(RuntimeError):
    """The graph was not converted; the text says why."""


def parse_args():
    """The parser of the tool's flags: parse_args().parse_args(LIST) gives what convert_pb_to_umodelv2 takes."""
    parser = argparse.ArgumentParser(prog=TOOL, description="Turn a frozen TensorFlow graph into a umodel.")
    add = parser.add_argument
    add("-m", "--model", required=True, help="the frozen graph (.pb)")
    add("-i", "--inputs", help="names of the tensors to start from, as A,B")
    add("-o", "--outputs", help="names of the tensors to end with, as A,B")
    add("-s", "--shapes", help="shapes of the inputs, as (1, 299, 299, 3)")
    add("-d", "--outdir", default="compilation", help="the folder of the files")
    add("-n", "--net_name", help="the net's name, which names the files, too")
    add("-p", "--preset", choices=PRESETS, help="the preprocessing of the Data layer")
    add("-D", "--lmdb", help="the database that the Data layer reads")
    add("-a", "--accuracy", action="store_true", help="add Accuracy layers")
    add("-t", "--test", action="store_true", help="does nothing; older scripts have it")
    return parser


def find_tool():
    """The path of the tool.

    Raises ConversionError if it is not there.
    """
    given = os.environ.get(VARIABLE)
    if given:
        if os.path.isfile(given) and os.access(given, os.X_OK):
            return given
        raise ConversionError("{} is {!r}, which is no program".format(VARIABLE, given))
    name = TOOL + (".exe" if os.name == "nt" else "")
    for folder in (os.path.dirname(os.path.abspath(__file__)), os.path.dirname(sys.executable or "")):
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    path = shutil.which(TOOL)
    if path is None:
        raise ConversionError(
            "the tool {0} is not in PATH; build it by `cargo install --path crates/quantization-tools-cli`, or name its "
            "file in the environment variable {1}".format(TOOL, VARIABLE))
    return path


def _flags(args):
    """The command line of the tool."""
    flags = ["--model={}".format(args.model)]
    for name in ("inputs", "outputs", "shapes", "outdir", "net_name", "preset", "lmdb"):
        value = getattr(args, name, None)
        if value is not None:
            flags.append("--{}={}".format(name, value))
    if getattr(args, "accuracy", False):
        flags.append("--accuracy")
    return flags


def convert_pb_to_umodelv2(args):
    """Runs the tool and returns the paths of the weights and of the prototxt.

    Raises ConversionError with the tool's message if it fails.
    """
    command = [find_tool()] + _flags(args)
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
    except OSError as error:
        raise ConversionError("{} cannot be run: {}".format(command[0], error))
    if done.returncode != 0:
        message = done.stderr.strip() or "{} ended with code {}".format(TOOL, done.returncode)
        raise ConversionError(message)
    if done.stderr:
        sys.stderr.write(done.stderr)
    sys.stdout.write(done.stdout)
    return [line for line in done.stdout.splitlines() if line.endswith((".fp32umodel", ".prototxt"))]
