"""Printed combs to values: two readings that do not share their pixels, and the format as a third witness.

A value is trusted when both readings agree and the kind accepts it; where the kind has a check digit, a first reading
that passes it is evidence enough. Tesseract's own confidence only chooses which of two doubtful readings is shown.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from forms.kinds import DIGITS, EMAIL_ALPHABET, POLISH_CAPITALS, Email, HouseNumber, Kind, Parsed
from forms.layout import FieldLayout
from forms.submission import FieldValue, Source
from ocr.combs import Comb
from ocr.engine import LineReading, line_reader
from ocr.pages import GrayImage
from ocr.plausibility import doubt_about, has_frequent_domain, likely_address
from ocr.sheet import Sheet

_LETTERS: Final = POLISH_CAPITALS + POLISH_CAPITALS.lower()
_TYPOGRAPHIC: Final = str.maketrans(
    {"„": '"', "”": '"', "“": '"', "’": "'", "‘": "'", "`": "'", "—": "-", "–": "-", "|": "I"}
)
_COMPANY_FORM: Final = re.compile(r"\b(z\s?)[0oO]\.\s?[0oO]\.?(?=\s|$)", re.IGNORECASE)
_AGREED, _CHECKED, _OUTVOTED, _STRANGE, _SPLIT = 0.995, 0.998, 0.85, 0.7, 0.4

_BLIND: Final = 0.4
"""Readings that agree but of which none is surer than this prove nothing: both may miss the same sign."""
_FIRST_DPI, _SECOND_DPI, _THIRD_DPI = 250.0, 240.0, 300.0
"""Scales at which lines are given to Tesseract: measured best one by one and, more so, together."""

_NO_SPACE: Final = 0.16
"""Gaps narrower than this share of the usual height are no spaces."""
_TALL, _LOW = frozenset("bdfhklt134679"), frozenset("acemnruvwx")
_AS_LOW: Final = {"0": "o", "5": "s", "2": "z"}
_AS_TALL: Final = {"o": "0", "s": "5", "z": "2"}

DOUBT_SPLIT: Final = "Dwa odczyty tego pola są różne. Sprawdź z obrazem."
DOUBT_FORMAT: Final = "Odczytana wartość nie pasuje do tego pola. Sprawdź z obrazem."
DOUBT_LENGTH: Final = "Liczba odczytanych znaków nie zgadza się z liczbą wypełnionych kratek. Sprawdź z obrazem."
DOUBT_NOTHING: Final = "W polu coś jest, ale nie udało się tego odczytać. Przepisz z obrazu."


@dataclass(frozen=True, slots=True)
class _Attempt:
    raw: str
    parsed: Parsed
    confidence: float
    fits: bool
    """Whether as many characters were read as cells are filled."""

    @property
    def valid(self) -> bool:
        return self.parsed.value is not None and self.parsed.fault is None and self.fits

    @property
    def worth(self) -> tuple[bool, bool, bool, bool]:
        value = self.parsed.value
        likely = isinstance(value, str) and has_frequent_domain(value)
        return value is not None, self.parsed.fault is None, self.fits, likely


def read_printed(sheet: Sheet, combs: Mapping[str, Comb]) -> dict[str, FieldValue]:
    """Values of the printed combs by field name; ``combs`` holds those that are not empty."""
    items = {item.field.name: item for item in sheet.fields if item.field.name in combs}
    readings: dict[str, list[_Attempt]] = {name: [found] for name, found in _read_all(items, combs).items()}
    unsure = {name: item for name, item in items.items() if not _settled(item.field.kind, readings[name])}
    again = {name: finer for name, item in unsure.items() if not (finer := sheet.comb_again(item)).empty}
    seconds = _read_all({name: items[name] for name in again}, again, readings, _SECOND_DPI)
    for name, found in seconds.items():
        readings[name].append(found)
    split = {name: items[name] for name in again if not _settled(items[name].field.kind, readings[name])}
    for name, found in _read_all(split, combs, readings, _THIRD_DPI).items():
        readings[name].append(found)
    return {name: _value(readings[name], items[name], sheet.alignment.blank.page) for name in items}


def _settled(kind: Kind, readings: list[_Attempt]) -> bool:
    """Whether the readings so far are evidence enough: two that agree, or one that carries a right check digit."""
    first, *others = readings
    if max(reading.confidence for reading in readings) < _BLIND:
        return False
    if kind.checked and kind.alphabet == DIGITS and any(reading.valid for reading in readings):
        return True
    return first.valid and any(other.valid and other.parsed.value == first.parsed.value for other in others)


def _read_all(
    items: Mapping[str, FieldLayout],
    combs: Mapping[str, Comb],
    before: Mapping[str, list[_Attempt]] | None = None,
    dpi: float = _FIRST_DPI,
) -> dict[str, _Attempt]:
    """One reading of each comb, in as few calls of the engine as languages and alphabets allow."""
    batches: dict[tuple[str, str], list[tuple[str, GrayImage]]] = defaultdict(list)
    for name, item in items.items():
        alphabet = _alphabet(item.field.kind, before[name][0] if before else None)
        for line in combs[name].lines(dpi):
            batches[item.field.kind.language, alphabet].append((name, line))
    texts: dict[str, list[LineReading]] = defaultdict(list)
    for (language, alphabet), lines in batches.items():
        readings = line_reader().read([line for _, line in lines], language, alphabet)
        for (name, _), reading in zip(lines, readings, strict=True):
            texts[name].append(reading)
    return {name: _attempt(texts[name], combs[name], item.field.kind) for name, item in items.items()}


def _alphabet(kind: Kind, before: _Attempt | None) -> str:
    """The characters Tesseract may choose from; empty for any.

    An e-mail address that was found to be in small letters is read again without capitals: what looked like a capital
    S or B in it is a digit.
    """
    if kind.alphabet == DIGITS:
        return DIGITS
    if isinstance(kind, Email):
        capitals = sum(sign.isupper() for sign in before.raw) if before else 0
        small = before is not None and sum(sign.islower() for sign in before.raw) > 2 * capitals
        return EMAIL_ALPHABET if small else EMAIL_ALPHABET + EMAIL_ALPHABET[:26].upper()
    if isinstance(kind, HouseNumber) and before is None:
        return DIGITS + _LETTERS + "/-"
    return ""


def _attempt(lines: list[LineReading], comb: Comb, kind: Kind) -> _Attempt:
    text = " ".join(line.text for line in lines if line.text).translate(_TYPOGRAPHIC)
    fits = True
    if comb.running:
        text = _with_tight_dashes(text, comb)
        text = _by_shape(text.replace(" ", ""), comb, kind) if isinstance(kind, Email) else _with_spaces(text, comb)
    else:
        signs, pattern = text.replace(" ", ""), comb.pattern
        fits = len(signs) == pattern.count("x")
        if fits:
            following = iter(_by_shape(signs, comb, kind))
            text = "".join(next(following) if cell == "x" else " " for cell in pattern)
    text = _COMPANY_FORM.sub(lambda found: found[1] + ("O.O." if found[1][0] == "Z" else "o.o."), text)
    parsed = kind.parse(text)
    return _Attempt(text, parsed, min((line.confidence for line in lines), default=0.0), fits)


def _with_tight_dashes(text: str, comb: Comb) -> str:
    """Remove the spaces that were read around dashes which stand close to their neighbours, as in double surnames."""
    dashes = comb.dashes()
    if text.count("-") != len(dashes):
        return text
    tight = iter(dashes)
    return re.sub(r" ?- ?", lambda found: "-" if next(tight) else found[0], text)


def _with_spaces(text: str, comb: Comb) -> str:
    """Take out the spaces of running text that stand in no gap.

    Only where as many pieces of ink stand in one row as characters were read.
    """
    boxes = comb.letters()
    gaps = [after.x0 - before.x1 for before, after in pairwise(boxes)]
    first, *others = text.split(" ")
    if len(boxes) != len(text) - len(others) or not gaps or min(gaps) < -boxes[0].height:
        return text
    narrow = _NO_SPACE * median(box.height for box in boxes)
    joined, count = first, len(first)
    for word in others:
        joined += word if gaps[count - 1] < narrow else f" {word}"
        count += len(word)
    return joined


def _by_shape(signs: str, comb: Comb, kind: Kind) -> str:
    """Correct what the size of a character betrays: dots read as letters, low o, s, z read as 0, 5, 2 and back.

    Only where as many pieces of ink stand as characters were read.
    """
    boxes = comb.letters()
    if kind.alphabet == DIGITS or len(boxes) != len(signs):
        return signs
    small = {} if comb.running else comb.small_signs()
    signs = "".join(small.get(at, sign) if sign.isalnum() else sign for at, sign in enumerate(signs))
    if not isinstance(kind, Email):
        return signs
    tall = [box.height for box, sign in zip(boxes, signs, strict=True) if sign in _TALL]
    low = [box.height for box, sign in zip(boxes, signs, strict=True) if sign in _LOW]
    if not tall or not low or median(low) > 0.9 * median(tall):
        return signs
    edge = (median(tall) + median(low)) / 2
    return "".join(
        _AS_LOW.get(sign, sign)
        if box.height < edge
        else _AS_TALL.get(sign, sign)
        if any(near.isdigit() for near in signs[max(0, at - 1) : at + 2])
        else sign
        for at, (box, sign) in enumerate(zip(boxes, signs, strict=True))
    )


def _value(readings: list[_Attempt], item: FieldLayout, page: int) -> FieldValue:
    """The best of the readings with what it is worth."""
    kind = item.field.kind
    votes = Counter(reading.parsed.value for reading in readings if reading.valid)
    best = max(readings, key=lambda reading: (reading.worth, votes[reading.parsed.value], reading.confidence))
    confidence, doubt = _judged(best, readings, votes[best.parsed.value], kind)
    value = best.parsed.value
    if isinstance(value, str) and best.parsed.fault is None and (strange := doubt_about(kind, value)):
        confidence, doubt = min(confidence, _STRANGE), doubt or strange
        value = likely_address(value) if isinstance(kind, Email) else value
    return FieldValue(value, confidence, doubt is None, Source.PRINT, page, item.bounds, best.raw or None, doubt)


def _judged(best: _Attempt, readings: list[_Attempt], votes: int, kind: Kind) -> tuple[float, str | None]:
    """Confidence of the chosen reading, and why it is not trusted, if it is not."""
    if best.parsed.value is None:
        return 0.0, DOUBT_NOTHING
    if best.parsed.fault is not None:
        return _SPLIT * best.confidence, DOUBT_FORMAT
    if not best.fits:
        return _SPLIT * best.confidence, DOUBT_LENGTH
    if _settled(kind, readings):
        return (_CHECKED if kind.checked and kind.alphabet == DIGITS else _AGREED), None
    return (_OUTVOTED if votes > 1 else _SPLIT + 0.2 * best.confidence), DOUBT_SPLIT
