"""All handwriting of a page together: through the network once, decoded, held against the register, and rated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import log
from typing import Final

import numpy as np

from environment import clock
from forms.form import Field
from forms.kinds import DIGITS, FieldKind, Writing
from forms.layout import FieldLayout
from forms.submission import FieldValue, Source
from ocr.files.page import GrayImage
from ocr.handprint.alphabet import EMPTY, STRUCK
from ocr.handprint.cells import cut_cells
from ocr.handprint.customer_identity import Identity, identify_customer
from ocr.handprint.decoding import Candidate, decode
from ocr.handprint.email_decoding import decode_email
from ocr.handprint.likelihood import Cost, Fit, costs, fit
from ocr.handprint.postcode_and_town import decode_postcode_and_town
from ocr.handprint.recogniser import CellScores, Floats, Network, comb_probabilities, digit_odds, within_alphabet
from ocr.handprint.text_decoding import decode_text
from ocr.handprint.trust import Evidence, group_of, odds, predicted, ratio
from ocr.handprint.value_priors import house_number, signed_before
from ocr.handprint.writings import writings
from ocr.knowledge import Knowledge

_NUMBERS: Final = 40
"""Values of a number that are looked up in the register."""
_PLACES: Final = 5
_CROSSED_OUT: Final = 0.2
_TIE: Final = log(2)
"""An address that is less far ahead of the next one is doubtful: no check digit tells them apart."""
_UNLIKE: Final = log(20)
"""A letter that looks so much more like another one was read for the sake of a name or of the register."""

DOUBT_HAND: Final = "Pismo odręczne, odczyt niepewny. Porównaj z obrazem."
DOUBT_ILLEGIBLE: Final = "Pismo odręczne, którego nie udało się odczytać. Przepisz z obrazu."
DOUBT_STRUCK: Final = "W polu coś skreślono albo poprawiono. Porównaj z obrazem."
DOUBT_REPAIRED: Final = "Odczytane cyfry nie dały poprawnej wartości, podano najbliższą poprawną. Porównaj z obrazem."
DOUBT_REGISTER: Final = "Inaczej niż w rejestrze klientów. Porównaj z obrazem."


@dataclass(frozen=True, slots=True)
class HandReading:
    """What a hand wrote in one field: the value, None when nothing valid can be read, and the characters as they look.

    ``evidence`` tells how sure the value is; ``doubt`` says in Polish why it may not be trusted however sure it is.
    """

    value: str | None
    raw: str | None
    evidence: Evidence | None
    doubt: str | None


@dataclass(frozen=True, slots=True)
class HandReader:
    """Reads the combs of a page that were filled in by hand.

    ``network`` is another one than ours; ``today`` the day on which it is read, unless it is the present one.
    """

    knowledge: Knowledge
    network: Network | None = None
    today: date | None = None

    def read(
        self, picture: GrayImage, dpi: float, items: Sequence[FieldLayout], *, bitonal: bool
    ) -> dict[str, FieldValue]:
        """All these combs together, by name of the field.

        ``picture`` is the aligned, evenly lit page at ``dpi``; ``bitonal`` tells that it was scanned black and white.
        """
        if not items:
            return {}
        by_name = {item.field.name: item for item in items}
        kinds = {name: item.field.kind for name, item in by_name.items()}
        cells = {name: cut_cells(picture, dpi, item) for name, item in by_name.items()}
        posteriors = comb_probabilities(cells, kinds, self.network)
        read = read_posteriors(by_name, posteriors, self.knowledge, bitonal=bitonal, today=self.today)
        return {name: trusted_value(reading, by_name[name]) for name, reading in read.items()}


def trusted_value(reading: HandReading, item: FieldLayout) -> FieldValue:
    """A reading as a field's value, with its confidence and the decision whether it may be used unseen."""
    if reading.evidence is None:
        return FieldValue(None, 0.0, False, Source.HANDPRINT, item.page, item.bounds, reading.raw, reading.doubt)
    sure, enough = predicted(reading.evidence)
    doubt = reading.doubt or (None if enough else DOUBT_HAND)
    return FieldValue(reading.value, sure, doubt is None, Source.HANDPRINT, item.page, item.bounds, reading.raw, doubt)


def read_posteriors(
    items: Mapping[str, FieldLayout],
    posteriors: Mapping[str, Floats],
    knowledge: Knowledge,
    *,
    bitonal: bool,
    today: date | None = None,
) -> dict[str, HandReading]:
    """The same from what the network says of the cells of each field."""
    day = today or clock.today()
    fields = {name: item.field for name, item in items.items()}
    cells = {
        name: within_alphabet(posteriors[name], field.kind.alphabet, digit_odds(field.kind))
        for name, field in fields.items()
    }
    combs = {name: costs(comb) for name, comb in cells.items()}
    decoded = {
        name: _decoded(field, posteriors[name], cells[name], knowledge, day)
        for name, field in fields.items()
        if field.kind.writing is not Writing.EMAIL
    }
    decoded = _placed(decoded, knowledge)
    who = identify_customer(fields, combs, decoded, knowledge)
    names = _words_of_name(decoded.get("name", ()), who)
    for name, field in fields.items():
        if field.kind.writing is Writing.EMAIL:
            known = () if who is None else writings(field, who.row)
            decoded[name] = decode_email(posteriors[name], field.kind, names=names, known=known)
    page = _Page(_legibility(cells), bitonal, who)
    return {name: page.reading(field, cells[name], combs[name], decoded[name]) for name, field in fields.items()}


def _decoded(
    field: Field, posteriors: Floats, cells: Sequence[CellScores], knowledge: Knowledge, today: date
) -> list[Candidate]:
    kind = field.kind
    if kind.writing is Writing.TEXT:
        return decode_text(posteriors, kind, knowledge.words(field.name))
    prior: Callable[[str], float] | None = None
    if kind.writing is Writing.HOUSE:
        prior = house_number
    elif field.name == "date_signed":
        prior = signed_before(today)
    return decode(cells, kind, today, most=_NUMBERS if kind.alphabet == DIGITS else 5, prior=prior)


def _placed(decoded: dict[str, list[Candidate]], knowledge: Knowledge) -> dict[str, list[Candidate]]:
    """With post code and town by what is likely of both together."""
    codes, towns = decoded.get("postcode", []), decoded.get("town", [])
    if not codes or not towns:
        return decoded
    codes, towns = codes[:_PLACES], towns[:_PLACES]
    pairs = decode_postcode_and_town(codes, towns, knowledge.places(), most=len(codes) * len(towns))
    return {
        **decoded,
        "postcode": _summed([(pair.postcode, pair.probability) for pair in pairs]),
        "town": _summed([(pair.town, pair.probability) for pair in pairs]),
    }


def _summed(found: Sequence[tuple[Candidate, float]]) -> list[Candidate]:
    """Each candidate with all its pairs together, best first."""
    shares: dict[str, Candidate] = {}
    for candidate, share in found:
        before = shares[candidate.value].probability if candidate.value in shares else 0.0
        shares[candidate.value] = replace(candidate, probability=before + share)
    return sorted(shares.values(), key=lambda one: -one.probability)


def _words_of_name(decoded: Sequence[Candidate], who: Identity | None) -> dict[str, float]:
    """Words of the name that was written, each with the probability that it is one."""
    if who is not None and "name" in who.fits:
        return dict.fromkeys(who.fits["name"].value.replace("-", " ").split(), 1.0)
    words: dict[str, float] = {}
    for candidate in decoded:
        for word in candidate.value.replace("-", " ").split():
            words[word] = words.get(word, 0.0) + candidate.probability
    return words


def _legibility(cells: Mapping[str, Sequence[CellScores]]) -> float:
    """Mean logarithm of the probability of what each cell looks like, over all cells that are not empty."""
    written = [float(cell.probabilities[0]) for comb in cells.values() for cell in comb if cell.characters[0] != EMPTY]
    return float(np.mean(np.log(written))) if written else 0.0


@dataclass(frozen=True, slots=True)
class _Page:
    """What all fields of a page share."""

    legible: float
    bitonal: bool
    who: Identity | None

    def reading(
        self, field: Field, cells: Sequence[CellScores], comb: Sequence[Cost], decoded: Sequence[Candidate]
    ) -> HandReading:
        """What is made of one field, given its cells and their likeliest values."""
        kind = field.kind
        raw = (
            "".join(" " if cell.characters[0] in (EMPTY, STRUCK) else cell.characters[0] for cell in cells).strip()
            or None
        )
        struck = any(cell.probability(STRUCK) > _CROSSED_OUT for cell in cells)
        fits = self._fit(field, comb, decoded)
        if fits is not None and self.who is not None:
            evidence = self._by_register(kind, cells, decoded, fits, self.who)
            doubt = DOUBT_STRUCK if struck else None
            if doubt is None and kind.writing is Writing.EMAIL:
                doubt = _undecided(cells, decoded)
            return HandReading(fits.value, raw, evidence, doubt)
        if not decoded:
            return HandReading(None, raw, None, DOUBT_STRUCK if struck else DOUBT_ILLEGIBLE)
        best = decoded[0]
        doubt = DOUBT_STRUCK if struck else self._doubt(field, cells, decoded)
        return HandReading(best.value, raw, self._by_itself(kind, cells, decoded), doubt)

    def _by_register(
        self, kind: FieldKind, cells: Sequence[CellScores], decoded: Sequence[Candidate], fit: Fit, who: Identity
    ) -> Evidence:
        alike = bool(decoded) and decoded[0].value == fit.value
        figures = (
            max(fit.distance, -20.0),
            max(fit.worst, -20.0),
            _apart(cells, decoded[0].characters, kind) if alike else fit.worst,
            who.lead,
            float(len(who.against)),
            float(alike),
            len(fit.value) / 10,
            self.legible,
            float(self.bitonal),
        )
        return Evidence(f"register {group_of(kind)}", figures)

    def _by_itself(self, kind: FieldKind, cells: Sequence[CellScores], decoded: Sequence[Candidate]) -> Evidence:
        best = decoded[0]
        second = decoded[1].probability if len(decoded) > 1 else 0.0
        worst = min(cell.probability(character) for cell, character in zip(cells, best.characters, strict=True))
        figures = (
            odds(best.probability),
            ratio(best.probability, second),
            ratio(worst, 1.0),
            _apart(cells, best.characters, kind),
            len(best.value) / 10,
            self.legible,
            float(self.bitonal),
        )
        return Evidence(f"read {group_of(kind)}", figures)

    def _fit(self, field: Field, comb: Sequence[Cost], decoded: Sequence[Candidate]) -> Fit | None:
        """How the register's value fits, where it is what was written.

        An address is the register's only if it was decoded so: a new one may differ by a single character.
        """
        if self.who is None:
            return None
        if field.kind.writing is not Writing.EMAIL:
            return self.who.fits.get(field.name)
        known = [way for way in writings(field, self.who.row) if decoded and way == decoded[0].value]
        return fit(comb, known[0]) if known else None

    def _doubt(self, field: Field, cells: Sequence[CellScores], decoded: Sequence[Candidate]) -> str | None:
        """Why a value that was read without the register may not be trusted."""
        kind = field.kind
        if self.who is not None and field.name in self.who.against:
            return DOUBT_REGISTER
        if kind.alphabet == DIGITS:
            return DOUBT_REPAIRED if _apart(cells, decoded[0].characters, kind) < 0 else None
        return _undecided(cells, decoded) if kind.writing is Writing.EMAIL else None


def _apart(cells: Sequence[CellScores], characters: Sequence[str], kind: FieldKind) -> float:
    """How far the closest character is ahead of the best other one of its cell; below 0 when it is behind."""
    alike = kind.writing in (Writing.TEXT, Writing.EMAIL)
    return min(_ahead(cell, character, alike=alike) for cell, character in zip(cells, characters, strict=True))


def _ahead(cell: CellScores, character: str, *, alike: bool) -> float:
    return ratio(cell.probability(character), _rival(cell, character, alike=alike)[1])


def _rival(cell: CellScores, character: str, *, alike: bool) -> tuple[str, float]:
    """The likeliest other character of a cell and its probability; any cell may be empty, so there is one.

    ``alike`` compares letters with letters only: among them nobody means a digit.
    """
    return next(
        (other, float(share))
        for other, share in zip(cell.characters, cell.probabilities, strict=True)
        if other != character and not (alike and character.isalpha() and other.isdigit())
    )


def _undecided(cells: Sequence[CellScores], decoded: Sequence[Candidate]) -> str | None:
    """Which character of an address may be another one, told to the clerk; None when all are clear.

    Either another address is nearly as likely, or a letter before the @ looks more like another letter and was read so
    for the sake of a name: what the owner of an address made of his name nobody knows.
    """
    best, *others = decoded
    if others and ratio(best.probability, others[0].probability) < _TIE:
        return _between(best.value, others[0].value)
    for at, (cell, character) in enumerate(zip(cells, best.characters, strict=True)):
        if character == "@":
            break
        if character and _ahead(cell, character, alike=True) < -_UNLIKE:
            other, _ = _rival(cell, character, alike=True)
            return (
                DOUBT_HAND
                if other in (EMPTY, STRUCK)
                else _told(sum(map(bool, best.characters[: at + 1])), character, other)
            )
    return None


def _between(first: str, second: str) -> str:
    """The first character in which two values differ; where one is longer, nothing of the other stands against it."""
    if len(first) != len(second):
        return DOUBT_HAND
    number, (one, other) = next(pair for pair in enumerate(zip(first, second, strict=True), 1) if len(set(pair[1])) > 1)
    return _told(number, one, other)


def _told(number: int, character: str, other: str) -> str:
    return f"Znak {number}.: nie wiadomo, czy to „{character}”, czy „{other}”. Porównaj z obrazem."
