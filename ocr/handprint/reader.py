"""Reads cells of handwriting with the network of ``model.onnx``, on one thread and without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnxruntime

from forms.kinds import Kind
from ocr.handprint.alphabet import CLASSES, EMPTY, STRUCK, within
from ocr.pages import GrayImage

MODEL: Final = Path(__file__).with_name("model.onnx")
_BATCH: Final = 32
_DIGIT_ODDS: Final = {"text": 0.05, "email": 0.25}
"""By kind: how much rarer digits are beside letters there than training had them; a 0 and an O look alike."""

Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class CharReading:
    """One character and its probability, 0..1; an empty text means that nothing was recognised."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class CellScores:
    """What one cell may say: ``signs`` and their probabilities, best first; together they make 1.

    The empty text stands for an empty cell, ``STRUCK`` for one that was written and crossed out.
    """

    signs: tuple[str, ...]
    probabilities: Floats

    def probability(self, sign: str) -> float:
        """That of one sign; 0 when it is not in the alphabet."""
        return float(self.probabilities[self.signs.index(sign)]) if sign in self.signs else 0.0


def read_cells(cells: Sequence[GrayImage], kind: Kind) -> list[CharReading]:
    """The likeliest character of each cell within the kind's alphabet, see ``likeliest``."""
    return likeliest(score_cells(cells, kind.alphabet, digit_odds(kind)))


def likeliest(cells: Sequence[CellScores]) -> list[CharReading]:
    """The likeliest character of each cell for itself.

    An empty cell and one that is crossed out both give an empty text; the crossed out one with confidence 0.
    """
    readings = []
    for scores in cells:
        sign = scores.signs[0]
        struck = sign == STRUCK
        readings.append(CharReading(EMPTY if struck else sign, 0.0 if struck else float(scores.probabilities[0])))
    return readings


def digit_odds(kind: Kind) -> float:
    """How much rarer digits are in fields of this kind than training had them beside letters."""
    return _DIGIT_ODDS.get(kind.name, 1.0)


def score_cells(cells: Sequence[GrayImage], alphabet: str, digits: float = 1.0) -> list[CellScores]:
    """All that each cell may say in a field of that alphabet.

    A letter of the other case counts for the one in the alphabet, other characters are left out. ``digits`` is what the
    probability of digits is multiplied with, see ``digit_odds``.
    """
    return within_alphabet(probabilities(cells), alphabet, digits)


def within_alphabet(shares: Floats, alphabet: str, digits: float = 1.0) -> list[CellScores]:
    """The same from what ``probabilities`` gave for these cells, perhaps with those of a whole page."""
    signs, pooling = _pooling(alphabet, digits)
    pooled = shares @ pooling
    pooled /= np.maximum(pooled.sum(axis=1, keepdims=True), 1e-12)
    order = np.argsort(-pooled, axis=1)
    return [CellScores(tuple(signs[at] for at in row), cell[row]) for row, cell in zip(order, pooled, strict=True)]


def probabilities(cells: Sequence[GrayImage]) -> Floats:
    """Calibrated probability of every class of ``alphabet.CLASSES``: cells x classes.

    ``cells`` are as ``cells.cut_cells`` makes them; those of a whole page are best given at once.
    """
    if not len(cells):
        return np.zeros((0, len(CLASSES)), np.float32)
    session, temperature = _network()
    ink = (255 - np.stack(cells)[:, None].astype(np.float32)) / 255
    parts = [session.run(None, {"cells": ink[at : at + _BATCH]})[0] for at in range(0, len(ink), _BATCH)]
    scores = np.concatenate(parts).astype(np.float64) / temperature
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result


@cache
def _network() -> tuple[Any, float]:
    """The loaded network and the temperature that makes its probabilities true."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # a page that is rarely large would keep its memory for good
    session = onnxruntime.InferenceSession(str(MODEL), options, providers=["CPUExecutionProvider"])
    facts = session.get_modelmeta().custom_metadata_map
    if facts["classes"] != "\n".join(CLASSES):
        raise RuntimeError(f"{MODEL.name} was trained for another alphabet; train it again")
    return session, float(facts.get("temperature", "1"))


@cache
def _pooling(alphabet: str, digits: float) -> tuple[tuple[str, ...], Floats]:
    """The signs of an alphabet and how much each class counts for them: classes x signs."""
    meanings = [within(sign, alphabet) for sign in CLASSES]
    signs = tuple(sign for sign in CLASSES if sign in meanings)
    pooling = np.zeros((len(CLASSES), len(signs)))
    for number, meaning in enumerate(meanings):
        if meaning is not None:
            pooling[number, signs.index(meaning)] = digits if meaning.isdigit() else 1.0
    return signs, pooling
