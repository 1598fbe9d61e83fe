"""Handwriting for tests: that of specimens.strokes as two writers' glyphs, where the real data does not lie there."""

from random import Random

import numpy as np

from benchmarks.handwritten import Writers
from forms.kinds import DIGITS, EMAIL_ALPHABET, POLISH_CAPITALS
from ocr.handprint.training.glyphs import Glyph, Hands
from ocr.handprint.training.polish import BASES
from specimens.strokes import smooth, written

CELL = (0.0, 0.0, 15.0, 21.0)


def drawn_writers():
    rng = Random(3)
    labels = sorted({BASES.get(sign, sign) for sign in DIGITS + POLISH_CAPITALS + EMAIL_ALPHABET + "/,'&()\""} - {'"'})
    glyphs = {
        label: [Glyph(label, writer, in_capital_heights(label, rng)) for writer in ("left", "right")]
        for label in labels
        if written(label, CELL, rng)
    }
    return Writers(Hands(glyphs, {}), ("left", "right"))


def in_capital_heights(label, rng):
    strokes = [np.array(smooth(stroke), np.float32) for stroke in written(label, CELL, rng)]
    foot = max(float(stroke[:, 1].max()) for stroke in strokes)
    return [(stroke - np.array([7.5, foot], np.float32)) / np.float32(11.0) for stroke in strokes]
