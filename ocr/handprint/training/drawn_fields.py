"""Whole fields as people write them, letter by letter in real hands: names, streets, towns and e-mail addresses.

One writer writes a field; letters that the data lacks of that writer are another's. A part of all words is held out:
no lexicon and no spelling that is judged here knows them, as none knows a stranger's name.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator

from forms.fields import NAME, STREET, TOWN
from forms.kinds import Email, FieldKind
from ocr.handprint.lexicon import Lexicon, shipped_words
from ocr.handprint.local_parts import plain
from ocr.handprint.recogniser import Floats, probabilities
from ocr.handprint.training.conditions import CONDITIONS, Condition
from ocr.handprint.training.glyphs import Glyph, Hands, Strokes
from ocr.handprint.training.polish import BASES, marked
from ocr.handprint.training.rendering import habit, in_cell
from ocr.lexicons import company_words, first_names, mail_domains, mail_words, streets, surnames, towns_by_postcode

KINDS: Final[Mapping[str, FieldKind]] = {
    "name": NAME.kind,
    "street": STREET.kind,
    "town": TOWN.kind,
    "email": Email(),
}
_SMALL: Final = {"name": 0.2, "street": 0.2, "town": 0.2, "email": 0.7}
"""Share of writers who write small letters in such a field."""
_EMPTY_POOL: Final = 100
_FEWEST_LABELS: Final = 40
_HELD_OUT: Final = 4
_OWN_DOMAINS: Final = ("pl", "pl", "pl", "com", "eu", "com.pl", "net")


@dataclass(frozen=True, slots=True, eq=False)
class DrawnField:
    """What was written in a field, and what the network says of its cells (cells x classes).

    ``listed`` tells that every word is one of those that the judged lexicon knows; ``names`` are words of the writer's
    name.
    """

    field: str
    truth: str
    listed: bool
    names: tuple[str, ...]
    posteriors: Floats


def held_out(word: str) -> bool:
    """Whether a word is one of those that the judged lexicons do not know."""
    return zlib.crc32(word.encode()) % _HELD_OUT == 0


def known_words(field: str) -> Lexicon:
    """The installation's words without those that are held out."""
    words = shipped_words(field)
    return Lexicon({word: words[word] for word in words if not held_out(word)})


def drawn_fields(hands: Hands, count: int, seed: int) -> Iterator[DrawnField]:
    """So many of each field, in all conditions in turn."""
    rng = np.random.default_rng(seed)
    conditions = list(CONDITIONS.values())
    empty = [_empty_cells(condition, rng) for condition in conditions]
    pens = _writers(hands)
    for at in range(count):
        for field in KINDS:
            truth, words = _text(field, rng)
            way = at % len(conditions)
            writer = pens[int(rng.integers(len(pens)))]
            line = _cased(field, truth, rng).ljust(min(len(truth) + 1, KINDS[field].length))
            cells = [_cell(character, writer, hands, conditions[way], rng) for character in line]
            after = empty[way][rng.integers(_EMPTY_POOL, size=KINDS[field].length - len(line))]
            posteriors = np.vstack([probabilities(cells), after])
            listed = not any(held_out(word) for word in words)
            yield DrawnField(field, truth, listed, words if field == "email" else (), posteriors)


def _text(field: str, rng: Generator) -> tuple[str, tuple[str, ...]]:
    """A value that has room in the field, and the words that it is made of."""
    while True:
        value, words = _value(field, rng)
        if len(value) <= KINDS[field].length:
            return value, words


def _value(field: str, rng: Generator) -> tuple[str, tuple[str, ...]]:
    if field == "street":
        street = _one(streets(), rng)
        return street, (street,)
    if field == "town":
        town = _one([town for found in towns_by_postcode().values() for town in found], rng)
        return town, (town,)
    if field == "email":
        words = _person(rng)
        return _address(words, rng), words
    value = " ".join(_company(rng) if rng.random() < 0.16 else _person(rng))
    return value, tuple(value.replace("-", " ").split())


def _person(rng: Generator) -> tuple[str, ...]:
    last = _one(surnames(), rng)
    if rng.random() < 0.12:
        last = f"{last}-{_one(surnames(), rng)}"
    return _one(first_names(), rng), last


def _company(rng: Generator) -> tuple[str, ...]:
    head = [_one(company_words()[17:], rng) for _ in range(int(rng.integers(1, 4)))]
    tail = (("SP.", "Z", "O.O."), ("S.A.",), ("S.C.",), (f"{_one(first_names(), rng)[0]}.", _one(surnames(), rng)))
    return (*head, *tail[int(rng.integers(4))])


def _address(name: tuple[str, ...], rng: Generator) -> str:
    first, last = plain(name[0]), plain(name[1].partition("-")[0])
    pet = _one(mail_words(), rng)
    year = str(rng.integers(50, 100)) if rng.random() < 0.6 else str(rng.integers(1960, 2010))
    number = str(rng.integers(1, 1000))
    shapes = (
        f"{first}.{last}", f"{first[0]}.{last}", f"{first}{last}", f"{first[0]}{last}", f"{last}.{first}",
        f"{last}{first[0]}", f"{last}{year}", f"{first}_{last}", f"{first}-{last}", f"{first}.{last}{year}",
        f"{pet}{year}", f"{pet}.{last}", f"{pet}{number}", f"{first}{number}", f"{pet}{last}", f"{last}_{number}",
    )  # fmt: skip
    domains = mail_domains()
    shares = np.array(list(domains.values()))
    domain = str(rng.choice(list(domains), p=shares / shares.sum()))
    if rng.random() < 0.06:
        domain = f"{plain(_one(company_words()[17:], rng))}{plain(last[:4])}.{_one(_OWN_DOMAINS, rng)}"
    return f"{shapes[int(rng.integers(len(shapes)))]}@{domain}"


def _one(pool: tuple[str, ...] | list[str], rng: Generator) -> str:
    return pool[int(rng.integers(len(pool)))]


def _cased(field: str, truth: str, rng: Generator) -> str:
    small = rng.random() < _SMALL[field]
    if field == "email":
        return truth if small else truth.upper()
    return truth.title() if small else truth


def _writers(hands: Hands) -> list[str]:
    """Those who wrote most of all letters and digits."""
    wrote: dict[str, set[str]] = {}
    for label, found in hands.glyphs.items():
        for glyph in found:
            wrote.setdefault(glyph.writer, set()).add(label)
    return sorted(writer for writer, labels in wrote.items() if len(labels) >= _FEWEST_LABELS)


def _cell(character: str, writer: str, hands: Hands, condition: Condition, rng: Generator) -> np.ndarray:
    return in_cell(None if character == " " else _strokes(character, writer, hands, rng), hands, rng, condition)


def _strokes(character: str, writer: str, hands: Hands, rng: Generator) -> Strokes:
    base = BASES.get(character, character)
    pool: list[Glyph] = hands.glyphs.get(base) or hands.glyphs[base.swapcase()]
    own = [glyph for glyph in pool if glyph.writer == writer] or pool
    strokes = own[int(rng.integers(len(own)))].strokes
    return habit(character, strokes, rng) if base == character else marked(character, strokes, hands, rng)


def _empty_cells(condition: Condition, rng: Generator) -> Floats:
    """Cells far from all writing."""
    nobody = Hands({"A": []}, {})
    return probabilities([in_cell(None, nobody, rng, condition) for _ in range(_EMPTY_POOL)])


def near_address(address: str) -> str:
    """One that differs in a single character of the local part, as the address of a relative may."""
    at = zlib.crc32(address.encode()) % address.index("@")
    other = {"0": "1", "1": "2", "2": "3", "5": "6", "o": "a", "l": "t", "i": "e", "s": "z", "z": "s", ".": "_"}
    character = address[at]
    return address[:at] + other.get(character, "e" if character != "e" else "a") + address[at + 1 :]
