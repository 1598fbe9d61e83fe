"""Reads cells of handwriting with two networks, on one thread and without torch.

``model.onnx`` reads all fields, ``digits.onnx`` with it those in which nothing but digits may stand: two that
learnt from different cells err less often than either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from forms.kinds import FieldKind, Writing
from ocr.files.page import GrayImage
from ocr.handprint.alphabet import CLASSES, COMPOSED, EMPTY, NUMBER, PARTS, Part, part_for, within

MODELS: Final[Mapping[Part, Path]] = {
    "all": Path(__file__).with_name("model.onnx"),
    "digits": Path(__file__).with_name("digits.onnx"),
}
_READ_BY: Final[Mapping[Part, tuple[Part, ...]]] = {"all": ("all",), "digits": ("digits", "all")}
"""The networks whose probabilities are averaged for each part."""
_BATCH: Final = 32
_WITHIN: Final = (slice(10, 39), slice(9, 27))
"""Rows and columns of a cell where its lines do not reach, but writing does: a full stop stands low."""
_PAPER: Final = 243
_SURELY_EMPTY: Final = 0.9999
_DIGIT_ODDS: Final = {Writing.TEXT: 0.1, Writing.EMAIL: 0.5}
"""How much rarer digits are beside letters there than training had them; a 0 and an O look alike."""
_SMALL: Final = 0.5
"""How much rarer small letters are in a field of capitals than training had them."""
_MARKED: Final = 0.5
"""How much rarer a letter with a Polish mark is than training had it, which draws all letters alike.

In Polish, Ó is a ninth of O and Ń less of N. Half is not all of that: they are what must not be lost in a name.
"""

Floats = npt.NDArray[np.floating[Any]]

Network = Callable[[Sequence[GrayImage], Part], Floats]
"""Cells of ``cells.cut_cells``, and for which part, to the probability of every class of ``alphabet.CLASSES``: cells x
classes, as ``probabilities`` does."""


@dataclass(frozen=True, slots=True, eq=False)
class CellScores:
    """What one cell may say: ``characters`` and their probabilities, best first; together they make 1.

    The empty text stands for an empty cell, ``STRUCK`` for one that was written and crossed out.
    """

    characters: tuple[str, ...]
    probabilities: Floats

    def probability(self, character: str) -> float:
        """That of one character; 0 when it is not in the alphabet."""
        return float(self.probabilities[self.characters.index(character)]) if character in self.characters else 0.0


def digit_odds(kind: FieldKind) -> float:
    """How much rarer digits are in fields of this kind than training had them beside letters."""
    return _DIGIT_ODDS.get(kind.writing, 1.0)


def score_cells(cells: Sequence[GrayImage], alphabet: str, digits: float = 1.0) -> list[CellScores]:
    """All that each cell may say in a field of that alphabet.

    A letter of the other case counts for the one in the alphabet, other characters are left out. ``digits`` is what the
    probability of digits is multiplied with, see ``digit_odds``.
    """
    return within_alphabet(probabilities(cells, part_for(alphabet)), alphabet, digits)


def within_alphabet(posteriors: Floats, alphabet: str, digits: float = 1.0) -> list[CellScores]:
    """The same from what ``probabilities`` gave for these cells, perhaps with those of a whole page."""
    characters, pooling = _pooling(alphabet, digits)
    pooled = posteriors @ pooling
    pooled /= np.maximum(pooled.sum(axis=1, keepdims=True), 1e-12)
    order = np.argsort(-pooled, axis=1)
    ranked = np.take_along_axis(pooled, order, axis=1)
    named = np.array(characters, object)[order].tolist()
    return [CellScores(tuple(row), cell) for row, cell in zip(named, ranked, strict=True)]


def comb_probabilities(
    combs: Mapping[str, Sequence[GrayImage]], kinds: Mapping[str, FieldKind], network: Network | None = None
) -> dict[str, Floats]:
    """What the network for each comb says of its cells, by the comb's name; every network looks once, at all its cells.

    ``network`` is another one than ours.
    """
    found: dict[str, Floats] = {}
    for part in PARTS:
        names = [name for name in combs if part_for(kinds[name].alphabet) == part]
        if names:
            seen = (network or probabilities)([cell for name in names for cell in combs[name]], part)
            ends = np.cumsum([len(combs[name]) for name in names])[:-1]
            found |= dict(zip(names, np.split(seen, ends), strict=True))
    return found


def probabilities(cells: Sequence[GrayImage], part: Part = "all") -> Floats:
    """Calibrated probability of every class of ``alphabet.CLASSES``: cells x classes.

    ``cells`` are as ``cells.cut_cells`` makes them; those of a whole page are best given at once. ``part`` says what
    may stand in them; all else gets 0.
    """
    if not len(cells):
        return np.zeros((0, len(CLASSES)), np.float32)
    pictures, classes = np.stack(cells), PARTS[part]
    posteriors = np.full((len(pictures), len(classes)), (1 - _SURELY_EMPTY) / (len(classes) - 1))
    posteriors[:, classes.index(EMPTY)] = _SURELY_EMPTY
    written = ~plainly_empty(pictures)
    if written.any():
        members = [_among(classes, said_by(member, pictures[written]), member) for member in _READ_BY[part]]
        posteriors[written] = sum(members) / len(members)
    return among_all(posteriors, part)


def among_all(posteriors: Floats, part: Part) -> Floats:
    """The probabilities of a part's classes (cells x these) among those of all: cells x ``alphabet.CLASSES``."""
    result: Floats = np.zeros((len(posteriors), len(CLASSES)))
    result[:, [NUMBER[character] for character in PARTS[part]]] = posteriors
    return result


def plainly_empty(cells: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Which of these cells show nothing but paper within their lines: the network need not look at them.

    Half of a page's cells and more are such. Of 32,000 written ones by the writers that are tuned on none is.
    """
    count, high, wide = cells.shape
    smooth = cv2.blur(cells.reshape(count * high, wide), (3, 3)).reshape(cells.shape)
    result: npt.NDArray[np.bool_] = smooth[:, _WITHIN[0], _WITHIN[1]].min(axis=(1, 2)) > _PAPER
    return result


def said_by(part: Part, cells: npt.NDArray[np.uint8]) -> Floats:
    """What the network of that part alone says: cells x its own classes."""
    session, temperature = _network(part)
    ink = (255 - cells[:, None].astype(np.float32)) / 255
    parts = [session.run(None, {"cells": ink[at : at + _BATCH]})[0] for at in range(0, len(ink), _BATCH)]
    scores = np.concatenate(parts).astype(np.float64) / temperature
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result


def _among(classes: tuple[str, ...], posteriors: Floats, part: Part) -> Floats:
    """What a network said, as if only these classes could stand there."""
    chosen = posteriors[:, [PARTS[part].index(character) for character in classes]]
    result: Floats = chosen / np.maximum(chosen.sum(axis=1, keepdims=True), 1e-12)
    return result


@cache
def _network(part: Part) -> tuple[Any, float]:
    """The loaded network and the temperature that makes its probabilities true."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # a page that is rarely large would keep its memory for good
    session = onnxruntime.InferenceSession(str(MODELS[part]), options, providers=["CPUExecutionProvider"])
    facts = session.get_modelmeta().custom_metadata_map
    if facts["classes"] != "\n".join(PARTS[part]):
        raise RuntimeError(f"{MODELS[part].name} was trained for another alphabet; train it again")
    return session, float(facts.get("temperature", "1"))


@cache
def _pooling(alphabet: str, digits: float) -> tuple[tuple[str, ...], Floats]:
    """The characters of an alphabet and how much each class counts for them: classes x characters."""
    meanings = [within(character, alphabet) for character in CLASSES]
    characters = tuple(character for character in CLASSES if character in meanings)
    pooling = np.zeros((len(CLASSES), len(characters)))
    for number, meaning in enumerate(meanings):
        if meaning is not None:
            rarity = digits if meaning.isdigit() else _rarity(CLASSES[number], meaning)
            pooling[number, characters.index(meaning)] = rarity
    return characters, pooling


def _rarity(character: str, meaning: str) -> float:
    """How much rarer a class is that counts for this character of the alphabet than training had it; digits aside."""
    return (_SMALL if character.islower() and meaning.isupper() else 1.0) * (_MARKED if meaning in COMPOSED else 1.0)
