"""What was laid over a page by any means is seen, and what is not seen is not taken for paper."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from reportlab.pdfgen.canvas import Canvas

from forms.catalogue import form_by_code
from forms.form import Form
from forms.kinds import Value
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, layout
from forms.submission import Submission
from ocr.page_reading import DOUBT_NOTE, DOUBT_OVER
from ocr.reading import read_file
from specimens import files
from specimens.digital import digital_form, pin, saved
from specimens.paper import PrintStyle, inked, print_form
from specimens.scanner import scan

Values = Callable[[Form], dict[str, Value]]

_FORM: Final = form_by_code("einvoice_acceptance")
_X0, _TOP, _X1, _ = next(item for item in layout(_FORM).fields if item.field.name == "email").bounds
_LOW: Final = PAGE_HEIGHT - _TOP - 20
"""About the foot of the first row of the address, from the foot of the page."""


def _read(folder: Path, data: bytes) -> Submission:
    path = folder / "form.pdf"
    path.write_bytes(data)
    (document,) = read_file(path).documents
    assert document.submission is not None
    return document.submission


def _over(data: bytes, draw: Callable[[Canvas], None]) -> bytes:
    return inked(data, files.drawn(draw))


Mark = Callable[[Canvas, float, float], None]
"""Drawn at a field of which the first row begins so far from the left and the foot of the page."""


def _level(canvas: Canvas, x: float, low: float) -> None:
    canvas.setLineWidth(0.4)
    canvas.line(x, low + 10, x + 200, low + 10)


def _sloping(canvas: Canvas, x: float, low: float) -> None:
    canvas.line(x, low, x + 90, low + 18)


def _dotted(canvas: Canvas, x: float, low: float) -> None:
    canvas.setDash(1, 6)
    canvas.line(x, low + 10, x + 200, low + 10)


def _pale(canvas: Canvas, x: float, low: float) -> None:
    canvas.setStrokeGray(0.85)
    canvas.line(x, low + 9, x + 200, low + 9)


def _translucent(canvas: Canvas, x: float, low: float) -> None:
    canvas.setFillColorRGB(1, 1, 1, alpha=0.6)
    canvas.rect(x, low - 2, 120, 22, stroke=0, fill=1)


def _looped(canvas: Canvas, x: float, low: float) -> None:
    canvas.ellipse(x + 1, low - 6, x + 150, low + 26)
    canvas.line(x + 10, low - 4, x + 60, low + 24)


def _at_each(marks: Mapping[str, Mark]) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        for name, mark in marks.items():
            x0, top, _, _ = layout(_FORM)[name].bounds
            canvas.saveState()
            mark(canvas, x0, PAGE_HEIGHT - top - 20)
            canvas.restoreState()

    return draw


@pytest.mark.parametrize("spread", ["comb", "run"])
@pytest.mark.parametrize(
    "marks",
    [
        {"email": _looped, "name": _level, "street": _dotted},
        {"email": _sloping, "name": _pale, "street": _translucent},
    ],
)
def test_whatever_is_drawn_over_a_typed_value_makes_it_doubtful_and_no_other(
    tmp_path: Path, values: Values, marks: Mapping[str, Mark], spread: Any
) -> None:
    typed = print_form(_FORM, values(_FORM), PrintStyle(spread=spread))
    found = _read(tmp_path, _over(typed, _at_each(marks)))
    assert {name for name, one in found.fields.items() if not one.trusted} == marks.keys()
    assert {found.fields[name].by_eye for name in marks} == {True}


def test_a_dotted_line_over_a_typed_value_is_seen_though_the_file_hides_a_text_elsewhere(
    tmp_path: Path, values: Values
) -> None:
    def hide(canvas: Canvas) -> None:
        _at_each({"email": _dotted})(canvas)
        text = canvas.beginText(20, 20)
        text.setTextRenderMode(3)
        text.textOut("x")
        canvas.drawText(text)

    found = _read(tmp_path, _over(print_form(_FORM, values(_FORM), PrintStyle(spread="run")), hide))
    assert {name: one.doubt for name, one in found.fields.items() if not one.trusted} == {"email": DOUBT_OVER}


def test_a_line_drawn_under_the_fields_of_a_form_is_seen(tmp_path: Path, values: Values) -> None:
    filled = digital_form(_FORM, values(_FORM), "fields", 1).data
    email = _read(tmp_path, _over(filled, _at_each({"email": _pale}))).fields["email"]
    assert (email.doubt, email.by_eye) == (DOUBT_OVER, True)


def _at(name: str) -> tuple[float, float]:
    x0, top, _, _ = layout(_FORM)[name].bounds
    return x0, PAGE_HEIGHT - top - 20


def _annotated(data: bytes, *notes: tuple[str, str, Mapping[str, Any]]) -> bytes:
    """With notes at fields: the field, the sort and the entries of each."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for name, subtype, entries in notes:
            x, low = _at(name)
            rect = Array([x + 5, low + 2, x + 90, low + 16])
            note = {"/Type": Name.Annot, "/Subtype": Name(f"/{subtype}"), "/Rect": rect, "/F": 4, **entries}
            pin(pdf, Dictionary(note))
        return saved(pdf)


_FAR_AWAY: Final = Array([300, 20, 320, 30])


def _level_line(name: str) -> Array:
    x, low = _at(name)
    return Array([x, low + 8, x + 80, low + 9])


@pytest.mark.parametrize(
    "notes",
    [
        (
            ("email", "Link", {}),
            ("name", "Link", {"/BS": Dictionary(W=2)}),
            ("customer_no", "Widget", {"/FT": Name.Sig}),
            ("pesel", "Widget", {"/FT": Name.Tx, "/T": pikepdf.String("dopisek")}),
        ),
        (("email", "Ink", {"/Rect": _FAR_AWAY, "/InkList": Array([_level_line("email")])}),),
        (("email", "Line", {"/Rect": _FAR_AWAY, "/L": _level_line("email")}),),
    ],
)
def test_a_note_of_any_sort_at_a_field_makes_it_doubtful(
    tmp_path: Path, values: Values, notes: tuple[tuple[str, str, Mapping[str, Any]], ...]
) -> None:
    filled = digital_form(_FORM, values(_FORM), "fields", 1).data
    found = _read(tmp_path, _annotated(filled, *notes))
    assert {found.fields[name].doubt for name, _, _ in notes} == {DOUBT_NOTE}


def test_a_note_that_draws_nothing_there_leaves_a_field_as_it_is(tmp_path: Path, values: Values) -> None:
    notes = (
        ("email", "Link", {"/Border": Array([0, 0, 0])}),
        ("name", "Popup", {}),
        ("street", "Square", {"/F": 2}),
    )
    filled = digital_form(_FORM, values(_FORM), "fields", 1).data
    found = _read(tmp_path, _annotated(filled, *notes))
    assert [name for name, one in found.fields.items() if not one.trusted] == []


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_text_layer_stands_where_it_is_drawn_on_a_page_that_is_turned_and_cropped(
    tmp_path: Path, values: Values, quarters: int
) -> None:
    with pikepdf.open(io.BytesIO(print_form(_FORM, values(_FORM)))) as pdf:
        page = pdf.pages[0].obj
        page.MediaBox = Array([-30, -50, PAGE_WIDTH + 10, PAGE_HEIGHT + 70])
        page.CropBox = Array([-10, -12, PAGE_WIDTH + 4, PAGE_HEIGHT + 9])
        page.Rotate = 90 * quarters
        found = _read(tmp_path, saved(pdf))
    assert {found.fields[name].source.value for name in ("name", "email", "customer_no")} == {"text"}
    assert [name for name, one in found.fields.items() if not one.trusted] == []


def _scanned(values: Values) -> bytes:
    return files.image_pdf([scan(print_form(_FORM, {**values(_FORM), "signature": False}), "gray200", 5)[0]])


def _as_pattern(pdf: pikepdf.Pdf) -> None:
    """The photograph as the filling of a surface."""
    page = pdf.pages[0]
    picture = pdf.make_indirect(page.resources.XObject[next(iter(page.resources.XObject))])
    wide, high = (float(edge) for edge in page.mediabox[2:])
    tile = pdf.make_stream(f"{wide} 0 0 {high} 0 0 cm /Im Do".encode())
    tile.Type, tile.PatternType, tile.PaintType, tile.TilingType = Name.Pattern, 1, 1, 1
    tile.BBox, tile.XStep, tile.YStep = Array([0, 0, wide, high]), wide, high
    tile.Resources = Dictionary(XObject=Dictionary(Im=picture))
    page.obj.Resources = Dictionary(Pattern=Dictionary(P=tile))
    page.obj.Contents = pdf.make_stream(f"/Pattern cs /P scn 0 0 {wide} {high} re f".encode())


def test_a_photograph_owes_a_signature_however_it_is_laid_on_the_page(tmp_path: Path, values: Values) -> None:
    with pikepdf.open(io.BytesIO(_scanned(values))) as pdf:
        _as_pattern(pdf)
        assert _read(tmp_path, saved(pdf)).paper


@pytest.mark.parametrize("make", ["fields", "flattened", "typed"])
def test_a_picture_behind_a_drawn_form_makes_it_no_paper(tmp_path: Path, values: Values, make: str) -> None:
    data = digital_form(_FORM, values(_FORM), make, 1).data
    with pikepdf.open(io.BytesIO(data)) as pdf:
        white = pdf.make_stream(b"\xff")
        white.Type, white.Subtype, white.Width, white.Height = Name.XObject, Name.Image, 1, 1
        white.ColorSpace, white.BitsPerComponent = Name.DeviceGray, 8
        name = pdf.pages[0].add_resource(white, Name.XObject)
        pdf.pages[0].contents_add(f"q {PAGE_WIDTH} 0 0 {PAGE_HEIGHT} 0 0 cm {name} Do Q".encode(), prepend=True)
        found = _read(tmp_path, saved(pdf))
    assert not found.paper
    assert [name for name, one in found.fields.items() if not one.trusted] == []


def test_a_scan_is_read_as_it_is_shown_not_as_it_is_stored(tmp_path: Path, values: Values) -> None:
    """An opening that leaves the address out hides it."""
    with pikepdf.open(io.BytesIO(_scanned(values))) as pdf:
        page = pdf.pages[0]
        high = PAGE_HEIGHT - _TOP + 4
        page.contents_add(
            f"0 {high} {PAGE_WIDTH} {PAGE_HEIGHT} re 0 0 {PAGE_WIDTH} {_LOW - 30} re W n".encode(), prepend=True
        )
        found = _read(tmp_path, saved(pdf))
    assert found.value("email") is None
    assert not found.fields["email"].trusted


def test_fields_whose_list_was_lost_are_drawn_as_other_viewers_draw_them(tmp_path: Path, values: Values) -> None:
    filled = values(_FORM)
    data = digital_form(_FORM, filled, "fields", 1).data
    assert b"/AcroForm" in data
    found = _read(tmp_path, data.replace(b"/AcroForm", b"/AcroLost"))
    assert found.value("email") == filled["email"]
    assert [name for name, one in found.fields.items() if not one.trusted] == []


@pytest.mark.parametrize(
    ("remark", "make"),
    [
        *[("{} stary", "fields"), ("nie {}", "fields"), ("jan.nowak {}", "fields")],
        *[("{} stary", "run"), ("jan.nowak {}", "run"), ("nie {}", "scan")],
    ],
)
def test_a_word_beside_an_address_is_no_part_of_it(tmp_path: Path, values: Values, remark: str, make: str) -> None:
    text = remark.format("anna.maj@wp.pl")
    filled = {**values(_FORM), "email": text}
    if make == "fields":
        data = digital_form(_FORM, filled, "fields", 1).data
    else:
        data = print_form(_FORM, filled, PrintStyle(spread="run", size=10))
    if make == "scan":
        data = files.image_pdf([scan(data, "gray300", 5)[0]])
    assert not _read(tmp_path, data).fields["email"].trusted


def test_letters_in_the_box_of_a_tick_are_no_tick(tmp_path: Path, values: Values) -> None:
    form = form_by_code("ebok_signup")
    ticks = ("notify_sms", "notify_email", "accept_terms")
    typed = print_form(form, {**values(form), **dict.fromkeys(ticks, False)})
    for texts in (("N", "nie", "?"), ("0",)):
        written = dict(zip(ticks, texts, strict=False))

        def write(canvas: Canvas, written: Mapping[str, str] = written) -> None:
            for name, text in written.items():
                x0, _, _, bottom = layout(form)[name].boxes[0]
                canvas.drawString(x0 + 1, PAGE_HEIGHT - bottom + 3, text)

        found = _read(tmp_path, _over(typed, write))
        assert {name for name in ticks if found.fields[name].trusted} == set(ticks) - written.keys()


@pytest.mark.parametrize(("across", "gray"), [(-10, 0), (0, 0.86)])
def test_a_mark_beside_the_box_of_a_tick_or_too_pale_to_be_one_is_a_question(
    tmp_path: Path, values: Values, across: float, gray: float
) -> None:
    box = next(item for item in layout(_FORM).fields if item.field.name == "accept_terms").boxes[0]

    def cross(canvas: Canvas) -> None:
        canvas.setStrokeGray(gray)
        low, high = PAGE_HEIGHT - box[3] + 3, PAGE_HEIGHT - box[1] - 3
        canvas.line(box[0] + across + 3, low, box[2] + across - 3, high)
        canvas.line(box[0] + across + 3, high, box[2] + across - 3, low)

    typed = print_form(_FORM, {**values(_FORM), "accept_terms": False})
    ticked = _read(tmp_path, _over(typed, cross)).fields["accept_terms"]
    assert (ticked.value, ticked.trusted) == (False, False)


def test_a_stamp_across_the_page_makes_what_it_touches_doubtful(tmp_path: Path, values: Values) -> None:
    def stamp(canvas: Canvas) -> None:
        canvas.setFillGray(0.8)
        canvas.setFont("Helvetica", 60)
        canvas.drawString(60, _LOW - 10, "ANULOWANO")

    found = _read(tmp_path, _over(print_form(_FORM, values(_FORM)), stamp))
    assert {name for name, one in found.fields.items() if not one.trusted} >= {"email", "phone"}


def test_a_remark_farther_off_on_a_drawn_page_is_meant_for_the_nearest_field(tmp_path: Path, values: Values) -> None:
    typed = print_form(_FORM, values(_FORM))
    remark = _over(typed, lambda canvas: canvas.drawString(_X0 + 40, _LOW - 44, "to jest stary adres"))
    assert not _read(tmp_path, remark).fields["email"].trusted


def test_states_of_ticks_may_have_names_in_any_bytes(tmp_path: Path, values: Values) -> None:
    data = digital_form(_FORM, values(_FORM), "fields", 1).data.replace(b"/Yes", b"/#b3")
    path = tmp_path / "form.pdf"
    path.write_bytes(data)
    (document,) = read_file(path).documents
    assert document.submission is not None
    ticked = document.submission.fields["accept_terms"]
    assert (ticked.value, ticked.trusted) == (True, True)


def test_a_value_is_read_from_the_beginning_of_a_stream_without_end(tmp_path: Path, values: Values) -> None:
    with pikepdf.open(io.BytesIO(digital_form(_FORM, values(_FORM), "fields", 1).data)) as pdf:
        widget = next(each for each in pdf.pages[0].Annots if str(each.T) == "email")
        widget.V = pdf.make_stream(b"a" * 50_000_000)
        data = saved(pdf)
    assert not _read(tmp_path, data).fields["email"].trusted


def test_an_array_that_holds_itself_says_nothing(tmp_path: Path, values: Values) -> None:
    with pikepdf.open(io.BytesIO(digital_form(_FORM, values(_FORM), "fields", 1).data)) as pdf:
        widget = next(each for each in pdf.pages[0].Annots if str(each.T) == "email")
        widget.V = pdf.make_indirect(Array([]))
        widget.V.append(widget.V)
        data = saved(pdf)
    assert not _read(tmp_path, data).fields["email"].trusted


def test_the_register_settles_no_doubt_about_a_value_that_something_lies_over(tmp_path: Path, values: Values) -> None:
    """Whether or not the value could be read under it."""
    house = next(item for item in layout(_FORM).fields if item.field.name == "house").bounds

    def strike(canvas: Canvas) -> None:
        canvas.setLineWidth(2)
        canvas.line(house[0] + 1, PAGE_HEIGHT - house[1] - 10, house[0] + 26, PAGE_HEIGHT - house[1] - 11)

    typed = print_form(_FORM, {**values(_FORM), "house": "8"}, PrintStyle(spread="run"))
    found = _read(tmp_path, _over(typed, strike)).fields["house"]
    assert (found.trusted, found.by_eye) == (False, True)
