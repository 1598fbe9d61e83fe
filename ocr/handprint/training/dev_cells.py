"""Cells by writers that training never saw: every dev glyph drawn under a condition, sorted into rows of figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.random import Generator

from forms.kinds import DIGITS, EMAIL_ALPHABET, POLISH_CAPITALS, Email, Text
from ocr.files.page import GrayImage
from ocr.handprint.alphabet import COMPOSED, EMPTY, NUMBER, SIGNS, SMALL_LETTERS, STRUCK
from ocr.handprint.recogniser import digit_odds
from ocr.handprint.training.conditions import CONDITIONS, Condition
from ocr.handprint.training.glyphs import Hands
from ocr.handprint.training.polish import BASES, crossed, marked, struck, with_upstroke
from ocr.handprint.training.rendering import in_cell

_SCANNED: Final = 1500
_EMPTY_CELLS: Final = 400
_STRUCK_CELLS: Final = 300
_COMPOSED_EACH: Final = 2
_SEED: Final = 7

_ALL_SIGNS: Final = DIGITS + POLISH_CAPITALS + SIGNS

ROWS: Final[dict[str, tuple[str, float]]] = {
    "digits (tablet)": (DIGITS, 1.0),
    "digits (MNIST, scanned)": (DIGITS, 1.0),
    "1 with upstroke, barred 7": (DIGITS, 1.0),
    "capitals A-Z": (POLISH_CAPITALS, 1.0),
    "capitals, odd glyphs too": (POLISH_CAPITALS, 1.0),
    "capitals with composed marks": (POLISH_CAPITALS, 1.0),
    "capitals, digits and characters possible": (_ALL_SIGNS, digit_odds(Text())),
    "small letters": (SMALL_LETTERS, 1.0),
    "e-mail: letters, digits, characters": (EMAIL_ALPHABET, digit_odds(Email())),
    "signs": (SIGNS, 1.0),
    "empty": (_ALL_SIGNS, 1.0),
    "struck out": (_ALL_SIGNS, 1.0),
    "empty, in a field of digits": (DIGITS, 1.0),
    "struck out, in a field of digits": (DIGITS, 1.0),
}
"""Rows of the table: the alphabet that reading is restricted to in each, and the odds of digits in it."""

MIXED: Final[dict[str, tuple[str, ...]]] = {
    "digits": ("digits (tablet)", "digits (MNIST, scanned)", "1 with upstroke, barred 7"),
    "capitals": ("capitals A-Z",),
    "composed marks": ("capitals with composed marks",),
}
"""What is aimed at and where its cells are: the rows of each are read with the same alphabet."""

_CAPITAL_ROWS: Final = ("capitals A-Z", "capitals, odd glyphs too", "capitals, digits and characters possible")


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One drawn cell: the rows it counts for, what stands in it, who wrote it."""

    rows: tuple[str, ...]
    truth: str
    writer: str
    cell: GrayImage


def samples(hands: Hands, name: str, share: float = 1.0) -> Iterator[Sample]:
    """All that is drawn under the condition of that name; ``share`` of it, by chance, if it is less than 1.

    Mishaps are a condition of their own; under the others the paper is clean.
    """
    rng = np.random.default_rng([_SEED, *name.encode()])
    clean = hands.without_odd()
    condition = CONDITIONS[name] if name == "mishaps" else replace(CONDITIONS[name], mishaps=0.0)
    yield from _glyphs(hands, clean, condition, share, rng)
    yield from _habits(clean, condition, share, rng)
    yield from _others(hands, clean, condition, share, rng)


def _glyphs(hands: Hands, clean: Hands, condition: Condition, share: float, rng: Generator) -> Iterator[Sample]:
    """Every glyph as it was written."""
    for label in sorted(set(hands.glyphs) & set(NUMBER)):
        for glyph in hands.glyphs[label]:
            if rng.random() < share:
                cell = in_cell(glyph.strokes, clean, rng, condition)
                yield Sample(_rows_of(label, odd=glyph.odd), label, glyph.writer, cell)


def _habits(clean: Hands, condition: Condition, share: float, rng: Generator) -> Iterator[Sample]:
    """Letters with marks, 1 with an upstroke, barred 7."""
    for label in COMPOSED:
        for glyph in clean.glyphs[BASES[label]] * _COMPOSED_EACH:
            if rng.random() < share:
                cell = in_cell(marked(label, glyph.strokes, clean, rng), clean, rng, condition)
                yield Sample(("capitals with composed marks",), label, glyph.writer, cell)
    for glyph in [*clean.glyphs["1"], *clean.glyphs["7"]]:
        if rng.random() < share and len(glyph.strokes) == 1:
            strokes = with_upstroke(glyph.strokes, rng) if glyph.label == "1" else crossed(glyph.strokes, rng)
            cell = in_cell(strokes, clean, rng, condition)
            yield Sample(("1 with upstroke, barred 7",), glyph.label, glyph.writer, cell)


def _others(hands: Hands, clean: Hands, condition: Condition, share: float, rng: Generator) -> Iterator[Sample]:
    """Digits scanned from paper, empty cells, struck out ones."""
    scans = [(label, image) for label, images in sorted(hands.scanned.items()) for image in images]
    for at in rng.choice(len(scans), int(_SCANNED * share), replace=False):
        label, image = scans[at]
        yield Sample(("digits (MNIST, scanned)",), label, f"mnist-{at}", in_cell(image, clean, rng, condition))
    for at in range(int(_EMPTY_CELLS * share)):
        yield Sample(
            ("empty", "empty, in a field of digits"), EMPTY, f"empty-{at}", in_cell(None, clean, rng, condition)
        )
    letters = [glyph for label in sorted(clean.glyphs) if label.isalnum() for glyph in clean.glyphs[label]]
    for at in rng.choice(len(letters), int(_STRUCK_CELLS * share), replace=False):
        cell = in_cell(struck(letters[at].strokes, rng), clean, rng, condition)
        yield Sample(("struck out", "struck out, in a field of digits"), STRUCK, letters[at].writer, cell)


def _rows_of(label: str, *, odd: bool) -> tuple[str, ...]:
    if label in POLISH_CAPITALS:
        return ("capitals, odd glyphs too",) if odd else _CAPITAL_ROWS
    if odd:
        return ()
    rows = ["e-mail: letters, digits, characters"] if label in EMAIL_ALPHABET else []
    if label in DIGITS:
        rows.append("digits (tablet)")
    elif label in SMALL_LETTERS:
        rows.append("small letters")
    else:
        rows.append("signs")
    return tuple(rows)
