"""What becomes of a field when its picture and the data of the file agree, differ, or one of them is silent."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal

import cv2
import numpy as np
import pytest
from reportlab.pdfgen.canvas import Canvas

from forms.blank import draw_blank
from forms.catalogue import form_by_code
from forms.kinds import Value
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, layout
from forms.submission import FieldValue, Source
from ocr.alignment.sheet import READING_DPI
from ocr.fields.ticks import DOUBT_TICK
from ocr.fields.visibility import DOUBT_ALL_EMPTY, DOUBT_COVERED
from ocr.files.page import Glyph, Page, Widget
from ocr.handprint.page import HandReader
from ocr.installation import installation
from ocr.machine_print.plausibility import DOUBT_NUMBER
from ocr.machine_print.printed import DOUBT_CUT_OFF
from ocr.page_reading import (
    DOUBT_INK,
    DOUBT_MORE,
    DOUBT_NOTE,
    DOUBT_OTHER,
    DOUBT_OVER,
    DOUBT_PARTED,
    DOUBT_UNSEEN,
    PageReading,
    read_page,
)
from specimens.paper import Picture, PrintStyle, handwrite_form, inked, print_form
from specimens.people import invented_customers, values_for
from tests.ocr.sheets import drawn, sheet_of

_FORM: Final = form_by_code("einvoice_acceptance")
_FIELDS: Final = layout(_FORM)
_SCALE: Final = READING_DPI / 72
_VALUES: Final[dict[str, Value]] = {
    **dict.fromkeys(item.field.name for item in _FIELDS.fields),
    **{"customer_no": "53946464", "house": "12", "email": "anna.maj@wp.pl", "accept_terms": True, "signature": False},
}
_BLANK: Final = drawn(draw_blank(_FORM))
_TYPED: Final = drawn(print_form(_FORM, _VALUES, PrintStyle(spread="run")))


def _widget(name: str, value: str | bool | None) -> Widget:
    x0, top, x1, bottom = (edge * _SCALE for edge in _FIELDS[name].bounds)
    return Widget((x0, top, x1, bottom), value)


def _read(picture: Picture, *widgets: Widget, **page: Any) -> PageReading:
    whole = Page(7, picture, widgets=widgets, **{"digital": True, **page})
    return read_page(whole, sheet_of(picture, _FORM).alignment, HandReader(None, None, None))


def _field(name: str, said: str | bool | None, picture: Picture = _TYPED, **page: Any) -> FieldValue:
    return _read(picture, _widget(name, said), **page).fields[name]


def test_a_value_that_the_file_says_and_the_picture_shows_is_trusted_as_the_files() -> None:
    found = _field("email", "Anna.Maj@wp.pl")
    assert (found.value, found.source, found.trusted, found.doubt) == ("anna.maj@wp.pl", Source.ACROFORM, True, None)
    assert found.confidence > 0.995
    assert found.page == 7, "pages are those of the file"


def test_a_value_that_the_picture_shows_otherwise_is_for_an_eye_whatever_the_file_says() -> None:
    found = _field("email", "jan.nowak@wp.pl")
    assert (found.value, found.trusted, found.by_eye, found.doubt) == ("anna.maj@wp.pl", False, True, DOUBT_OTHER)
    assert found.confidence < 0.5


def test_a_value_that_the_picture_does_not_show_is_proposed_and_never_trusted() -> None:
    found = _field("email", "anna.maj@wp.pl", _BLANK)
    assert (found.value, found.raw, found.source) == ("anna.maj@wp.pl", "anna.maj@wp.pl", Source.ACROFORM)
    assert (found.trusted, found.by_eye, found.doubt) == (False, True, DOUBT_UNSEEN)


def test_ink_in_a_field_that_is_empty_by_the_file_is_for_an_eye() -> None:
    found = _field("email", None)
    assert (found.value, found.trusted, found.by_eye, found.doubt) == ("anna.maj@wp.pl", False, True, DOUBT_INK)


def test_a_field_that_is_empty_by_the_file_and_on_the_picture_is_empty_for_sure() -> None:
    found = _field("email", None, _BLANK)
    assert (found.value, found.trusted, found.source) == (None, True, Source.ACROFORM)


def test_a_file_that_contradicts_itself_leaves_the_picture_to_judge() -> None:
    read = _read(_TYPED, _widget("email", "anna.maj@wp.pl"), _widget("email", "jan.nowak@wp.pl"))
    seen = _read(_TYPED).fields["email"]
    assert read.fields["email"].value == seen.value
    assert read.fields["email"].source is Source.PRINT


@pytest.mark.parametrize(("said", "doubt"), [(True, None), (False, DOUBT_OTHER), (None, DOUBT_OTHER)])
def test_a_tick_that_the_file_denies_is_for_an_eye_and_stays_as_it_is_seen(said: bool | None, doubt: str) -> None:
    found = _field("accept_terms", said)
    assert (found.value, found.trusted, found.doubt) == (True, doubt is None, doubt)
    assert found.by_eye is (doubt is not None)


@pytest.mark.parametrize(
    ("widgets", "page", "source"),
    [
        ((_widget("email", "anna.maj@wp.pl"),), {}, "acroform"),
        ((_widget("email", None),), {}, "text"),
        ((), {}, "text"),
        ((_widget("email", "anna.maj@wp.pl"),), {"digital": False}, "scan"),
    ],
)
def test_a_page_is_known_by_what_it_was_read_from(
    widgets: tuple[Widget, ...], page: dict[str, Any], source: str
) -> None:
    read = _read(_TYPED, *widgets, **page)
    assert (read.source, read.form, read.form_page) == (source, _FORM, 1)
    assert list(read.fields) == [item.field.name for item in _FIELDS.fields]


def test_on_a_photograph_of_paper_the_file_is_not_asked() -> None:
    found = _field("email", "jan.nowak@wp.pl", digital=False)
    assert (found.value, found.source) == ("anna.maj@wp.pl", Source.PRINT)


def test_a_photograph_on_which_no_comb_holds_anything_is_doubted_and_a_drawn_blank_is_none() -> None:
    paper, drawing = _read(_BLANK, digital=False).fields, _read(_BLANK).fields
    assert {name for name, one in paper.items() if one.doubt == DOUBT_ALL_EMPTY} == {
        item.field.name for item in _FIELDS.fields if item.field.kind.widget == "comb"
    }
    assert [name for name, one in drawing.items() if not one.trusted] == []


def _covered(name: str) -> Picture:
    """With a field under a white patch as large as a sticker."""
    x0, top, x1, bottom = (round(edge * _SCALE) for edge in _FIELDS[name].bounds)
    covered = _TYPED.copy()
    covered[top - 8 : bottom + 8, x0 - 8 : x1 + 8] = 255
    return covered


def test_a_field_of_paper_that_is_covered_is_for_an_eye() -> None:
    found = _read(_covered("street"), digital=False).fields
    assert (found["street"].doubt, found["street"].by_eye) == (DOUBT_COVERED, True)
    assert found["email"].doubt != DOUBT_COVERED


def _note(name: str) -> tuple[float, float, float, float]:
    x0, top, x1, bottom = (edge * _SCALE for edge in _FIELDS[name].bounds)
    return x0, top, x1, bottom


def test_a_note_makes_the_value_under_it_doubtful_and_a_signature_may_be_one() -> None:
    noted = _read(_TYPED, _widget("email", "anna.maj@wp.pl"), notes=(_note("email"), _note("signature"))).fields
    assert (noted["email"].doubt, noted["email"].by_eye, noted["email"].trusted) == (DOUBT_NOTE, True, False)
    assert noted["signature"].doubt == DOUBT_NOTE, "nobody has signed there yet"
    signed = drawn(print_form(_FORM, {**_VALUES, "signature": True}))
    found = _read(signed, notes=(_note("signature"),)).fields["signature"]
    assert (found.value, found.doubt) == (True, None)


def test_a_note_on_a_value_that_is_doubted_already_leaves_the_words_of_that_doubt() -> None:
    picture = drawn(print_form(_FORM, {**_VALUES, "email": "anna.maj@wp.pl stary"}, PrintStyle(spread="run", size=10)))
    found = _field("email", "anna.maj@wp.pl stary", picture, notes=(_note("email"),))
    assert found.doubt not in (None, DOUBT_NOTE)
    assert found.by_eye


def _slash(picture: Picture, name: str, across: float) -> Picture:
    """With a stroke so many points beside the box of a tick."""
    x0, top, _, bottom = (round(edge * _SCALE) for edge in _FIELDS[name].boxes[0])
    marked = picture.copy()
    for step in range(8, bottom - top - 8):
        at = x0 + round(across * _SCALE) + step
        marked[top + step, at - 1 : at + 2] = 0
    return marked


def test_a_line_over_a_typed_value_is_for_an_eye_however_well_the_value_is_read() -> None:
    x0, top, _, bottom = (round(edge * _SCALE) for edge in _FIELDS["email"].rows[0][0])
    struck = _TYPED.copy()
    struck[(top + bottom) // 2, x0 : x0 + 250] = 0
    found = _field("email", "anna.maj@wp.pl", struck, lettering=_TYPED)
    assert (found.trusted, found.by_eye) == (False, True)
    assert _field("email", "anna.maj@wp.pl", lettering=_TYPED).trusted
    thin = _TYPED.copy()
    thin[top + 12, x0 : x0 + 250] = np.minimum(thin[top + 12, x0 : x0 + 250], 225)
    assert _field("email", "anna.maj@wp.pl", thin, lettering=_TYPED).doubt == DOUBT_OVER


def test_a_mark_beside_a_tick_that_is_not_set_is_a_question_and_beside_one_that_is_set_it_is_the_same_tick() -> None:
    empty = drawn(print_form(_FORM, {**_VALUES, "accept_terms": False}))
    marked = _read(_slash(empty, "accept_terms", -11)).fields["accept_terms"]
    assert (marked.value, marked.trusted, marked.by_eye) == (False, False, True)
    assert _read(_TYPED).fields["accept_terms"].trusted


def test_letters_in_the_box_of_a_tick_are_a_question() -> None:
    x0, top, x1, bottom = _note("accept_terms")
    letters = (Glyph("NIE", (x0 + 6, top + 6, x1 - 6, bottom - 6)),)
    found = _read(_TYPED, glyphs=letters).fields["accept_terms"]
    assert (found.doubt, found.by_eye) == (DOUBT_TICK, True)


def test_a_word_beside_an_address_makes_it_doubtful_by_the_file_and_by_the_picture() -> None:
    parted = {**_VALUES, "email": "anna.maj@wp.pl stary"}
    picture = drawn(print_form(_FORM, parted, PrintStyle(spread="run", size=10)))
    assert not _field("email", "anna.maj@wp.pl stary", picture).trusted
    assert not _read(picture).fields["email"].trusted
    spread = _field("email", "anna.maj@ wp.pl")
    assert (spread.doubt, spread.by_eye) == (DOUBT_PARTED, False), "the register may know the address"


def _with_signs(
    spread: Literal["comb", "run"], cells: Mapping[int, str], field: str = "email", **values: Value
) -> Picture:
    """Values, and signs that stand by themselves in cells of a field."""
    over = io.BytesIO()
    canvas = Canvas(over, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1)
    for cell, sign in cells.items():
        x0, _, _, bottom = _FIELDS[field].boxes[cell]
        canvas.drawString(x0 + 4, PAGE_HEIGHT - bottom + 6, sign)
    canvas.save()
    return drawn(inked(print_form(_FORM, {**_VALUES, **values}, PrintStyle(spread=spread)), over.getvalue()))


@pytest.mark.parametrize("spread", ["comb", "run"])
def test_an_address_that_goes_on_in_the_next_row_though_its_own_has_room_is_in_several_pieces(
    spread: Literal["comb", "run"],
) -> None:
    picture = _with_signs(spread, dict(enumerate("com", 20)))
    assert not _field("email", "anna.maj@wp.plcom", picture).trusted
    found = _read(picture).fields["email"]
    assert (found.trusted, found.by_eye) == (False, False)
    assert spread == "comb" or found.doubt == DOUBT_PARTED


@pytest.mark.parametrize(
    ("spread", "cell", "sign"),
    [("comb", 16, "?"), ("comb", 19, "!"), ("comb", 24, "?"), ("run", 24, "?"), ("run", 39, "x"), ("run", 39, "?")],
)
def test_a_sign_behind_an_address_is_for_an_eye_though_the_register_may_know_what_was_read(
    spread: Literal["comb", "run"], cell: int, sign: str
) -> None:
    found = _read(_with_signs(spread, {cell: sign})).fields["email"]
    assert (found.trusted, found.by_eye or found.value != "anna.maj@wp.pl") == (False, True)


@pytest.mark.parametrize(("field", "cell"), [("email", 19), ("email", 30), ("name", 20), ("town", 20)])
def test_a_sign_by_pen_that_stands_far_behind_what_is_written_is_for_an_eye(field: str, cell: int) -> None:
    x0, top, x1, bottom = (round(edge * _SCALE) for edge in _FIELDS[field].boxes[cell])
    picture = drawn(handwrite_form(_FORM, {**_VALUES, "name": "Anna Maj", "town": "Witnica"}))
    cv2.line(picture, (x0 + 15, top + 15), (x1 - 15, bottom - 15), 0, 4)
    cv2.line(picture, (x1 - 15, top + 15), (x0 + 15, bottom - 15), 0, 4)
    page = Page(7, picture, digital=False)
    reader = HandReader(installation(), None, date(2026, 11, 23))
    found = read_page(page, sheet_of(picture, _FORM).alignment, reader).fields[field]
    assert (found.source, found.trusted, found.by_eye) == (Source.HANDPRINT, False, True)


def test_a_sign_alone_in_the_second_row_of_a_name_is_for_an_eye_and_a_hair_is_not() -> None:
    sign = _with_signs("run", {36: "?"}, "name", name="Anna Maj")
    assert (_read(sign).fields["name"].trusted, _read(sign).fields["name"].doubt) == (False, DOUBT_MORE)
    hair = drawn(print_form(_FORM, {**_VALUES, "name": "Anna Maj"}, PrintStyle(spread="run")))
    x0, top, _, bottom = (round(edge * _SCALE) for edge in _FIELDS["name"].boxes[36])
    hair[top + 12 : bottom - 12, x0 + 20 : x0 + 23] = 0
    assert _read(hair).fields["name"].trusted


def test_an_address_that_goes_on_in_the_next_row_from_the_end_of_its_own_is_whole() -> None:
    address = "anna.maria.jablonska@poczta.example.com"
    found = _read(drawn(print_form(_FORM, {**_VALUES, "email": address}))).fields["email"]
    assert (found.value, found.trusted) == (address, True)


@pytest.mark.parametrize(("domain", "doubt"), [("zaklad.com", DOUBT_CUT_OFF), ("gmail.com", None)])
def test_an_address_that_fills_its_comb_may_go_on_unless_it_ends_as_most_do(domain: str, doubt: str | None) -> None:
    address = f"{'anna.maria.nowak' * 3}"[: len(_FIELDS["email"].boxes) - len(domain) - 1] + f"@{domain}"
    picture = drawn(print_form(_FORM, {**_VALUES, "email": address}))
    found = _read(picture).fields["email"]
    assert (found.value, found.doubt, found.trusted) == (address, doubt, doubt is None)


def test_values_of_an_invented_customer_are_all_trusted_where_the_file_says_what_is_seen() -> None:
    customer = invented_customers(1, 11)[0]
    values = {**values_for(_FORM, customer, 11, date(2025, 6, 30)), "signature": False}
    picture = drawn(print_form(_FORM, values, PrintStyle(spread="run")))
    shown = [
        _widget(item.field.name, value if isinstance(value, bool) else item.field.kind.display(value))
        for item in _FIELDS.fields
        if (value := values[item.field.name]) is not None and item.field.kind.widget != "signature"
    ]
    found = _read(picture, *shown).fields
    assert {name: found[name].value for name in values} == values
    assert [name for name, one in found.items() if not one.trusted] == []


def test_a_value_that_is_read_well_and_yet_strange_is_doubted_where_it_stands() -> None:
    picture = drawn(print_form(_FORM, {**_VALUES, "house": "1284"}, PrintStyle(spread="run")))
    found = _read(picture).fields["house"]
    assert (found.value, found.trusted, found.doubt) == ("1284", False, DOUBT_NUMBER)
    assert found.box == _FIELDS["house"].bounds
    assert found.confidence < 0.75
