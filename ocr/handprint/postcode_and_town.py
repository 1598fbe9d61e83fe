"""Post code and town read together: each helps the other where they are known to belong together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ocr.handprint.decoding import Candidate

_UNKNOWN: Final = 0.05
"""How much less often a code or a town is written that nobody knows, than a known pair."""
_MISMATCHED: Final = 0.004
"""The same for a code and a town that are known, but not together."""


@dataclass(frozen=True, slots=True)
class PostcodeAndTown:
    """A post code and a town, as candidates of their fields, and how likely they stand there together."""

    postcode: Candidate
    town: Candidate
    probability: float


def decode_postcode_and_town(
    postcodes: Sequence[Candidate], towns: Sequence[Candidate], known: Mapping[str, Sequence[str]], most: int = 5
) -> list[PostcodeAndTown]:
    """Pairs of what the two fields may say, best first; none when one of them is empty or illegible.

    ``known`` gives the towns of each post code in capitals, see ``lexicons.towns_by_postcode``; a pair that is not
    known stays possible. What the candidates leave out counts as unknown.
    """
    everywhere = {town for found in known.values() for town in found}
    pairs = [
        PostcodeAndTown(
            code, town, code.probability * town.probability * _belonging(code.value, town.value, known, everywhere)
        )
        for code in postcodes
        for town in towns
    ]
    seen = sum(code.probability for code in postcodes) * sum(town.probability for town in towns)
    whole = sum(pair.probability for pair in pairs) + _UNKNOWN * max(0.0, 1 - seen)
    best = sorted(pairs, key=lambda pair: -pair.probability)[:most]
    return [PostcodeAndTown(pair.postcode, pair.town, pair.probability / whole) for pair in best] if whole else []


def _belonging(code: str, town: str, known: Mapping[str, Sequence[str]], everywhere: set[str]) -> float:
    name = town.upper()
    if name in known.get(code, ()):
        return 1.0
    return _MISMATCHED if code in known and name in everywhere else _UNKNOWN
