"""How well the committed networks read writers it never saw; writes ``figures.json`` and ``FIGURES.md`` beside it.

``python -m ocr.handprint.training.figures DATA``: every dev glyph is drawn under every condition and read greedily.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import sqrt
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ocr.handprint.alphabet import PARTS, Part
from ocr.handprint.recogniser import MODELS, score_cells
from ocr.handprint.training.conditions import CONDITIONS
from ocr.handprint.training.dev_cells import ROWS, Sample, samples
from ocr.handprint.training.glyphs import Hands, load
from ocr.handprint.training.reliability import expected_error, reliability
from ocr.handprint.training.writers import Half, in_half

Table = dict[str, dict[str, dict[str, float]]]


@dataclass(frozen=True)
class Measured:
    """What one condition gave: by row of the table, whether each cell was read right; by network ``reliability``."""

    hits: dict[str, list[bool]]
    bins: dict[Part, list[list[float]]]


@dataclass(frozen=True)
class CellTask:
    """Draws and reads the cells of a condition by its name: ``share`` of all glyphs of that half of the dev writers."""

    data: Path
    share: float = 1.0
    half: Half = "report"

    def __call__(self, name: str) -> Measured:
        """Measure that condition."""
        cells = list(samples(hands_of(self.data, self.half), name, self.share))
        hits = {row: _hits([sample for sample in cells if row in sample.rows], *how) for row, how in ROWS.items()}
        return Measured(hits, {part: reliability(cells, part).tolist() for part in PARTS})


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the handwriting data")
    parser.add_argument("--share", type=float, default=1.0, help="share of the dev glyphs to draw")
    parser.add_argument("--out", type=Path, default=MODELS["all"].parent, help="folder for the two files")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    measure = CellTask(options.data, options.share)
    stored = together({name: measure(name) for name in CONDITIONS})
    (options.out / "figures.json").write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n")
    (options.out / "FIGURES.md").write_text(_markdown(stored["right"], stored["expected calibration error"]))


def together(measured: Mapping[str, Measured]) -> dict[str, Any]:
    """What ``figures.json`` holds: shares by row and condition, and how far confidence is from the share right."""
    table: Table = {}
    for row in ROWS:
        table[row] = {name: figure(found.hits[row]) for name, found in measured.items()}
        table[row]["all"] = figure([hit for found in measured.values() for hit in found.hits[row]])
    bins = {part: np.sum([found.bins[part] for found in measured.values()], axis=0) for part in PARTS}
    return {
        "right": table,
        "expected calibration error": {part: round(expected_error(found), 4) for part, found in bins.items()},
        "bins of confidence": {part: np.round(found, 2).tolist() for part, found in bins.items()},
    }


@cache
def hands_of(data: Path, half: Half) -> Hands:
    """The dev writers of that half."""
    return in_half(load(data, "dev"), half)


def figure(hits: list[bool]) -> dict[str, float]:
    """Share right in per cent with Wilson's 95 % interval, and the count."""
    count, z = len(hits), 1.96
    if not count:
        return {"share": 0.0, "low": 0.0, "high": 100.0, "count": 0}
    share = sum(hits) / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    found = {"share": share, "low": middle - half, "high": middle + half}
    return {**{name: round(100 * value, 2) for name, value in found.items()}, "count": count}


def _hits(chosen: list[Sample], alphabet: str, digits: float) -> list[bool]:
    found = score_cells([sample.cell for sample in chosen], alphabet, digits)
    return [read.characters[0] == sample.truth for read, sample in zip(found, chosen, strict=True)]


def _markdown(table: Table, errors: Mapping[Part, float]) -> str:
    names = ["all", *CONDITIONS]
    lines = [
        "# How well model.onnx and digits.onnx read writers they never saw",
        "",
        "Made by `python -m ocr.handprint.training.figures DATA`. Per cent of characters read right, greedily, within",
        "the alphabet of such a field (digits alone by digits.onnx), from cells with their lines and neighbours. The",
        "interval (95 %, Wilson) is of all conditions together; it takes cells for independent, though a writer gives",
        "many. Odd glyphs are those whose label no other writer's glyph confirms. Marks are composed onto real",
        "letters, not written; a barred Z counts as Ż in that row. MNIST's digits are real scans, all other writing",
        "real strokes drawn by software. The writers are the half of the dev writers that nothing was tuned on.",
        "",
        "| what | " + " | ".join(names) + " | interval | count |",
        "|---" * (len(names) + 3) + "|",
    ]
    for row, found in table.items():
        cells = " | ".join(f"{found[name]['share']:.2f}" for name in names)
        whole = found["all"]
        lines.append(f"| {row} | {cells} | {whole['low']:.2f} to {whole['high']:.2f} | {whole['count']:.0f} |")
    told = ", ".join(f"{MODELS[part].name} {error:.4f}" for part, error in errors.items())
    lines += ["", f"Expected calibration error: {told}."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
