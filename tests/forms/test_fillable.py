"""Fillable PDFs: typed in a browser or Acrobat, with Polish letters."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from itertools import pairwise
from typing import Any

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from PIL import Image

from forms import form_font
from forms.blank import draw_blank
from forms.catalogue import current_forms, form_by_code
from forms.fillable import draw_fillable
from forms.form import Form
from forms.layout import CHARACTER_SIZE, PAGE_HEIGHT, layout
from tests.forms.samples import values_of

FORMS = pytest.mark.parametrize("form", current_forms(), ids=lambda form: form.code)
TODAY = date(2026, 11, 22)
_COMB = 1 << 24


def fields_of(pdf: bytes) -> dict[str, Any]:
    """Value by field name, as another program reads it."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        fields = opened.Root.AcroForm.Fields
        return {str(f.T): (str(f.V) if "/V" in f else None) for f in fields}


def picture(pdf: bytes | pypdfium2.PdfDocument) -> Image.Image:
    document = pdf if isinstance(pdf, pypdfium2.PdfDocument) else pypdfium2.PdfDocument(pdf)
    if document.formenv is None:
        document.init_forms()
    return document[0].render(scale=2, may_draw_forms=True).to_pil().convert("L")


def darkness(image: Image.Image, box: tuple[float, float, float, float]) -> float:
    """Share of dark pixels within a box, its frame left out."""
    cut = image.crop((round(box[0] * 2) + 3, round(box[1] * 2) + 3, round(box[2] * 2) - 3, round(box[3] * 2) - 3))
    return sum(cut.histogram()[:128]) / (cut.width * cut.height)


@FORMS
def test_every_field_but_the_signature_can_be_filled_in(form: Form) -> None:
    assert list(fields_of(draw_fillable(form))) == [
        i.field.name for i in layout(form).fields if i.field.name != "signature"
    ]


@FORMS
def test_values_read_back_are_those_that_were_set(form: Form) -> None:
    found = fields_of(draw_fillable(form, values_of(form)))
    assert {name: form[name].kind.parse(value, TODAY).value for name, value in found.items()} == values_of(form)


@FORMS
def test_an_empty_fillable_form_holds_no_values(form: Form) -> None:
    found = fields_of(draw_fillable(form))
    assert {name: form[name].kind.parse(value, TODAY).value or None for name, value in found.items()} == dict.fromkeys(
        found
    )


@FORMS
def test_the_same_values_give_the_same_bytes(form: Form) -> None:
    assert draw_fillable(form, values_of(form)) == draw_fillable(form, values_of(form))


def test_a_value_for_a_field_that_the_form_lacks_is_refused() -> None:
    with pytest.raises(KeyError):
        draw_fillable(form_by_code("einvoice_withdrawal"), {"pesel": "44051401359"})


@FORMS
def test_fields_have_a_tooltip_and_stand_where_the_blank_has_them(form: Form) -> None:
    with pikepdf.open(BytesIO(draw_fillable(form))) as pdf:
        for widget in pdf.pages[0].Annots:
            item = layout(form)[str(widget.T)]
            x0, _, x1, high = (float(edge) for edge in widget.Rect)
            assert (x0, PAGE_HEIGHT - high) == pytest.approx(item.boxes[0][:2], abs=0.01)
            assert x1 == pytest.approx(item.bounds[2], abs=0.01)
            assert str(widget.TU).startswith(item.field.label)
            assert bool(int(widget.Ff) & 2) is item.field.required
            if int(widget.Ff) & _COMB:
                assert (x1 - x0) / int(widget.MaxLen) == pytest.approx(15, abs=0.01)


@FORMS
def test_separators_fall_into_the_gaps_between_the_cells(form: Form) -> None:
    shown = {name: value for name, value in fields_of(draw_fillable(form, values_of(form))).items() if value}
    for item in layout(form).fields:
        if not item.field.kind.groups:
            continue
        text = shown[item.field.name]
        gaps = {round((b[2] - item.boxes[0][0]) / 15) for b, c in pairwise(item.boxes) if c[0] - b[2] > 1}
        assert {at for at, sign in enumerate(text) if not sign.isdigit()} == gaps
        assert len(text) == round((item.bounds[2] - item.bounds[0]) / 15)


@FORMS
def test_set_values_are_shown_within_their_boxes(form: Form) -> None:
    values = values_of(form)
    empty, filled = picture(draw_fillable(form)), picture(draw_fillable(form, values))
    for item in layout(form).fields:
        wanted = values.get(item.field.name)
        ink = darkness(filled, item.boxes[0]) - darkness(empty, item.boxes[0])
        assert (ink > 0.02) is bool(wanted), item.field.name


@FORMS
def test_no_field_leaves_the_size_of_its_letters_to_the_viewer(form: Form) -> None:
    with pikepdf.open(BytesIO(draw_fillable(form))) as pdf:
        for widget in pdf.Root.AcroForm.Fields:
            size = float(str(widget.DA).split()[1])
            kind = form[str(widget.T)].kind
            assert size == (11 if kind.open_line else CHARACTER_SIZE), str(widget.T)


def test_a_long_value_is_made_small_enough_to_be_seen_whole() -> None:
    form = form_by_code("ebok_signup")
    name = ("Przedsiębiorstwo Usług Żeglugowych " * 3).strip()
    x0, _, x1, _ = layout(form)["name"].bounds
    with pikepdf.open(BytesIO(draw_fillable(form, {"name": name}))) as pdf:
        widget = next(field for field in pdf.Root.AcroForm.Fields if str(field.T) == "name")
        steps = pikepdf.parse_content_stream(widget.AP.N)
        size = next(float(step.operands[1]) for step in steps if str(step.operator) == "Tf")
        assert str(widget.DA) == f"/{form_font.FONT_NAME} {size:g} Tf 0 g"
    assert 6 < size < 11
    assert form_font.width(name, size) <= x1 - x0


class Typist:
    """Types into a form the way Chrome and Edge do, through PDFium."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.document = pypdfium2.PdfDocument(draw_fillable(form))
        self.document.init_forms()
        self.page = self.document[0]

    def type(self, name: str, text: str) -> None:
        x0, top, _, bottom = layout(self.form)[name].boxes[0]
        at = (x0 + 5, PAGE_HEIGHT - (top + bottom) / 2)
        env = self.document.formenv
        pdfium.FORM_OnLButtonDown(env, self.page, 0, *at)
        pdfium.FORM_OnLButtonUp(env, self.page, 0, *at)
        for letter in text:
            pdfium.FORM_OnChar(env, self.page, ord(letter), 0)
        pdfium.FORM_ForceToKillFocus(env)

    def saved(self) -> bytes:
        target = BytesIO()
        self.document.save(target)
        return target.getvalue()


def test_what_is_typed_in_a_browser_is_saved_with_polish_letters() -> None:
    typist = Typist(form_by_code("ebok_signup"))
    name = "Świętosława Żółć-Gęślą, ŁÓDŹ ćń"
    typist.type("name", name)
    typist.type("postcode", "66-4701")
    typist.type("date_signed", "22.11.2026")
    typist.type("accept_terms", "")
    found = fields_of(typist.saved())
    assert found["name"] == name
    assert found["postcode"] == "66-470"
    assert found["date_signed"] == "22.11.2026"
    assert found["accept_terms"] == "/Yes"
    assert found["notify_sms"] == "/Off"


def test_polish_letters_typed_in_a_browser_use_the_font_of_the_form() -> None:
    typist = Typist(form_by_code("ebok_signup"))
    typist.type("name", "ąćęłńóśźż ĄĆĘŁŃÓŚŹŻ")
    with pikepdf.open(BytesIO(typist.saved())) as pdf:
        widget = next(field for field in pdf.Root.AcroForm.Fields if str(field.T) == "name")
        shown = pikepdf.parse_content_stream(widget.AP.N)
        fonts = {str(step.operands[0]) for step in shown if str(step.operator) == "Tf"}
        names = {str(widget.AP.N.Resources.Font[font].BaseFont) for font in fonts}
    assert names == {"/NotoSans"}


def test_the_fillable_page_has_the_geometry_of_the_blank() -> None:
    form = form_by_code("ebok_signup")
    blank, fillable = picture(draw_blank(form)), picture(draw_fillable(form))
    for item in layout(form).fields:
        if not item.field.kind.open_line and item.field.name != "signature":
            x0, top, x1, bottom = (round(edge * 2) for edge in item.bounds)
            frame = (x0 - 1, top - 1, x1 + 1, bottom + 1)
            assert blank.crop(frame).tobytes() == fillable.crop(frame).tobytes(), item.field.name
