"""What is decided of marks, signatures and stray ink stays what it was, from the palest pen to the blackest.

A threshold that moves by a little moves where doubt begins. Whoever moves one on purpose looks at the cases that
change and writes the reference anew with ``python -m tests.ocr.fields.test_marks_reference``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from forms.blank import draw_blank
from forms.catalogue import form_by_code
from forms.submission import FieldValue
from ocr.alignment.sheet import READING_DPI
from ocr.fields.signatures import read_signature
from ocr.fields.stray_ink import StrayInk
from ocr.fields.strikes import doubt_in_cells
from ocr.fields.ticks import read_tick
from ocr.fields.visibility import hidden_fields
from specimens.mishaps import Mishap, mark_up
from specimens.paper import Picture, handwrite_form
from specimens.people import invented_customers, values_for
from tests.ocr.sheets import combs_of, drawn, item_of, sheet_of

REFERENCE = Path(__file__).with_name("marks_reference.json")
FORM = form_by_code("ebok_signup")
BLANK = draw_blank(FORM)
BOXES = ("notify_sms", "notify_email", "accept_terms")
PENS = tuple((grey / 20, grey / 20, grey / 20) for grey in range(2, 20, 2))
COMBS = ("pesel", "name", "town", "email")


@cache
def _filled() -> bytes:
    values = values_for(FORM, invented_customers(1, seed=4)[0], 4, date(2026, 1, 12))
    return handwrite_form(FORM, values, 4)


def told(value: FieldValue) -> list[Any]:
    """All that is said of a field, as JSON keeps it."""
    box = None if value.box is None else [round(edge, 1) for edge in value.box]
    return [
        value.value,
        round(value.confidence, 2),
        value.trusted,
        value.source.value,
        value.page,
        box,
        value.raw,
        value.doubt,
    ]


def ticks() -> Iterator[tuple[str, Any]]:
    for sort in ("cross", "check", "filled", "circled", "line through", "blotted"):
        for pen in PENS:
            for width in (0.5, 1.25):
                page = drawn(mark_up(BLANK, FORM, {box: Mishap(sort, colour=pen, width=width) for box in BOXES}, 1))
                yield (
                    f"{sort} {pen[0]} {width}",
                    [told(read_tick(page, READING_DPI, item_of(FORM, box))) for box in BOXES],
                )


def signatures() -> Iterator[tuple[str, Any]]:
    for sort in ("signature", "line through", "signature beside"):
        for pen in PENS:
            for width in (0.5, 1.25):
                page = drawn(mark_up(BLANK, FORM, {"signature": Mishap(sort, colour=pen, width=width)}, 2))
                yield f"{sort} {pen[0]} {width}", told(read_signature(page, READING_DPI, item_of(FORM, "signature")))


def stray() -> Iterator[tuple[str, Any]]:
    for sort in ("beside", "above", "below", "in cells"):
        for pen in PENS:
            marked = {name: Mishap(sort, "6012", colour=pen) for name in ("pesel", "town", "email")}
            for what, pdf in (("blank", BLANK), ("filled", _filled())):
                yield f"{sort} {pen[0]} {what}", _doubts(drawn(mark_up(pdf, FORM, marked, 3)))


def struck() -> Iterator[tuple[str, Any]]:
    for pen in PENS:
        for width in (0.6, 1.25, 2.5):
            marked = {name: Mishap("struck", colour=pen, width=width) for name in COMBS}
            combs = combs_of(sheet_of(drawn(mark_up(_filled(), FORM, marked, 5)), FORM))
            yield f"{pen[0]} {width}", {name: doubt_in_cells(comb, by_hand=True) for name, comb in combs.items()}


def covered() -> Iterator[tuple[str, Any]]:
    plain = drawn(_filled())
    high, wide = plain.shape
    for name, (top, bottom, left, right) in {
        "nothing": (0, 0, 0, 0),
        "the lower half": (high // 2, high, 0, wide),
        "the right side": (0, high, wide * 3 // 4, wide),
        "a corner": (high * 2 // 3, high, wide * 2 // 3, wide),
        "a stripe": (high * 2 // 5, high * 2 // 5 + 60, 0, wide),
    }.items():
        for shade in (0, 200, 255):
            page = plain.copy()
            page[top:bottom, left:right] = shade
            yield f"{name} {shade}", sorted(hidden_fields(sheet_of(page, FORM)))


def _doubts(page: Picture) -> dict[str, str | None]:
    sheet = sheet_of(page, FORM)
    strays, combs = StrayInk(sheet), combs_of(sheet)
    return {item.field.name: strays.doubt(item, "x" if item.field.name in combs else None) for item in sheet.fields}


SORTS = {"ticks": ticks, "signatures": signatures, "stray": stray, "struck": struck, "covered": covered}


@pytest.mark.parametrize("sort", SORTS)
def test_what_is_decided_of_marks_is_what_it_was(sort: str) -> None:
    reference = json.loads(REFERENCE.read_text(encoding="utf-8"))[sort]
    found = json.loads(json.dumps(dict(SORTS[sort]())))
    changed = [name for name, one in found.items() if one != reference.get(name)]
    assert changed == []
    assert found.keys() == reference.keys()


def test_the_reference_has_cases_on_both_sides_of_every_doubt() -> None:
    reference = json.loads(REFERENCE.read_text(encoding="utf-8"))
    trusted = [one[2] for sort in ("ticks",) for row in reference[sort].values() for one in row]
    trusted += [row[2] for row in reference["signatures"].values()]
    assert {True, False} == set(trusted)
    for sort in ("stray", "struck"):
        doubts = [doubt for row in reference[sort].values() for doubt in row.values()]
        assert None in doubts and len(set(doubts)) > 1
    assert [] in reference["covered"].values() and any(reference["covered"].values())


if __name__ == "__main__":
    made = {sort: dict(make()) for sort, make in SORTS.items()}
    REFERENCE.write_text(json.dumps(made, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
