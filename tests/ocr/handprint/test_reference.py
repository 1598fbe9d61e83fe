"""The figures on which trust was fitted stay what they were.

``trust.json`` holds a model of how right a value is that was decoded with such figures. Whoever changes a figure on
purpose fits trust anew (``python -m benchmarks.trust``), and then writes the reference anew with
``python -m tests.ocr.handprint.test_reference``.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from forms.fields import NAME, STREET
from forms.kinds import Date, Email, FieldKind, Nip, Pesel, Phone, Postcode
from forms.layout import layout
from forms.submission import Source
from ocr.handprint.alphabet import EMPTY, STRUCK
from ocr.handprint.decoding import Candidate, decode
from ocr.handprint.email_decoding import decode_email
from ocr.handprint.lexicon import shipped_words
from ocr.handprint.likelihood import costs, fit
from ocr.handprint.page import HandReading, trusted_value
from ocr.handprint.recogniser import within_alphabet
from ocr.handprint.text_decoding import decode_text
from ocr.handprint.writings import writings
from tests.ocr.handprint.test_page import ANNA, FORM, JERZY, read
from tests.ocr.handprint.written import posteriors_of

REFERENCE = Path(__file__).with_name("reference.json")
TODAY = date(2026, 3, 2)
ADDRESSES = (
    "jan.kowalski@wp.pl",
    "biuro@lubusbud.pl",
    "ala85@gmail.com",
    "k.nowak@firma.example.eu",
    "x7q_zz+mzk@kvq-wx.com.pl",
    "jan.kowalski-nowak12@poczta.onet.pl",
    "anna.wisniewska".ljust(20) + "@gmail.com",
)
NAMES = ("ANNA NOWAK", "ZOFIA WÓJCIK-NOWAK", "LUBUSBUD SP. Z O.O.", "QXZ VWQ", "JAN KRZYSZTOF WIŚNIEWSKI", "ŻUK")
NUMBERS: tuple[tuple[FieldKind, str], ...] = (
    (Pesel(), "44051401359"),
    (Nip(), "5260250274"),
    (Phone(), "600700800"),
    (Postcode(), "66470"),
    (Date(), "27022026"),
)
ALIKE = {
    "0": "o6", "O": "0Q", "o": "0a", "1": "7l", "l": "1i", "i": "lj", "5": "s6", "S": "5Z", "s": "5z", "2": "z7",
    "Z": "27", "z": "2s", "A": "ĄR", "a": "oq", "E": "ĘF", "n": "uh", "N": "ŃM", "W": "VN", "w": "vu", "K": "XR",
    "k": "xh", "4": "9A", "7": "1Z", "6": "b0", "3": "8", "@": "ao", ".": "-", "-": "._", "I": "1L", "Ó": "O", " ": ".",
}  # fmt: skip


def dimly(text: str, cells: int, seed: int, most: int = 4) -> Any:
    """Cells in which some characters may be one that looks alike, or nothing."""
    chance = random.Random(f"{text} {seed}")
    unsure = {}
    for at in chance.sample(range(len(text)), min(most, len(text))):
        character, like = text[at], chance.choice(ALIKE.get(text[at], "x"))
        share = chance.choice((0.97, 0.7, 0.45))
        written = {EMPTY if character == " " else character: share, like: 0.98 - share}
        unsure[at] = {**written, EMPTY: written.get(EMPTY, 0.0) + 0.02}
    return posteriors_of(text, unsure, cells)


def told(found: list[Candidate]) -> list[list[Any]]:
    return [[one.value, "|".join(one.characters).rstrip("|"), round(one.probability, 6)] for one in found]


def addresses() -> Iterator[tuple[str, Any]]:
    kind = Email()
    for text in ADDRESSES:
        for seed in range(3):
            posteriors = dimly(text, kind.length, seed)
            plain = text.replace(" ", "")
            yield f"{plain} {seed}", told(decode_email(posteriors, kind))
            known = {plain, plain.replace("a", "o", 1)}
            yield f"{plain} {seed} known", told(decode_email(posteriors, kind, known=known))
            names = {"JAN": 0.9, "KOWALSKI": 0.8, "ANNA": 0.7}
            domains = {plain.partition("@")[2]: 1.0}
            yield f"{plain} {seed} named", told(decode_email(posteriors, kind, names=names, domains=domains))


def names() -> Iterator[tuple[str, Any]]:
    for kind, field, texts in ((NAME.kind, "name", NAMES), (STREET.kind, "street", ("ADAMA MICKIEWICZA", "WODNA"))):
        words = shipped_words(field)
        for text in texts:
            for seed in range(3):
                yield f"{text} {seed}", told(decode_text(dimly(text, kind.length, seed), kind, words))


def numbers() -> Iterator[tuple[str, Any]]:
    for kind, text in NUMBERS:
        for seed in range(3):
            cells = within_alphabet(dimly(text, len(text), seed), kind.alphabet)
            yield f"{kind.name} {seed}", told(decode(cells, kind, TODAY))


def fits() -> Iterator[tuple[str, Any]]:
    for text in NAMES:
        for seed in range(3):
            comb = costs(within_alphabet(dimly(text, 34, seed), NAME.kind.alphabet))
            for value in (text, text[:-1] + "A", text.replace(" ", ""), text + "X", "ANNA MARIA " + text):
                found = fit(comb, value)
                yield f"{text} {seed} {value}", [str(round(found.distance, 5)), str(round(found.worst, 5))]


def pages() -> Iterator[tuple[str, Any]]:
    dim: dict[str, Mapping[str, Mapping[int, Mapping[str, float]]]] = {
        "clear": {},
        "dim number": {"customer_no": {7: {"1": 0.6, "7": 0.4}}},
        "dim name": {"name": {3: {"A": 0.5, "O": 0.5}, 5: {"K": 0.7, "X": 0.3}}},
        "dim address": {"house": {0: {"5": 0.6, "6": 0.4}}, "street": {0: {"W": 0.5, "V": 0.5}}},
        "dim day": {"date_signed": {1: {"7": 0.6, "1": 0.4}}},
        "dim mail": {"email": {3: {"a": 0.6, "o": 0.4}}},
        "struck": {"email": {3: {STRUCK: 1.0}}, "customer_no": {2: {STRUCK: 0.6, "0": 0.4}}},
        "struck whole": {name: {at: {STRUCK: 1.0} for at in range(8)} for name in ("customer_no", "name", "postcode")},
        "illegible": {
            name: {at: dict.fromkeys("ABCDEFGHIJKLMNO", 1 / 15) for at in range(5)} for name in ("pesel", "house")
        },
    }
    written: dict[str, dict[str, str]] = {
        "as known": {},
        "another name": {"name": "Anna Nowak"},
        "another house": {"house": "7"},
        "another mail": {"email": "anna.kowalska@gmail.com"},
        "another number": {"customer_no": "10000011"},
        "another post code": {"postcode": "00-001"},
        "a town of no post code": {"town": "Qxzów"},
    }
    stranger = {**ANNA, "customer_no": "20304050", "name": "Ewa Lis"}
    for who, person in (("anna", ANNA), ("jerzy", JERZY), ("stranger", stranger)):
        for how, unsure in dim.items():
            for what, changed in written.items():
                found = read(person, unsure, **changed)
                yield f"{who}, {how}, {what}", {name: _reading(name, one) for name, one in found.items()}


def _reading(name: str, one: HandReading) -> list[Any]:
    """The evidence, and the value as the page tells it; its place only where it is told at all."""
    figures = [] if one.evidence is None else [round(figure, 4) for figure in one.evidence.figures]
    sort = None if one.evidence is None else one.evidence.sort
    item = layout(FORM)[name]
    told = trusted_value(one, item)
    assert (told.value, told.raw, told.page, told.box) == (one.value, one.raw, item.page, item.bounds)
    assert told.source is Source.HANDPRINT
    return [one.value, one.raw, sort, figures, told.trusted, round(told.confidence, 6), told.doubt]


def ways() -> Iterator[tuple[str, Any]]:
    """How people may write what the register knows of them."""
    rows = (
        ANNA,
        {**ANNA, "name": "Jan Krzysztof Żuk-Nowak", "street": "ul. Adama Mickiewicza", "house": "12A", "flat": "3"},
        {**ANNA, "name": "Instal-Bud Sp. z o.o.", "street": "os. Słoneczne", "town": "Gorzów Wielkopolski", "flat": ""},
        {**ANNA, "street": "", "town": "Drzewice", "house": "7/8"},
        {**ANNA, "street": "al. gen. Władysława Sikorskiego", "town": "Kostrzyn n. Odrą", "phone": ""},
    )
    for number, row in enumerate(rows):
        for field in FORM.fields:
            yield f"{number} {field.name}", sorted(writings(field, row))


SORTS = {"addresses": addresses, "names": names, "numbers": numbers, "fits": fits, "pages": pages, "ways": ways}


@pytest.mark.parametrize("sort", SORTS)
def test_what_is_decoded_of_a_sort_is_what_trust_was_fitted_on(sort: str) -> None:
    reference = json.loads(REFERENCE.read_text(encoding="utf-8"))[sort]
    found = json.loads(json.dumps(dict(SORTS[sort]())))
    assert found.keys() == reference.keys()
    for name, one in found.items():
        assert as_near(one) == as_near(reference[name]), name


def as_near(told: Any) -> Any:
    """The same with numbers compared up to what another processor may round."""
    if isinstance(told, float):
        return round(told, 3)
    if isinstance(told, list):
        return [as_near(one) for one in told]
    return {name: as_near(one) for name, one in told.items()} if isinstance(told, dict) else told


def written() -> str:
    """The reference as it is now, a line for each input, so that a change of one is a change of one line."""
    sorts = []
    for sort, make in SORTS.items():
        lines = [f"{json.dumps(name)}: {json.dumps(one, ensure_ascii=False)}" for name, one in make()]
        sorts.append(f"{json.dumps(sort)}: {{\n" + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(sorts) + "\n}\n"


if __name__ == "__main__":
    REFERENCE.write_text(written(), encoding="utf-8")
