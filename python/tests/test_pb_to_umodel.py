"""The package with the real tool, which must be in PATH or named by PB_TO_UMODEL. Exact."""
import contextlib
import io
import os
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import pb_to_umodel  # noqa: E402

GRAPH = os.path.join(HERE, "..", "..", "fixtures", "tensorflow", "cases", "conv_same_stride.pb")


class Conversion(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def convert(self, *flags):
        args = pb_to_umodel.parse_args().parse_args(["-m", GRAPH, "-d", self.folder, *flags])
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            paths = pb_to_umodel.convert_pb_to_umodelv2(args)
        return paths, printed.getvalue()

    def test_the_flags_of_the_vendors_script(self):
        paths, printed = self.convert(
            "-i", "x:0", "-o", "output:0", "-s", "(1, 8, 8, 3)", "-n", "net", "-p", "INCEPTION", "-D", "some_lmdb", "-t")
        self.assertEqual(paths, [os.path.join(self.folder, name) for name in ("net.fp32umodel", "net.prototxt")])
        self.assertIn("layers", printed)
        with open(paths[1]) as text:
            prototxt = text.read()
        self.assertIn('source: "some_lmdb"', prototxt)
        self.assertIn("crop_fraction: 0.875", prototxt)
        self.assertTrue(os.path.getsize(paths[0]) > 0)

    def test_failures_have_the_tools_message(self):
        with self.assertRaises(pb_to_umodel.ConversionError) as caught:
            self.convert("-o", "outptu")
        self.assertIn('did you mean "output"?', str(caught.exception))
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_tool_that_is_not_there(self):
        old = dict(os.environ)
        self.addCleanup(lambda: (os.environ.clear(), os.environ.update(old)))
        os.environ["PB_TO_UMODEL"] = os.path.join(self.folder, "nothing")
        with self.assertRaisesRegex(pb_to_umodel.ConversionError, "is no program"):
            self.convert()
        del os.environ["PB_TO_UMODEL"]
        os.environ["PATH"] = self.folder
        with self.assertRaisesRegex(pb_to_umodel.ConversionError, "cargo install"):
            self.convert()

    def test_unknown_flags_are_argparses_errors(self):
        with contextlib.redirect_stderr(io.StringIO()) as printed, self.assertRaises(SystemExit):
            pb_to_umodel.parse_args().parse_args(["-m", "a.pb", "-p", "VGG16"])
        self.assertIn("INCEPTION", printed.getvalue())


if __name__ == "__main__":
    unittest.main()
