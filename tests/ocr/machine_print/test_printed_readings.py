"""Printed fields of a page read by the real engine: how often each is read, from what, and which reading it keeps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from forms.catalogue import form_by_code
from forms.kinds import DIGITS, EMAIL_ALPHABET, Value
from forms.layout import layout
from ocr.alignment.sheet import Sheet
from ocr.files.page import GrayImage
from ocr.machine_print import printed
from ocr.machine_print.printed import DOUBT_SPLIT
from ocr.segmentation.combs import Comb
from ocr.tesseract.line_reading import LineReading, LineRecogniser
from ocr.tesseract.lines import line_recogniser
from ocr.typeset.glyphs import CLASSES
from ocr.typeset.shapes import Shapes
from specimens.paper import print_form
from tests.ocr.sheets import combs_of, drawn, item_of, sheet_of

FORM = form_by_code("ebok_signup")


class Asked:
    """The real engine, and what it was asked; the readings of a pass may be spoilt."""

    def __init__(self, engine: LineRecogniser, spoilt: dict[int, str]) -> None:
        self.engine, self.spoilt, self.calls = engine, spoilt, list[tuple[str, str, int]]()
        self.heights: list[int] = []

    def read(self, lines: Sequence[GrayImage], language: str, alphabet: str = "") -> list[LineReading]:
        found = self.engine.read(lines, language, alphabet)
        turn = sum(call[:1] == (language,) and call[2] == len(lines) for call in self.calls)
        self.calls.append((language, alphabet, len(lines)))
        self.heights += [len(line) for line in lines]
        return [LineReading(self.spoilt.get(turn, one.text), one.confidence) for one in found]


PRINTED: dict[str, Value] = {"customer_no": "53946464", "house": "12", "email": "anna.maj@wp.pl", "town": "Rzepin"}


def page(values: dict[str, Value] = PRINTED) -> tuple[Sheet, dict[str, Comb]]:
    empty = dict.fromkeys(item.field.name for item in layout(FORM).fields)
    sheet = sheet_of(drawn(print_form(FORM, {**empty, **values, "signature": False})), FORM)
    return sheet, combs_of(sheet)


def asked(monkeypatch: pytest.MonkeyPatch, spoilt: dict[int, str] | None = None) -> Asked:
    """The engine watched, on a page whose letters touch: their shapes tell nothing."""
    watched = Asked(line_recogniser(), spoilt or {})
    monkeypatch.setattr(printed, "line_recogniser", lambda: watched)
    monkeypatch.setattr(printed, "shapes", lambda combs: dict.fromkeys(combs, Shapes(np.zeros((0, len(CLASSES))))))
    return watched


def test_a_printed_page_is_read_at_once_and_every_value_stands_in_its_own_field() -> None:
    sheet, combs = page()
    found = printed.read_printed(sheet, combs)
    assert {name: one.value for name, one in found.items()} == PRINTED
    assert {name for name, one in found.items() if one.trusted} == set(PRINTED)
    assert {name: one.box for name, one in found.items()} == {name: item_of(FORM, name).bounds for name in PRINTED}
    assert {one.page for one in found.values()} == {1}
    assert printed.read_printed(sheet, {}) == {}


def test_what_shapes_do_not_confirm_is_read_a_second_time_and_no_third_when_both_agree(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = asked(monkeypatch)
    found = printed.read_printed(*page())
    assert {name: (one.value, one.trusted) for name, one in found.items()} == {
        name: (value, True) for name, value in PRINTED.items()
    }
    alphabets = [call[1] for call in engine.calls]
    assert [call[2] for call in engine.calls] == [1, 1, 1, 1, 1, 2, 1], "each field twice, in as few calls as may be"
    assert alphabets.count(DIGITS) == 2
    assert alphabets.count(EMAIL_ALPHABET) == 1, "small letters alone, once they were seen"
    assert alphabets.count("") == 2, "a town, the second time with the number of a house"
    assert {call[0] for call in engine.calls if call[1] == DIGITS} == {FORM["customer_no"].kind.language}
    assert len(set(engine.heights)) > 1, "no two readings of one picture"


def test_a_third_reading_settles_what_the_second_contradicts(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = asked(monkeypatch, {1: "10000001"})
    found = printed.read_printed(*page({"customer_no": "53946464"}))["customer_no"]
    assert len(engine.calls) == 3
    assert (found.value, found.trusted, found.confidence) == ("53946464", True, 0.995)


def test_three_readings_that_differ_settle_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = asked(monkeypatch, {1: "10000001", 2: "10000002"})
    found = printed.read_printed(*page({"customer_no": "53946464"}))["customer_no"]
    assert (len(engine.calls), found.trusted, found.doubt) == (3, False, DOUBT_SPLIT)


def test_a_value_that_the_file_tells_needs_one_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = asked(monkeypatch)
    sheet, combs = page({"customer_no": "53946464"})
    found = printed.read_printed(sheet, combs, {"customer_no": ("53946464",)})["customer_no"]
    assert (len(engine.calls), found.value, found.confidence) == (1, "53946464", 0.998)
