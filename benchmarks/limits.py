"""What limits the reading of single characters: cells learnt, strange hands, pens, and what one cell cannot tell."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks import plots
from benchmarks.goals import CELLS
from benchmarks.scoring import share, table
from benchmarks.stored import Part
from forms.kinds import DIGITS, POLISH_CAPITALS
from ocr.handprint.alphabet import COMPOSED
from ocr.handprint.recogniser import score_cells
from ocr.handprint.training.conditions import CONDITIONS
from ocr.handprint.training.dev_cells import MIXED, ROWS, samples
from ocr.handprint.training.figures import hands_of
from ocr.handprint.training.glyphs import Hands, load
from ocr.handprint.training.rendering import in_cell
from ocr.handprint.training.writers import Half

PENS: Final = (0.6, 1.0, 1.4, 1.8, 2.2, 2.8)
"""Widths of the line in points; a ballpoint's are 1 to 1.8."""
_AS_MANY: Final = 0.12
"""Share of the known writers' glyphs that is drawn where all of the new ones' are: there are that many more."""
_OF_EACH_PEN: Final = 0.4
_SEED: Final = 11
_LEARNING: Final = Path(__file__).parents[1] / "ocr/handprint/training/learning.json"
_CONFUSED: Final = 12


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that was read: its row of ``dev_cells.ROWS``, and by which hands or with which pen it is written."""

    row: str
    how: str
    truth: str
    read: str
    confidence: float

    @property
    def right(self) -> bool:
        """Whether what stands there was read."""
        return self.read == self.truth


@dataclass(frozen=True)
class LimitsTask:
    """Draws and reads under a condition by its name: ``scale`` of the cells."""

    data: Path
    scale: float
    half: Half

    def __call__(self, name: str) -> list[Cell]:
        """Cells by writers that the networks learnt from, by others, and by the others with each pen."""
        new, known = hands_of(self.data, self.half), _known(self.data)
        found = _written(new, "new", name, self.scale) + _written(known, "known", name, self.scale * _AS_MANY)
        for pen in PENS:
            found += _by_pen(new, name, pen, self.scale * _OF_EACH_PEN)
        return found


def as_json(cells: Iterable[Cell]) -> dict[str, Any]:
    """As stored."""
    return {"cells": [asdict(cell) for cell in cells]}


def section(part: Part, folder: Path) -> list[str]:
    """Of the report."""
    cells = [Cell(**cell) for cell in part.results["cells"]]
    by_hand = {how: [cell for cell in cells if cell.how == how] for how in _HANDS}
    rows = [
        (row, *(_right([cell for cell in by_hand[how] if cell.row == row]) for how in _HANDS))
        for what in CELLS
        for row in MIXED[what]
    ]
    new = {what: _of(by_hand["new"], what) for what in CELLS}
    pens = {what: {pen: _hits(_of(cells, what), str(pen)) for pen in PENS} for what in CELLS}
    risks = {what: [(cell.confidence, cell.right) for cell in chosen] for what, chosen in new.items()}
    plots.limits(json.loads(_LEARNING.read_text(encoding="utf-8")), pens, risks, CELLS, folder / "limits.png")
    return [
        "## What limits single characters",
        "Characters by writers that the networks learnt from, the very strokes drawn anew, and by writers they never "
        "saw:",
        table(("cells", *(f"by writers {told}" for told in _HANDS.values())), rows),
        f"![What limits single characters]({folder.name}/limits.png)",
        "Left: what the networks reach with the cells they learnt from (on writers that may be tuned on; each dot is "
        "what a stretch of training ended with, the last one the mean of two). Middle: by the pen's width, all "
        "conditions together. Right: how many of the surest are wrong; a field is trusted by what its cells are sure "
        "of, so the doubtful end is what a human sees.",
        " ".join(_surest(row, chosen) for row, chosen in new.items()),
        "What is taken for what, as often as it happened: "
        + "; ".join(f"{row}: {_confusions(chosen)}" for row, chosen in new.items())
        + ".",
    ]


_HANDS: Final = {"known": "learnt from", "new": "never seen"}


@cache
def _known(data: Path) -> Hands:
    return load(data, "train")


def _written(hands: Hands, how: str, name: str, scale: float) -> list[Cell]:
    drawn = list(samples(hands, name, scale))
    found = []
    for row in (row for what in CELLS for row in MIXED[what]):
        chosen = [one for one in drawn if row in one.rows]
        found += _read(row, how, [one.truth for one in chosen], [one.cell for one in chosen])
    return found


def _by_pen(hands: Hands, name: str, pen: float, scale: float) -> list[Cell]:
    rng = np.random.default_rng([_SEED, round(10 * pen), *name.encode()])
    clean, found = hands.without_odd(), []
    for what, labels in (("digits", DIGITS), ("capitals", sorted(set(POLISH_CAPITALS) - set(COMPOSED)))):
        glyphs = [glyph for label in labels for glyph in clean.glyphs[label] if rng.random() < scale]
        cells = [in_cell(glyph.strokes, clean, rng, CONDITIONS[name], pen) for glyph in glyphs]
        found += _read(MIXED[what][0], str(pen), [glyph.label for glyph in glyphs], cells)
    return found


def _read(row: str, how: str, truths: Sequence[str], cells: Sequence[Any]) -> list[Cell]:
    scores = score_cells(cells, *ROWS[row])
    return [
        Cell(row, how, truth, one.characters[0], round(float(one.probabilities[0]), 5))
        for truth, one in zip(truths, scores, strict=True)
    ]


def _of(cells: Iterable[Cell], what: str) -> list[Cell]:
    return [cell for cell in cells if cell.row in MIXED[what]]


def _hits(cells: Iterable[Cell], how: str) -> list[bool]:
    return [cell.right for cell in cells if cell.how == how]


def _right(cells: Sequence[Cell]) -> str:
    return f"{share(sum(cell.right for cell in cells), len(cells))} of {len(cells)}"


def _surest(row: str, cells: Sequence[Cell]) -> str:
    """How many of the surest cells are as good as the goal."""
    order = sorted(cells, key=lambda cell: -cell.confidence)
    right = np.cumsum([cell.right for cell in order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(right >= CELLS[row])
    most = (enough[-1] + 1) / len(order) if len(enough) else 0.0
    return f"The surest {100 * most:.1f} % of the {row} are {100 * CELLS[row]:.1f} % right."


def _confusions(cells: Sequence[Cell]) -> str:
    wrong = Counter((cell.truth, cell.read or "nothing") for cell in cells if not cell.right)
    return ", ".join(f"{truth} as {read} {count}" for (truth, read), count in wrong.most_common(_CONFUSED))
