import io
from datetime import date

import numpy as np
import pikepdf
import pypdfium2
import pytest

from forms.blank import draw_blank
from forms.catalogue import form_by_code
from forms.layout import layout
from specimens.paper import (
    PLAIN,
    TYPEWRITER,
    PrintStyle,
    as_printed,
    handwrite_form,
    print_fillable,
    print_form,
    rasterise,
    varied_style,
)
from specimens.people import invented_customers, values_for

DPI = 100
FORM = form_by_code("ebok_signup")
CUSTOMER = invented_customers(1, seed=2)[0]
VALUES = values_for(FORM, CUSTOMER, 2, date(2025, 6, 30)) | {"email": "jozef.brzeczyszczykiewicz@poczta.onet.pl"}
EMPTY = rasterise(draw_blank(FORM), DPI)[0]


def ink(pdf, box, dpi=DPI):
    """Share of pixels in the box that are clearly darker than on the blank."""
    page = rasterise(pdf, dpi)[0].astype(int)
    x0, top, x1, bottom = (round(edge * dpi / 72) for edge in box)
    return float(np.mean(EMPTY[top:bottom, x0:x1].astype(int) - page[top:bottom, x0:x1] > 60))


@pytest.mark.parametrize("style", [PLAIN, TYPEWRITER, PrintStyle(face="bold", size=12.0)])
def test_one_character_stands_in_each_comb_cell_and_none_beyond(style):
    pdf = print_form(FORM, VALUES, style)
    cells = layout(FORM)["customer_no"].boxes
    assert all(ink(pdf, cell) > 0.02 for cell in cells)
    email = layout(FORM)["email"].boxes
    assert all(ink(pdf, cell) > 0.002 for cell in email[: len(VALUES["email"])])
    assert all(ink(pdf, cell) == 0 for cell in email[len(VALUES["email"]) :])


def test_what_is_printed_can_be_read_back_from_the_text_layer():
    pdf = print_form(FORM, VALUES, PrintStyle(spread="run"))
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_bounded()
    assert VALUES["name"] in text
    assert VALUES["email"] in text
    assert VALUES["customer_no"] in text


def test_capitals_are_expected_where_capitals_are_printed():
    expected = as_printed(FORM, VALUES | {"name": "Żaneta Źrebięca"}, TYPEWRITER)
    assert expected["name"] == "ŻANETA ŹREBIĘCA"
    assert expected["email"] == VALUES["email"]


@pytest.mark.parametrize("tick", ["cross", "check", "filled"])
def test_only_ticked_boxes_hold_ink(tick):
    values = VALUES | {"notify_sms": True, "notify_email": False}
    pdf = print_form(FORM, values, PrintStyle(tick=tick))
    assert ink(pdf, layout(FORM)["notify_sms"].bounds) > 0.04
    assert ink(pdf, layout(FORM)["notify_email"].bounds) == 0


@pytest.mark.parametrize("draw", [print_form, handwrite_form])
def test_a_signature_is_drawn_only_where_the_value_says_so(draw):
    box = layout(FORM)["signature"].bounds
    assert ink(draw(FORM, VALUES, seed=3), box) > 0.005
    assert ink(draw(FORM, VALUES | {"signature": False}, seed=3), box) == 0


def test_handwriting_stays_in_its_cells_and_differs_each_time():
    pdf = handwrite_form(FORM, VALUES, seed=5)
    assert all(ink(pdf, cell) > 0.01 for cell in layout(FORM)["customer_no"].boxes)
    assert pdf != handwrite_form(FORM, VALUES, seed=6)
    assert pdf == handwrite_form(FORM, VALUES, seed=5)


def test_a_printed_fillable_form_has_ink_but_no_fields():
    pdf = print_fillable(FORM, VALUES)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert "/AcroForm" not in document.Root
    assert ink(pdf, layout(FORM)["customer_no"].bounds) > 0.02
    assert ink(pdf, layout(FORM)["signature"].bounds) > 0.005


def test_varied_styles_cover_typefaces_and_both_ways_of_setting_text():
    styles = [varied_style(seed) for seed in range(60)]
    assert {style.spread for style in styles} == {"comb", "run"}
    assert {style.face for style in styles} == {"sans", "bold", "wide", "serif", "mono"}
    assert varied_style(1) == varied_style(1)
