"""What the data and letters of a file say of the fields of a form, by where they stand on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pytest

from forms.blank import draw_blank
from forms.catalogue import form_by_code
from forms.kinds import Parsed
from forms.layout import layout
from forms.submission import Box, Source
from ocr.alignment.sheet import READING_DPI, Sheet
from ocr.fields.witnesses import Statement, lettered_ticks, noted_fields, photographed, statements
from ocr.files.page import Glyph, Page, Widget
from tests.ocr.sheets import drawn, sheet_of

_FORM: Final = form_by_code("einvoice_acceptance")
_FIELDS: Final = layout(_FORM)
_SCALE: Final = READING_DPI / 72
_BLANK: Final = drawn(draw_blank(_FORM))
_WIDE, _HIGH = 6.0, 9.0
"""Points of a letter."""


def _sheet() -> Sheet:
    return sheet_of(_BLANK, _FORM)


def _on_picture(box: Box) -> Box:
    x0, top, x1, bottom = (edge * _SCALE for edge in box)
    return x0, top, x1, bottom


def _page(
    glyphs: Sequence[Glyph] = (), widgets: Sequence[Widget] = (), notes: Sequence[Box] = (), *, digital: bool = True
) -> Page:
    return Page(
        1, _BLANK, digital=digital, glyphs=tuple(glyphs), widgets=tuple(widgets), notes=tuple(map(_on_picture, notes))
    )


def _letter(text: str, across: float, down: float, wide: float = _WIDE, high: float = _HIGH) -> Glyph:
    """A letter by its middle in form points."""
    return Glyph(text, _on_picture((across - wide / 2, down - high / 2, across + wide / 2, down + high / 2)))


def _in_cells(name: str, text: str, first: int = 0, row: int = 0, off: float = 0.0) -> list[Glyph]:
    boxes = _FIELDS[name].rows[row][first:]
    return [
        _letter(sign, (box[0] + box[2]) / 2 + off, (box[1] + box[3]) / 2)
        for sign, box in zip(text, boxes, strict=False)
        if sign.strip()
    ]


def _running(name: str, *words: str, gap: float = 3.0, row: int = 0) -> list[Glyph]:
    """Letters close behind each other; between words a gap in points and no sign for it."""
    x0, top, _, bottom = _FIELDS[name].rows[row][0]
    found, at = [], x0 + 1 + _WIDE / 2
    for word in words:
        for sign in word:
            found.append(_letter(sign, at, (top + bottom) / 2))
            at += _WIDE
        at += gap
    return found


def _typed(*glyphs: Glyph) -> dict[str, Statement]:
    return statements(_page(glyphs), _sheet())


def _widget(name: str, value: str | bool | None, *, shown: bool = True) -> Widget:
    return Widget(_on_picture(_FIELDS[name].bounds), value, shown)


def _filled(*widgets: Widget, glyphs: Sequence[Glyph] = ()) -> dict[str, Statement]:
    return statements(_page(glyphs, widgets), _sheet())


def test_a_letter_in_each_cell_is_a_value_with_its_gaps() -> None:
    told = _typed(*_in_cells("street", "LEŚNA 1"), *_in_cells("pesel", "95012312345"))
    assert told["street"].value == "LEŚNA 1"
    assert told["street"].source is Source.TEXT
    assert told["street"].raw == "LEŚNA 1".ljust(22)
    assert told["pesel"].raw == "95012312345"
    assert set(told) == {"street", "pesel"}


def test_rows_of_full_cells_are_one_text_and_rows_of_running_words_are_parted() -> None:
    whole = _typed(*_in_cells("email", "anna.maria.nowakowsk"), *_in_cells("email", "a@example.com", row=1))
    assert whole["email"].value == "anna.maria.nowakowska@example.com"
    parted = _typed(*_running("name", "MIEJSKI", "ZAKŁAD"), *_running("name", "ZIELENI", row=1))
    assert parted["name"].value == "MIEJSKI ZAKŁAD ZIELENI"


@pytest.mark.parametrize(("gap", "value"), [(1.0, "LEŚNAPOLNA"), (3.0, "LEŚNA POLNA"), (30.0, "LEŚNA POLNA")])
def test_a_gap_between_running_letters_is_one_space_where_it_is_wide_enough(gap: float, value: str) -> None:
    assert _typed(*_running("street", "LEŚNA", "POLNA", gap=gap))["street"].value == value


def test_a_space_that_is_written_is_not_doubled_by_the_gap_beside_it() -> None:
    letters = _running("street", "LEŚNA", "POLNA", gap=8)
    x0, top, _, bottom = _FIELDS["street"].bounds
    space = _letter(" ", x0 + 1 + 5.5 * _WIDE, (top + bottom) / 2)
    assert _typed(*letters, space)["street"].raw == "LEŚNA POLNA"


def test_letters_that_are_given_in_another_order_are_read_from_left_to_right() -> None:
    assert _typed(*reversed(_running("street", "LEŚNA")))["street"].value == "LEŚNA"
    assert _typed(*reversed(_in_cells("street", "LEŚNA")))["street"].value == "LEŚNA"


def test_letters_far_from_the_middles_of_their_cells_are_running_text() -> None:
    """Else two words of one letter each would be torn into cells."""
    near = _typed(*_in_cells("street", "A B", off=3.0))
    assert near["street"].raw == "A B".ljust(22)
    assert _typed(*_in_cells("street", "AB", off=5.0))["street"].raw == "A B"


@pytest.mark.parametrize(
    ("across", "down", "taken"),
    [(-1.5, 10, True), (-2.5, 10, False), (331.5, 10, True), (332.5, 10, False), (9, -1, False), (9, 22, False)],
)
def test_a_letter_belongs_to_a_field_by_its_middle_and_a_little_beyond_the_ends_of_the_row(
    across: float, down: float, taken: bool
) -> None:
    x0, top, _, _ = _FIELDS["street"].bounds
    assert ("street" in _typed(_letter("L", x0 + across, top + down))) is taken


def test_a_separator_counts_where_it_was_typed_and_not_where_the_blank_prints_it() -> None:
    first, second = (_FIELDS["postcode"].groups[at] for at in (0, 1))
    down = (first[0][1] + first[0][3]) / 2
    printed = _letter("-", (first[-1][2] + second[0][0]) / 2, down)
    assert _typed(printed) == {}
    assert _typed(*_in_cells("postcode", "66470"), printed)["postcode"].raw == "66470"
    assert _typed(*_running("postcode", "66-470"))["postcode"].value == "66-470"


def test_letters_that_are_drawn_twice_in_one_place_are_one_and_double_letters_are_two() -> None:
    once = _running("street", "MŁYŃSKA")
    x0, top, _, bottom = _FIELDS["street"].bounds
    again = [Glyph(each.text, (each.box[0] + 0.5 * _SCALE, *each.box[1:])) for each in once]
    assert _typed(*once, *again)["street"].raw == "MŁYŃSKA"
    narrow = [_letter("l", x0 + 4 + 1.5 * at, (top + bottom) / 2, wide=1.4) for at in range(2)]
    assert _typed(*narrow)["street"].raw == "ll"
    above = [_letter("l", x0 + 4, (top + bottom) / 2 + off) for off in (-2, 2)]
    assert _typed(*above)["street"].raw == "ll"


@pytest.mark.parametrize(
    ("text", "parted"), [("anna@example.com", False), ("anna@example.com stary", True), (" anna@example.com ", False)]
)
def test_a_statement_tells_whether_it_is_in_several_pieces(text: str, parted: bool) -> None:
    assert _filled(_widget("email", text))["email"].parted is parted
    assert _typed(*_running("email", *text.split(), gap=6))["email"].parted is parted


def test_a_form_field_goes_before_the_letters_that_show_it() -> None:
    letters = _running("street", "POLNA")
    told = _filled(_widget("street", "Leśna"), glyphs=letters)["street"]
    assert (told.source, told.value, told.raw) == (Source.ACROFORM, "Leśna", "Leśna")
    typed_over = _filled(_widget("street", None), glyphs=letters)["street"]
    assert (typed_over.source, typed_over.value) == (Source.TEXT, "POLNA")


def test_an_empty_form_field_says_that_the_field_is_empty() -> None:
    assert _filled(_widget("street", None)) == {"street": Statement(Source.ACROFORM, (Parsed(None),))}
    assert _filled(_widget("accept_terms", False))["accept_terms"].value is False


def test_form_fields_that_contradict_each_other_say_nothing_of_a_field_that_is_filled_in() -> None:
    for one, other in (("Leśna", "Polna"), ("Leśna", None)):
        told = _filled(_widget("street", one), _widget("street", other))["street"]
        assert (told.source, told.readings, told.value) == (Source.ACROFORM, (), None)
    assert _filled(_widget("street", "Leśna"), _widget("street", "Leśna"))["street"].value == "Leśna"
    assert _filled(_widget("accept_terms", None))["accept_terms"].readings == ()


def test_a_form_field_belongs_to_the_field_on_whose_cells_its_middle_stands() -> None:
    x0, top, x1, bottom = _FIELDS["street"].bounds
    wide = Widget(_on_picture((x0 - 20, top - 15, x1 + 20, bottom + 15)), "Leśna")
    assert set(_filled(wide)) == {"street"}
    beside = Widget(_on_picture((x0, top - 40, x1, bottom - 25)), "Leśna")
    assert _filled(beside) == {}


def test_a_text_in_the_bytes_of_another_encoding_is_one_of_what_may_be_meant() -> None:
    for shown in ("ŻÓŁTA".encode().decode("latin-1"), "ŻÓŁTA".encode("cp1250").decode("cp1252")):
        told = _filled(_widget("street", shown))["street"]
        assert "ŻÓŁTA" in [each.value for each in told.readings]
        assert told.raw == shown
        assert told.value == told.readings[0].value
    assert len(_filled(_widget("street", "LESNA"))["street"].readings) == 1
    assert _filled(_widget("street", "ŻÓŁTA"))["street"].value == "ŻÓŁTA"


@pytest.mark.parametrize("text", ["L(cid:12)NA", "L\ufffdNA", "L\ue000NA", "L\uf8ffNA"])
def test_letters_of_a_font_without_a_map_are_told_as_they_are_and_stand_for_nothing(text: str) -> None:
    assert _filled(_widget("street", text))["street"] == Statement(Source.ACROFORM, (), text)


def test_letters_in_the_box_of_a_tick_are_told_and_crosses_and_letters_beside_it_are_not() -> None:
    x0, top, x1, bottom = _FIELDS["accept_terms"].bounds
    middle, down = (x0 + x1) / 2, (top + bottom) / 2
    told = {sign: lettered_ticks(_page([_letter(sign, middle, down)]), _sheet()) for sign in ("N", "0", "x", "✓", " ")}
    assert {sign for sign, names in told.items() if names == {"accept_terms"}} == {"N", "0"}
    assert {sign for sign, names in told.items() if not names} == {"x", "✓", " "}
    for away in (_letter("N", x1 + 4, down), _letter("N", middle, bottom + 4), _letter("N", x0 - 1.5, down)):
        assert lettered_ticks(_page([away]), _sheet()) == frozenset()
    assert lettered_ticks(_page([_letter("N", x0 + 0.5, down)]), _sheet()) == {"accept_terms"}


def _beside(name: str, across: float, down: float) -> Box:
    """A small box that ends so far in front of a field and above it; negative numbers are within it."""
    x0, top, _, _ = _FIELDS[name].bounds
    return x0 - across - 4, top - down - 4, x0 - across, top - down


def _behind(name: str, across: float, down: float) -> Box:
    _, _, x1, bottom = _FIELDS[name].bounds
    return x1 + across, bottom + down, x1 + across + 4, bottom + down + 4


@pytest.mark.parametrize("place", [_beside, _behind])
@pytest.mark.parametrize(
    ("across", "down", "noted"), [(5, -8, True), (7, -8, False), (-9, 11, True), (-9, 13, False), (5, 11, True)]
)
def test_a_note_is_meant_for_a_field_that_is_near(place: object, across: float, down: float, noted: bool) -> None:
    assert callable(place)
    assert ("nip" in noted_fields(_page(notes=[place("nip", across, down)]), _sheet())) is noted


def test_letters_of_a_stamps_size_are_a_note_and_those_of_a_value_are_none() -> None:
    x0, top, _, bottom = _FIELDS["name"].bounds
    small, large = (_letter("A", x0 + 40, (top + bottom) / 2, 14, high) for high in (20, 28))
    assert noted_fields(_page([small]), _sheet()) == frozenset()
    assert "name" in noted_fields(_page([large]), _sheet())


def test_two_form_fields_that_are_shown_in_one_place_are_a_note_and_one_that_is_hidden_is_none() -> None:
    two = [_widget("street", "Leśna"), _widget("street", "Leśna")]
    assert noted_fields(_page(widgets=two), _sheet()) == {"street"}
    hidden = [_widget("street", "Leśna"), _widget("street", "Leśna", shown=False)]
    assert noted_fields(_page(widgets=hidden), _sheet()) == frozenset()
    *_, x1, bottom = _FIELDS["street"].bounds
    touching = Widget(_on_picture((x1 - 30, bottom - 3, x1 + 60, bottom + 20)), "x")
    assert noted_fields(_page(widgets=[two[0], touching]), _sheet()) == frozenset()


def test_a_page_is_a_photograph_of_paper_if_most_of_the_forms_print_goes_with_the_photographs() -> None:
    white, faint = np.full_like(_BLANK, 255), _BLANK.copy()
    faint[: _BLANK.shape[0] // 8] = 255
    assert photographed(Page(1, _BLANK, digital=True, bare=white), _sheet())
    assert not photographed(Page(1, _BLANK, digital=True, bare=faint), _sheet())
    assert not photographed(Page(1, _BLANK, digital=True), _sheet())
    assert photographed(Page(1, _BLANK), _sheet())
