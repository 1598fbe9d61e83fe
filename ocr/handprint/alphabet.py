"""What the networks can say of a cell, in the order of their outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from forms.kinds import DIGITS, POLISH_CAPITALS

EMPTY: Final = ""
STRUCK: Final = "\u2327"
"""Written, but not to be read as one character: crossed out, written over, two in a cell."""
SIGNS: Final = ".-/,&+@_'\"()"
SMALL_LETTERS: Final = POLISH_CAPITALS.lower()
COMPOSED: Final = "ĄĆĘŁŃÓŚŹŻ"
"""Capitals with a Polish mark; the data has none, training composes them."""

CLASSES: Final[tuple[str, ...]] = (EMPTY, STRUCK, *DIGITS, *POLISH_CAPITALS, *SMALL_LETTERS, *SIGNS)
"""Every class by its number; each is one character, but for the empty text of an empty cell."""
NUMBER: Final[dict[str, int]] = {character: at for at, character in enumerate(CLASSES)}

Part = Literal["all", "digits"]
"""What may stand in a cell: anything, or nothing but digits. There is a network for each."""
PARTS: Final[Mapping[Part, tuple[str, ...]]] = {"all": CLASSES, "digits": (EMPTY, STRUCK, *DIGITS)}
"""The classes of each network by the number of its output."""


def part_for(alphabet: str) -> Part:
    """What may stand in the cells of fields of that alphabet."""
    return "digits" if set(alphabet) <= set(DIGITS) else "all"


def within(character: str, alphabet: str) -> str | None:
    """What a class means in a field of that alphabet: itself, or the same letter in the other case, or nothing."""
    if character in (EMPTY, STRUCK) or character in alphabet:
        return character
    other = character.swapcase()
    return other if other in alphabet else None
