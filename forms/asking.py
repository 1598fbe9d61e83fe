"""How a letter in somebody's own words asks for what a form is for.

Words are known by their stems, in small letters and without the marks of Polish ones, so that neither inflection nor
worn print matters.
"""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final

ADDRESS: Final = "@"
"""Stands for any e-mail address among the words of a sentence."""


def plain(text: str) -> str:
    """Small letters without diacritics; 'e-mail', 'e-faktura' and 'e-BOK' as one word."""
    bare = unicodedata.normalize("NFKD", text.lower().replace("ł", "l"))
    letters = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return re.sub(r"\be\s?[-–—]\s?(?=mail|faktur|bok)", "e", letters)


def begins(word: str, stems: tuple[str, ...]) -> bool:
    """Whether a plain word is of one of these stems."""
    return word.startswith(stems)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that asks for something: its words, plain, and ``letter``, the whole text that it is part of."""

    words: tuple[str, ...]
    letter: str

    def has(self, *stems: str) -> bool:
        """Whether a word of one of these stems is in it."""
        return any(begins(word, stems) for word in self.words)


@dataclass(frozen=True, kw_only=True)
class Asking(ABC):
    """How a form is asked for. A letter that asks for its effect and for one of ``contradicts`` is left to a human.

    ``includes`` names effects that are meant along with this one, and then no wish of their own.
    """

    contradicts: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()

    @abstractmethod
    def means(self, sentence: Sentence) -> bool:
        """Whether a sentence that asks for something asks for this."""


@dataclass(frozen=True)
class Stems(Asking):
    """Asked for where a sentence has a word of each of these groups of stems, and none of the stems in ``never``."""

    groups: tuple[tuple[str, ...], ...]
    never: tuple[str, ...] = ()

    def means(self, sentence: Sentence) -> bool:
        """Whether each group is met."""
        unmet = any(not sentence.has(*group) for group in self.groups)
        return not unmet and not (self.never and sentence.has(*self.never))


@dataclass(frozen=True)
class AnyOf(Asking):
    """Asked for in any of these ways."""

    ways: tuple[Asking, ...]

    def means(self, sentence: Sentence) -> bool:
        """Whether one of them is met."""
        return any(way.means(sentence) for way in self.ways)
