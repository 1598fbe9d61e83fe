"""Printed combs to values: Tesseract reads lines, a network judges each character by its shape, the format decides.

A value is trusted when the kind accepts it and the shapes confirm it character by character. Where they cannot
(characters that touch), a second reading that shares no pixel with the first must agree. A check digit that fits is
evidence enough. Tesseract's own confidence only chooses which of two doubtful readings is shown.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Final

from forms.kinds import DIGITS, EMAIL_ALPHABET, POLISH_CAPITALS, FieldKind, Parsed, Writing
from forms.layout import FieldLayout
from forms.submission import FieldValue, Source
from ocr.alignment.sheet import Sheet
from ocr.files.page import GrayImage
from ocr.machine_print.company_forms import with_company_forms
from ocr.machine_print.letter_case import with_true_cases
from ocr.machine_print.plausibility import (
    doubt_about,
    has_frequent_domain,
    likely_value,
    with_full_stops,
    without_specks,
)
from ocr.segmentation.combs import Comb
from ocr.tesseract.line_reading import LineReading
from ocr.tesseract.lines import line_recogniser
from ocr.typeset.shapes import Shapes, shapes

_LETTERS: Final = POLISH_CAPITALS + POLISH_CAPITALS.lower()
_TYPOGRAPHIC: Final = str.maketrans(
    {"„": '"', "”": '"', "“": '"', "’": "'", "‘": "'", "`": "'", "—": "-", "–": "-", "|": "I"}
)
_AGREED, _CHECKED, _OUTVOTED, _STRANGE, _SPLIT = 0.995, 0.998, 0.85, 0.7, 0.4

_SECOND_SURNAME: Final = re.compile(r"(?<=[a-ząćęłńóśźż]-)[a-ząćęłńóśźż](?=[a-ząćęłńóśźż])")
"""The first letter after a dash: a capital, however small Tesseract takes a Ż or a J for."""

_BLIND: Final = 0.4
"""Readings that agree but of which none is surer than this prove nothing: both may miss the same character."""
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
DOUBT_CUT_OFF: Final = "Tekst sięga krawędzi pola i może być ucięty. Sprawdź, czy wartość jest cała."
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


def read_printed(
    sheet: Sheet, combs: Mapping[str, Comb], expected: Mapping[str, tuple[str, ...]] | None = None
) -> dict[str, FieldValue]:
    """Values of the printed combs by field name; ``combs`` holds those that are not empty.

    ``expected`` are values that another witness tells of a field: where one of them is what stands there, it is the
    value, whatever else might be read.
    """
    items = {item.field.name: item for item in sheet.fields if item.field.name in combs}
    looks = shapes({name: (item.field.kind, combs[name]) for name, item in items.items()})
    told = expected or {}
    cases = {name: _Case(item.field.kind, combs[name], looks[name], told.get(name, ())) for name, item in items.items()}
    again = {}
    for dpi in (_FIRST_DPI, _SECOND_DPI, _THIRD_DPI):
        unsure = {name: items[name] for name, case in cases.items() if not case.settled}
        if dpi == _SECOND_DPI:
            again = {name: finer for name, item in unsure.items() if not (finer := sheet.comb_again(item)).empty}
        if dpi != _FIRST_DPI:
            unsure = {name: item for name, item in unsure.items() if name in again}
        before = {name: cases[name].readings[0] for name in unsure if cases[name].readings}
        for name, found in _read_all(unsure, combs if dpi == _FIRST_DPI else again, before, dpi).items():
            cases[name].readings.append(found)
    page = sheet.alignment.blank.page
    return {name: _value(case, items[name], page) for name, case in cases.items()}


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """All that is known of one field."""

    kind: FieldKind
    comb: Comb
    looks: Shapes
    expected: tuple[str, ...]
    readings: list[_Attempt] = field(default_factory=list)

    @property
    def settled(self) -> bool:
        """Whether the evidence is enough to trust the best reading."""
        if self.seen is not None:
            return True
        if not self.readings:
            return False
        first, *others = self.readings
        if max(reading.confidence for reading in self.readings) < _BLIND:
            return False
        if self.checked and any(reading.valid for reading in self.readings):
            return True
        if any(reading.valid and self.looks.confirm(reading.raw) for reading in self.readings):
            return True
        agreed = first.valid and any(other.valid and other.parsed.value == first.parsed.value for other in others)
        return agreed and not self.contradicted(first)

    @property
    def seen(self) -> str | None:
        """The expected value that stands there: character by character by its shapes, or as Tesseract reads it, too."""
        for value in self.expected:
            texts = dict.fromkeys((value, self.kind.display(value), self.kind.to_comb(value)))
            if any(self.looks.confirm(text) for text in texts):
                return value
            read = any(reading.parsed.value == value and not self.contradicted(reading) for reading in self.readings)
            if read:
                return value
        return None

    @property
    def checked(self) -> bool:
        """Whether a misread digit would not fit the check digit."""
        return self.kind.writing is Writing.CHECKED

    def contradicted(self, reading: _Attempt) -> bool:
        """Whether what stands there cannot be that: another shape, or a full stop that was passed over."""
        return self.looks.contradict(reading.raw) or self.comb.full_stops() > sum(map(reading.raw.count, ".,:"))

    @property
    def best(self) -> _Attempt:
        """The reading to be shown."""
        votes = Counter(reading.parsed.value for reading in self.readings if reading.valid)
        return max(
            self.readings,
            key=lambda reading: (
                reading.worth,
                self.looks.confirm(reading.raw),
                not self.contradicted(reading),
                votes[reading.parsed.value],
                reading.confidence,
            ),
        )


def _read_all(
    items: Mapping[str, FieldLayout],
    combs: Mapping[str, Comb],
    before: Mapping[str, _Attempt] | None = None,
    dpi: float = _FIRST_DPI,
) -> dict[str, _Attempt]:
    """One reading of each comb, in as few calls of the engine as languages and alphabets allow."""
    batches: dict[tuple[str, str], list[tuple[str, GrayImage]]] = defaultdict(list)
    for name, item in items.items():
        alphabet = _alphabet(item.field.kind, before[name] if before else None)
        for line in combs[name].lines(dpi):
            batches[item.field.kind.language, alphabet].append((name, line))
    texts: dict[str, list[LineReading]] = defaultdict(list)
    for (language, alphabet), lines in batches.items():
        readings = line_recogniser().read([line for _, line in lines], language, alphabet)
        for (name, _), reading in zip(lines, readings, strict=True):
            texts[name].append(reading)
    return {name: _attempt(texts[name], combs[name], item.field.kind) for name, item in items.items()}


def _alphabet(kind: FieldKind, before: _Attempt | None) -> str:
    """The characters Tesseract may choose from; empty for any.

    An e-mail address that was found to be in small letters is read again without capitals: what looked like a capital
    S or B in it is a digit.
    """
    if kind.alphabet == DIGITS:
        return DIGITS
    if kind.writing is Writing.EMAIL:
        capitals = sum(character.isupper() for character in before.raw) if before else 0
        small = before is not None and sum(character.islower() for character in before.raw) > 2 * capitals
        return EMAIL_ALPHABET if small else EMAIL_ALPHABET + EMAIL_ALPHABET[:26].upper()
    if kind.writing is Writing.HOUSE and before is None:
        return DIGITS + _LETTERS + "/-"
    return ""


def _attempt(lines: list[LineReading], comb: Comb, kind: FieldKind) -> _Attempt:
    text = " ".join(line.text for line in lines if line.text).translate(_TYPOGRAPHIC)
    fits = True
    if comb.running:
        text = _with_tight_dashes(text, comb)
        text = (
            _by_shape(text.replace(" ", ""), comb, kind) if kind.writing is Writing.EMAIL else _with_spaces(text, comb)
        )
    else:
        characters, pattern = text.replace(" ", ""), comb.pattern
        fits = len(characters) == pattern.count("x")
        if fits:
            following = iter(_by_shape(characters, comb, kind))
            text = "".join(next(following) if cell == "x" else " " for cell in pattern)
    if kind.writing is Writing.TEXT:
        cased = iter(with_true_cases(text.replace(" ", ""), comb.letters()))
        text = "".join(character if character == " " else next(cased) for character in text)
    text = with_company_forms(text)
    if kind.writing is Writing.EMAIL:
        text = with_full_stops(text)
    if kind.writing is Writing.TEXT and text[:1].isupper():
        text = _SECOND_SURNAME.sub(lambda found: found[0].upper(), text)
    text = without_specks(text, kind)
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


def _by_shape(characters: str, comb: Comb, kind: FieldKind) -> str:
    """Correct what the size of a character betrays: dots read as letters, low o, s, z read as 0, 5, 2 and back.

    Only where as many pieces of ink stand as characters were read.
    """
    boxes = comb.letters()
    if kind.alphabet == DIGITS or len(boxes) != len(characters):
        return characters
    small = {} if comb.running else comb.small_signs()
    characters = "".join(
        small.get(at, character) if character.isalnum() else character for at, character in enumerate(characters)
    )
    if kind.writing is not Writing.EMAIL:
        return characters
    tall = [box.height for box, character in zip(boxes, characters, strict=True) if character in _TALL]
    low = [box.height for box, character in zip(boxes, characters, strict=True) if character in _LOW]
    if not tall or not low or median(low) > 0.9 * median(tall):
        return characters
    edge = (median(tall) + median(low)) / 2
    return "".join(
        _AS_LOW.get(character, character)
        if box.height < edge
        else _AS_TALL.get(character, character)
        if any(near.isdigit() for near in characters[max(0, at - 1) : at + 2])
        else character
        for at, (box, character) in enumerate(zip(boxes, characters, strict=True))
    )


def _value(case: _Case, item: FieldLayout, page: int) -> FieldValue:
    """The best of the readings with what it is worth."""
    if case.seen is not None:
        return FieldValue(case.seen, _CHECKED, True, Source.PRINT, page, item.bounds, case.seen)
    best = case.best
    confidence, doubt = _judged(case, best)
    value = best.parsed.value
    if isinstance(value, str) and best.parsed.fault is None:
        strange = doubt_about(
            item.field,
            value,
            confirmed_shapes=case.looks.confirm(best.raw),
            certain_shapes=case.looks.confirm(best.raw, certain=True),
        )
        if strange:
            confidence, doubt = min(confidence, _STRANGE), doubt or strange
            value = likely_value(item.field, value)
    if case.comb.cut_off:
        confidence, doubt = min(confidence, _STRANGE), doubt or DOUBT_CUT_OFF
    return FieldValue(value, confidence, doubt is None, Source.PRINT, page, item.bounds, best.raw or None, doubt)


def _judged(case: _Case, best: _Attempt) -> tuple[float, str | None]:
    """Confidence of the chosen reading, and why it is not trusted, if it is not."""
    if best.parsed.value is None:
        return 0.0, DOUBT_NOTHING
    if best.parsed.fault is not None:
        return _SPLIT * best.confidence, DOUBT_FORMAT
    if not best.fits:
        return _SPLIT * best.confidence, DOUBT_LENGTH
    if case.settled:
        return (_CHECKED if case.checked else _AGREED), None
    votes = sum(reading.valid and reading.parsed.value == best.parsed.value for reading in case.readings)
    return (_OUTVOTED if votes > 1 else _SPLIT + 0.2 * best.confidence), DOUBT_SPLIT
