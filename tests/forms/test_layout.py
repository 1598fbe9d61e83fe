"""The geometry: one source for what is drawn and for what is read."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from forms.catalogue import current_forms, form_by_code
from forms.form import Field, Form, Section
from forms.kinds import Text, Tick
from forms.layout import (
    CONTENT_BOTTOM,
    CONTENT_TOP,
    MARGIN,
    PAGE_WIDTH,
    code_box,
    corner_marks,
    layout,
)
from forms.submission import Box
from forms.typesetting import BOLD, REGULAR, text_width, wrap

FORMS = pytest.mark.parametrize("form", current_forms(), ids=lambda form: form.code)
MILLIMETRE = 72 / 25.4


def overlap(one: Box, other: Box) -> bool:
    slack = 0.01  # neighbours in a comb share an edge
    return (
        one[0] < other[2] - slack
        and other[0] < one[2] - slack
        and one[1] < other[3] - slack
        and other[1] < one[3] - slack
    )


@FORMS
def test_every_field_has_its_boxes_within_the_page(form: Form) -> None:
    placed = layout(form)
    assert placed.pages == 1
    assert [item.field.name for item in placed.fields] == [n for s in form.sections for row in s.rows for n in row]
    for item in placed.fields:
        assert len(item.boxes) == (item.field.kind.length if item.field.kind.widget == "comb" else 1)
        for x0, top, x1, bottom in item.boxes:
            assert MARGIN - 0.01 <= x0 < x1 <= PAGE_WIDTH - MARGIN + 0.01
            assert CONTENT_TOP < top < bottom <= CONTENT_BOTTOM


@FORMS
def test_no_two_boxes_overlap_and_marks_stand_free(form: Form) -> None:
    boxes = [box for item in layout(form).fields for box in item.boxes] + [*corner_marks(), code_box()]
    assert not [pair for pair in combinations(boxes, 2) if overlap(*pair)]


@FORMS
def test_comb_cells_are_at_least_five_millimetres_wide(form: Form) -> None:
    cells = [box for item in layout(form).fields if item.field.kind.widget == "comb" for box in item.boxes]
    assert min(x1 - x0 for x0, _, x1, _ in cells) >= 5 * MILLIMETRE


@FORMS
def test_labels_fit_beside_each_other_and_above_their_boxes(form: Form) -> None:
    for item in layout(form).fields:
        x, top = item.label_at
        if item.field.kind.widget == "tick":
            continue
        assert top < item.boxes[0][1]
        for line in item.label:
            width = text_width(line, BOLD, 9)
            following = [
                o.label_at[0] for o in layout(form).fields if o.label_at[0] > x and o.boxes[0][1] == item.boxes[0][1]
            ]
            assert x + width < min(following, default=PAGE_WIDTH - MARGIN)


def test_a_row_that_is_too_wide_is_refused_with_its_name() -> None:
    form = form_by_code("einvoice_withdrawal")
    wide = Section("", (("name", "street"),))
    rest = Section("", tuple((f.name,) for f in form.fields if f.name not in {"name", "street"}))
    with pytest.raises(ValueError, match="street is wider than 34 columns"):
        layout(replace(form, sections=(wide, rest)))


def test_more_than_a_page_is_refused_with_what_is_missing() -> None:
    fields = tuple(Field(f"line_{n}", Text(34), "Wiersz") for n in range(30))
    form = replace(
        form_by_code("einvoice_withdrawal"), fields=fields, sections=(Section("", tuple((f.name,) for f in fields)),)
    )
    with pytest.raises(ValueError, match="more than the page has"):
        layout(form)


def test_long_texts_push_the_fields_down_instead_of_covering_them() -> None:
    form = form_by_code("einvoice_withdrawal")
    long = "Zdanie, które mówi o formularzu trochę więcej, niż trzeba. " * 5
    fields = tuple(replace(f, help=long[:117]) if f.name == "house" else f for f in form.fields)
    roomy = replace(form, intro=long, fields=fields)
    assert layout(roomy)["customer_no"].boxes[0][1] > layout(form)["customer_no"].boxes[0][1]
    house = layout(roomy)["house"]
    assert len(house.help) > 3
    assert house.label_at[1] > layout(roomy)["name"].bounds[3]


def test_a_long_tick_text_runs_over_lines_and_keeps_its_neighbours_away() -> None:
    form = form_by_code("einvoice_withdrawal")
    ticks = (
        Field("first", Tick(), "Zgadzam się na wszystko, co tu napisano, i na resztę. " * 4),
        Field("second", Tick(), "B"),
    )
    section = Section("Zgody", (("first",), ("second",)))
    placed = layout(replace(form, fields=(*form.fields, *ticks), sections=(*form.sections, section)))
    assert len(placed["first"].label) >= 2
    assert placed["second"].boxes[0][1] >= placed["first"].label_at[1] + 12 * len(placed["first"].label)


def test_lines_break_within_the_width_and_never_after_a_one_letter_word() -> None:
    text = "Faktury z wodą i ściekami w Kostrzynie przychodzą o czasie a nie za późno " * 3
    lines = wrap(text, REGULAR, 9, 120)
    assert " ".join(lines) == text.strip()
    assert all(text_width(line, REGULAR, 9) <= 120 for line in lines)
    assert not [line for line in lines[:-1] if len(line.split()[-1]) == 1]
