"""How reading got better with the cells learnt: weights kept in the course of training, measured on the same cells.

``python -m ocr.handprint.training.learning_curve DATA --part digits 0.48:first.pt 1.56:second.pt`` (millions of cells,
weights) adds that network's curve to ``learning.json``; needs torch. The cells are of the writers that may be tuned on.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import torch

from ocr.handprint.alphabet import PARTS, Part
from ocr.handprint.recogniser import among_all, within_alphabet
from ocr.handprint.training.conditions import CONDITIONS
from ocr.handprint.training.dev_cells import MIXED, ROWS, Sample, samples
from ocr.handprint.training.glyphs import load
from ocr.handprint.training.network import build
from ocr.handprint.training.train import as_ink
from ocr.handprint.training.writers import in_half

FILE: Final = Path(__file__).with_name("learning.json")
"""By part: what each of its weights had learnt from, in millions of cells, and the share of each row read right."""
_BATCH: Final = 512


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the handwriting data")
    parser.add_argument("weights", nargs="+", metavar="MILLIONS:WEIGHTS", help="cells learnt from, and the weights")
    parser.add_argument("--part", choices=tuple(PARTS), default="all", help="which network")
    parser.add_argument("--share", type=float, default=0.3, help="share of the dev glyphs to draw")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    hands = in_half(load(options.data, "dev"), "fit")
    cells = [one for name in CONDITIONS if name != "mishaps" for one in samples(hands, name, options.share)]
    rows = ("digits",) if options.part == "digits" else tuple(MIXED)
    curve: list[dict[str, Any]] = []
    for given in options.weights:
        millions, _, path = given.partition(":")
        network = build(options.part)
        network.load_state_dict(torch.load(path, weights_only=True))
        right = {row: _right(network, options.part, row, cells) for row in rows}
        curve.append({"millions": float(millions), "right": right})
    known = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    FILE.write_text(json.dumps(known | {options.part: curve}, indent=1) + "\n", encoding="utf-8")


def _right(network: torch.nn.Sequential, part: Part, row: str, cells: list[Sample]) -> dict[str, float]:
    chosen = [one for one in cells if set(MIXED[row]) & set(one.rows)]
    ink = as_ink(np.stack([one.cell for one in chosen]))
    network.eval()
    with torch.no_grad():
        scores = torch.cat([network(some) for some in ink.split(_BATCH)])
    shares = torch.softmax(scores, dim=1).numpy()
    read = within_alphabet(among_all(shares, part), *ROWS[MIXED[row][0]])
    hits = [one.characters[0] == sample.truth for one, sample in zip(read, chosen, strict=True)]
    return {"right": sum(hits), "of": len(hits)}


if __name__ == "__main__":
    main()
