#!/usr/bin/env python3
"""detectors.py FOLDER: detectors and text readers of packages, and pictures for them; nothing of it is kept here.

Nets (by pip): yolov8n.onnx (nudenet 3.4.2), yolox.onnx (ddddocr 1.6.1), text_detector.onnx, text_reader.onnx and
text_direction.onnx (PP-OCRv4, rapidocr-onnxruntime 1.4.4), table_lines.onnx (a segmenter, wired-table-rec 1.0.0),
mininet_ssd.caffemodel and .prototxt (hyperlpr 0.0.2).
Pictures, each kind with the lists KIND_calibration.txt and KIND_test.txt for convert_imageset:

    photos      320 x 320, parts of photographs (scikit-image 0.21.0); those of the lists have no photograph in common
    pages       480 x 320, drawn: lines of text on paper
    words       320 x 48, drawn: one line of text each
    marks       416 x 416, outlined characters drawn over the parts of photographs
    tables      320 x 384, drawn: a table with thin lines and words in its cells

Needs pip, numpy and opencv-python-headless. What is drawn depends on seeds alone.
"""
import io
import pathlib
import subprocess
import sys
import tarfile
import zipfile

import cv2
import numpy as np

NETS = {
    "nudenet==3.4.2": {"nudenet/320n.onnx": "yolov8n.onnx"},
    "ddddocr==1.6.1": {"ddddocr/common_det.onnx": "yolox.onnx"},
    "rapidocr-onnxruntime==1.4.4": {
        "rapidocr_onnxruntime/models/ch_PP-OCRv4_det_infer.onnx": "text_detector.onnx",
        "rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx": "text_reader.onnx",
        "rapidocr_onnxruntime/models/ch_ppocr_mobile_v2.0_cls_infer.onnx": "text_direction.onnx",
    },
    "wired-table-rec==1.0.0": {"wired_table_rec/models/cycle_center_net_v2.onnx": "table_lines.onnx"},
    "hyperlpr==0.0.2": {
        "hyperlpr/models/dnn/mininet_ssd_v1.caffemodel": "mininet_ssd.caffemodel",
        "hyperlpr/models/dnn/mininet_ssd_v1.prototxt": "mininet_ssd.prototxt",
    },
}
PHOTOS = {
    "calibration": ["chelsea.png", "coffee.png", "motorcycle_left.png", "retina.jpg", "ihc.png"],
    "test": ["astronaut.png", "rocket.jpg", "hubble_deep_field.jpg", "motorcycle_right.png"],
}
WORDS = ("int8 bmodel lane board model quantize threshold picture tensor shift 1684 kernel scale 2026 layer blob "
         "channel memory engine fast exact round INPUT OUTPUT Data TOP 3.14 a+b x*y 50% street river cloud").split()
FONTS = [cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX, cv2.FONT_HERSHEY_TRIPLEX]


def package(folder, name, *arguments):
    """The files of a package by their paths."""
    known = folder / "packages" / name
    if not known.exists():
        known.mkdir(parents=True)
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(known), *arguments, name]
        subprocess.run(command, check=True)
    path = next(known.iterdir())
    if path.suffix == ".whl":
        archive = zipfile.ZipFile(path)
        return {member: (lambda member=member: archive.read(member)) for member in archive.namelist()}
    archive = tarfile.open(fileobj=io.BytesIO(path.read_bytes()))
    return {member.name.split("/", 1)[-1]: (lambda member=member: archive.extractfile(member).read())
            for member in archive.getmembers()}


def photos(files, names, rng):
    for name in names:
        data = next(read() for path, read in files.items() if path.endswith(f"skimage/data/{name}"))
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        shorter = min(picture.shape[:2])
        for _ in range(10):
            side = int(rng.integers(min(shorter * 2 // 3, 320), shorter + 1))
            y, x = (int(rng.integers(0, length - side + 1)) for length in picture.shape[:2])
            yield cv2.resize(picture[y:y + side, x:x + side], (320, 320), interpolation=cv2.INTER_AREA)


def paper(height, width, rng):
    shade = rng.uniform(150, 250, 3) + np.linspace(0, rng.uniform(-40, 40), width)[None, :, None]
    return np.broadcast_to(shade, (height, width, 3)) + rng.normal(0, 4, (height, width, 3))


def write(picture, text, place, scale, rng):
    """Writes dark text with its baseline's left end at `place`."""
    picture = np.ascontiguousarray(np.clip(picture, 0, 255).astype(np.uint8))
    colour = [int(value) for value in rng.integers(0, 90, 3)]
    font, thick = FONTS[rng.integers(len(FONTS))], max(1, round(scale * 2))
    return cv2.putText(picture, text, place, font, scale, colour, thick, cv2.LINE_AA)


def words(rng, most):
    return " ".join(WORDS[rng.integers(len(WORDS))] for _ in range(rng.integers(1, most + 1)))


def page(rng):
    picture, y = paper(320, 480, rng), 20
    while True:
        scale = rng.uniform(0.5, 1.1)
        y += int(40 * scale + rng.integers(4, 40))
        if y > 305:
            return picture
        picture = write(picture, words(rng, 3), (int(rng.integers(8, 120)), y), scale, rng)


def word(rng):
    scale = rng.uniform(0.8, 1.2)
    return write(paper(48, 320, rng), words(rng, 2)[:int(15 / scale)], (int(rng.integers(4, 20)), 34), scale, rng)


def marks(picture, rng):
    picture = cv2.resize(picture, (416, 416))
    for column in range(rng.integers(2, 4)):
        character = chr(int(rng.integers(65, 91)))
        place = (30 + column * 120 + int(rng.integers(0, 30)), int(rng.integers(120, 380)))
        colour, scale = [int(value) for value in rng.integers(0, 255, 3)], rng.uniform(2, 3)
        for shade, thick in (((255, 255, 255), 14), (colour, 6)):
            cv2.putText(picture, character, place, cv2.FONT_HERSHEY_SIMPLEX, scale, shade, thick, cv2.LINE_AA)
    return picture


def table(rng):
    picture = paper(384, 320, rng)
    rows = np.cumsum([rng.integers(8, 40), *rng.integers(34, 90, rng.integers(3, 8))])
    columns = np.cumsum([rng.integers(6, 30), *rng.integers(50, 130, rng.integers(2, 5))])
    rows, columns = rows[rows < 380], columns[columns < 316]
    shade, thick = rng.uniform(20, 110), int(rng.integers(1, 3))
    for row in rows:
        picture[row:row + thick, columns[0]:columns[-1] + thick] = shade
    for column in columns:
        picture[rows[0]:rows[-1] + thick, column:column + thick] = shade
    for top, below in zip(rows, rows[1:]):
        for left, right in zip(columns, columns[1:]):
            text = WORDS[rng.integers(len(WORDS))][:int((right - left - 12) / 9)]
            picture = write(picture, text, (int(left) + 6, int(below) - 10), 0.4, rng)
    return picture


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, members in NETS.items():
        files = package(folder, name)
        for member, target in members.items():
            (folder / target).write_bytes(files[member]())
    skimage = package(folder, "scikit-image==0.21.0", "--python-version", "3.10", "--only-binary", ":all:")
    kinds = {
        "photos": lambda part, rng: photos(skimage, PHOTOS[part], rng),
        "pages": lambda part, rng: (page(rng) for _ in range(40)),
        "words": lambda part, rng: (word(rng) for _ in range(100)),
        "marks": lambda part, rng: (marks(picture, rng) for picture in photos(skimage, PHOTOS[part], rng)),
        "tables": lambda part, rng: (table(rng) for _ in range(40)),
    }
    for kind, pictures in kinds.items():
        (folder / kind).mkdir(exist_ok=True)
        for seed, part in enumerate(("calibration", "test")):
            lines = []
            for number, picture in enumerate(pictures(part, np.random.default_rng([seed, len(kind)]))):
                path = f"{kind}/{part}_{number:03}.png"
                cv2.imwrite(str(folder / path), np.clip(picture, 0, 255).astype(np.uint8))
                lines.append(f"{path} 0\n")
            (folder / f"{kind}_{part}.txt").write_text("".join(lines))
            print(kind, part, len(lines), "pictures")


if __name__ == "__main__":
    main()
