#!/usr/bin/env python3
"""heads.py KIND FP32.npz INT8.npz: how alike the outputs of an fp32 net and of its int8 form are.

The files are those of `ufw test_fp32 -output` and `ufw test_int8 -output` over the same pictures, one a pass. Printed are
mean and worst cosine of each output and what the outputs mean, by KIND:

    heads       nothing more
    yolov8      [1, 4 + classes, anchors], decoded: boxes
    yolox       [1, anchors, 5 + classes], boxes in steps of the grid of 416 x 416 pixels: boxes
    ssd         rows of DetectionOutput: boxes
    text        [1, 1, H, W], the probability of text: lines, as the boxes of connected parts
    reader      [1, steps, characters]: readings, best character of each step, repetitions and blanks (0) taken out
    classes     [1, classes, ...]: the best class of each place

Boxes of fp32 and int8 match, one to one, if their intersection over union is at least 0.5 and their class is the same.
Needs numpy, and OpenCV for text.
"""
import sys

import numpy as np


def overlap(a, b):
    sides = np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2])
    both = sides.clip(0).prod(2)
    area = [(boxes[:, 2:] - boxes[:, :2]).prod(1) for boxes in (a, b)]
    return both / np.maximum(area[0][:, None] + area[1][None] - both, 1e-9)


def suppress(boxes, scores, labels, threshold=0.45):
    """Indices of the boxes that no better one of their class overlaps."""
    kept = []
    for index in np.argsort(-scores, kind="stable"):
        same = [other for other in kept if labels[other] == labels[index]]
        if not same or overlap(boxes[index:index + 1], boxes[same]).max() <= threshold:
            kept.append(index)
    return np.array(kept, int)


def corners(boxes):
    return np.concatenate([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2], 1)


def finish(boxes, scores, least):
    labels, best = scores.argmax(1), scores.max(1)
    chosen = best >= least
    boxes, labels, best = corners(boxes[chosen]), labels[chosen], best[chosen]
    kept = suppress(boxes, best, labels)
    return boxes[kept], labels[kept]


def yolov8(picture):
    rows = picture.reshape(picture.shape[-2:]).T
    return finish(rows[:, :4], rows[:, 4:], 0.25)


def yolox(picture):
    rows = picture.reshape(picture.shape[-2:])
    steps = [416 // stride for stride in (8, 16, 32)]
    grid = np.concatenate([np.stack(np.meshgrid(range(n), range(n)), 2).reshape(-1, 2) for n in steps])
    stride = np.concatenate([np.full(n * n, 416 // n) for n in steps])[:, None]
    boxes = np.concatenate([(rows[:, :2] + grid) * stride, np.exp(rows[:, 2:4]) * stride], 1)
    return finish(boxes, rows[:, 4:5] * rows[:, 5:], 0.25)


def ssd(picture):
    rows = picture.reshape(-1, 7)
    rows = rows[rows[:, 2] >= 0.3]
    return rows[:, 3:], rows[:, 1].astype(int)


def text(picture):
    import cv2
    probability = picture.reshape(picture.shape[-2:])
    count, parts, stats, _ = cv2.connectedComponentsWithStats((probability > 0.3).astype(np.uint8))
    found = [part for part in range(1, count)
             if stats[part, cv2.CC_STAT_AREA] >= 10 and probability[parts == part].mean() > 0.5]
    left, top, width, height = (stats[found][:, column].astype(float) for column in range(4))
    return np.stack([left, top, left + width, top + height], 1), np.zeros(len(found), int)


def matched(a, b):
    """How many boxes of both match, best first."""
    (a, a_labels), (b, b_labels) = a, b
    if not len(a) or not len(b):
        return 0
    share = overlap(a, b) * (a_labels[:, None] == b_labels[None])
    count = 0
    while share.max() >= 0.5:
        row, column = np.unravel_index(share.argmax(), share.shape)
        share[row], share[:, column] = 0, 0
        count += 1
    return count


def reading(picture):
    best = picture.reshape(picture.shape[-2:]).argmax(1)
    return [int(c) for c, before in zip(best, np.concatenate([[0], best])) if c and c != before]


def pictures(archive, name):
    """The arrays of the passes; those of other shapes in each pass are in arrays of their own."""
    if name in archive:
        return list(archive[name])
    parts = sorted((key for key in archive if key.startswith(f"{name}/")), key=lambda key: int(key.split("/")[-1]))
    return [archive[key] for key in parts]


def main():
    kind, archives = sys.argv[1], [np.load(path) for path in sys.argv[2:4]]
    for name in sorted({key.rsplit("/", 1)[0] if key.rsplit("/", 1)[-1].isdigit() else key for key in archives[0]}):
        fp32, int8 = (pictures(archive, name) for archive in archives)
        if all(a.shape == b.shape for a, b in zip(fp32, int8)):
            flat = [(a.ravel().astype(float), b.ravel().astype(float)) for a, b in zip(fp32, int8)]
            cosines = [a @ b / max(np.linalg.norm(a) * np.linalg.norm(b), 1e-30) for a, b in flat]
            print(f"{name}: cosine mean {np.mean(cosines):.5f}, worst {np.min(cosines):.5f} of {len(cosines)}")
        if kind in ("yolov8", "yolox", "ssd", "text"):
            decode = globals()[kind]
            found = [(decode(a), decode(b)) for a, b in zip(fp32, int8)]
            count = [sum(len(pair[side][0]) for pair in found) for side in range(2)]
            both = sum(matched(*pair) for pair in found)
            print(f"{name}: {count[0]} boxes in fp32, {count[1]} in int8, {both} match")
        elif kind == "reader":
            same = sum(reading(a) == reading(b) for a, b in zip(fp32, int8))
            print(f"{name}: {same} of {len(fp32)} read alike")
        elif kind == "classes":
            same = [(a.argmax(1) == b.argmax(1)).mean() for a, b in zip(fp32, int8)]
            print(f"{name}: the same class at {np.mean(same) * 100:.2f} % of all places")


if __name__ == "__main__":
    main()
