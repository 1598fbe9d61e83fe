"""Reads whole pages with RapidOCR, for ``peers``: one path a line comes in, one line of JSON goes out.

Run by the Python of the environment that has RapidOCR (``requirements.txt``); imports nothing of the product.
"""

from __future__ import annotations

import json
import sys

import cv2
from rapidocr import RapidOCR

_ONE_THREAD = {"EngineConfig.onnxruntime.intra_op_num_threads": 1, "EngineConfig.onnxruntime.inter_op_num_threads": 1}
_SAME_LINE = 0.5


def main() -> None:
    """Answer until the input ends."""
    out, sys.stdout = sys.stdout, sys.stderr  # the library tells its progress there
    cv2.setNumThreads(1)
    engine = RapidOCR(params=_ONE_THREAD)
    print(json.dumps("ready"), file=out, flush=True)
    for path in sys.stdin:
        found = engine(cv2.imread(path.strip()))
        boxes = [] if found.boxes is None else [box.tolist() for box in found.boxes]
        print(
            json.dumps(_text(list(zip(boxes, found.txts or (), strict=True))), ensure_ascii=False), file=out, flush=True
        )


def _text(words: list[tuple[list[list[float]], str]]) -> str:
    """Lines from the top down, in each the words from left to right."""
    lines: list[list[tuple[float, float, float, str]]] = []
    for box, text in sorted(words, key=lambda word: min(y for _, y in word[0])):
        top, bottom = min(y for _, y in box), max(y for _, y in box)
        middle, left = (top + bottom) / 2, min(x for x, _ in box)
        here = next((line for line in lines if abs(line[0][0] - middle) < _SAME_LINE * line[0][1]), None)
        if here is None:
            lines.append(here := [])
        here.append((middle, bottom - top, left, text))
    return "\n".join(" ".join(text for *_, text in sorted(line, key=lambda word: word[2])) for line in lines)


if __name__ == "__main__":
    main()
