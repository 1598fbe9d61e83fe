"""A tick that one more line takes back, and a text beside it that is struck through, are for an eye."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from reportlab.pdfgen.canvas import Canvas

from forms.catalogue import form_by_code
from forms.form import Form
from forms.kinds import Value
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, layout
from forms.submission import FieldValue
from ocr.additions.page_additions import DOUBT_ADDED_TO_PAGE
from ocr.fields.stray_ink import DOUBT_PALE
from ocr.fields.ticks import DOUBT_BLOT, DOUBT_TAKEN_BACK
from ocr.page_reading import DOUBT_LABEL
from ocr.reading import read_file
from specimens import files, wear
from specimens.digital import digital_form, pin, saved
from specimens.paper import PLAIN, inked, print_form
from specimens.scanner import CONDITIONS, scan

Values = Callable[[Form], dict[str, Value]]
Line = tuple[float, float, float, float]
_FORM: Final = form_by_code("einvoice_acceptance")
_TICK: Final = next(item for item in layout(_FORM).fields if item.field.name == "accept_terms")
_X0, _TOP, _X1, _BOTTOM = _TICK.boxes[0]
_LOW, _HIGH = PAGE_HEIGHT - _BOTTOM, PAGE_HEIGHT - _TOP
_MIDDLE: Final = (_LOW + _HIGH) / 2
_TEXT: Final = _TICK.label_at[0]


def _drawn_over(data: bytes, *lines: Line, gray: float = 0.0) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1)
    canvas.setStrokeGray(gray)
    for line in lines:
        canvas.line(*line)
    canvas.showPage()
    canvas.save()
    return inked(data, out.getvalue())


def _typed_over(data: bytes, text: str, x: float, y: float, size: float = 9.0, wide: float = 100.0) -> bytes:
    """The same page with a text in its text layer, its letters made wider to so many per cent."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1)
    line = canvas.beginText(x, y)
    line.setFont("Helvetica", size)
    line.setHorizScale(wide)
    line.textLine(text)
    canvas.drawText(line)
    canvas.showPage()
    canvas.save()
    return inked(data, out.getvalue())


def _widget(pdf: pikepdf.Pdf, name: str) -> pikepdf.Object:
    return next(each for each in pdf.pages[0].obj.Annots if str(each.get("/T")) == name)


def _drawing(pdf: pikepdf.Pdf, wide: float, high: float, content: str) -> pikepdf.Object:
    made = pdf.make_stream(content.encode())
    made.Type, made.Subtype, made.BBox = Name.XObject, Name.Form, Array([0, 0, round(wide, 2), round(high, 2)])
    dingbats = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.ZapfDingbats)
    made.Resources = Dictionary(Font=Dictionary(ZaDb=dingbats))
    return made


def _with_looks(data: bytes, looks: Mapping[str, str]) -> bytes:
    """With the ticks of those form fields drawn like that."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for name, content in looks.items():
            widget = _widget(pdf, name)
            x0, low, x1, high = (float(edge) for edge in widget.Rect.as_list())
            widget.AP.N.Yes = _drawing(pdf, x1 - x0, high - low, content)
        return saved(pdf)


def _with_button(data: bytes, box: Line, content: str) -> bytes:
    """With a button to be pushed that is drawn like that."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        x0, low, x1, high = (round(edge, 2) for edge in box)
        look = Dictionary(N=_drawing(pdf, x1 - x0, high - low, content))
        button = Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Btn, Ff=65536, F=4, T="drukuj", AP=look)
        button.Rect = Array([x0, low, x1, high])
        pin(pdf, button)
        return saved(pdf)


def _read(folder: Path, data: bytes) -> dict[str, FieldValue]:
    (folder / "form.pdf").write_bytes(data)
    (document,) = read_file(folder / "form.pdf").documents
    assert document.submission is not None
    return dict(document.submission.fields)


@pytest.mark.parametrize(
    "line",
    [
        (_X0 + 2, _MIDDLE, _X1 - 2, _MIDDLE + 0.5),
        ((_X0 + _X1) / 2, _LOW + 1, (_X0 + _X1) / 2, _HIGH - 1),
        (_X0 - 6, _LOW - 6, _X1 + 3, _HIGH + 3),
        (_X0 - 8, _MIDDLE, _X1 + 6, _MIDDLE),
    ],
)
def test_a_drawn_cross_with_one_more_line_through_it_is_for_an_eye(tmp_path: Path, values: Values, line: Line) -> None:
    filled = {**values(_FORM), "accept_terms": True}
    tick = _read(tmp_path, _drawn_over(digital_form(_FORM, filled, "flattened", 1).data, line))["accept_terms"]
    assert not tick.trusted
    assert tick.doubt in {DOUBT_TAKEN_BACK, DOUBT_BLOT}


@pytest.mark.parametrize("make", ["flattened", "typed"])
def test_a_line_through_the_text_beside_a_tick_makes_it_doubtful(tmp_path: Path, values: Values, make: str) -> None:
    filled = {**values(_FORM), "accept_terms": True}
    data = digital_form(_FORM, filled, make, 1).data
    assert _read(tmp_path, data)["accept_terms"].trusted
    struck = _read(tmp_path, _drawn_over(data, (_TEXT, _MIDDLE, _TEXT + 90, _MIDDLE + 1)))
    assert (struck["accept_terms"].trusted, struck["accept_terms"].doubt) == (False, DOUBT_LABEL)
    assert [name for name, one in struck.items() if not one.trusted] == ["accept_terms"]


def test_a_tick_that_stands_beside_another_is_no_change_of_its_text(tmp_path: Path, values: Values) -> None:
    form = form_by_code("meter_service")
    both = ("meter_exchange", "meter_installation")
    left, right = (next(item for item in layout(form).fields if item.field.name == name) for name in both)
    assert left.boxes[0][1] == right.boxes[0][1]
    data = digital_form(form, {**values(form), **dict.fromkeys(both, True)}, "flattened", 1).data
    assert all(_read(tmp_path, data)[name].trusted for name in both)
    middle = PAGE_HEIGHT - (left.boxes[0][1] + left.boxes[0][3]) / 2
    for item in (left, right):
        text = item.label_at[0]
        read = _read(tmp_path, _drawn_over(data, (text, middle, text + 60, middle + 1)))
        assert [name for name in both if read[name].doubt == DOUBT_LABEL] == [item.field.name]


@pytest.mark.parametrize("gray", [0.0, 0.45])
def test_a_line_through_the_text_beside_a_tick_is_seen_on_a_scan_too(
    tmp_path: Path, values: Values, gray: float
) -> None:
    filled = {**values(_FORM), "accept_terms": True}
    plain = print_form(_FORM, filled)
    struck = _drawn_over(plain, (_TEXT, _MIDDLE, _TEXT + 90, _MIDDLE + 1), gray=gray)
    ticks = [
        _read(tmp_path, files.image_pdf([scan(data, "gray200", 5)[0]]))["accept_terms"] for data in (plain, struck)
    ]
    assert [tick.trusted for tick in ticks] == [True, False]


@pytest.mark.parametrize("seed", [2, 7, 13])
def test_what_shows_through_the_paper_strikes_no_text_beside_a_tick(tmp_path: Path, values: Values, seed: int) -> None:
    data = print_form(_FORM, {**values(_FORM), "accept_terms": True, "signature": True})
    worn = replace(CONDITIONS["gray200"], steps=(wear.written_through, *CONDITIONS["gray200"].steps))
    tick = _read(tmp_path, files.image_pdf([scan(data, worn, seed)[0]]))["accept_terms"]
    assert (tick.value, tick.trusted, tick.doubt) == (True, True, None)


@pytest.mark.parametrize("gray", [0.8, 0.92])
def test_pale_strokes_in_an_empty_field_are_not_taken_for_nothing(tmp_path: Path, values: Values, gray: float) -> None:
    x0, top, _, _ = next(item for item in layout(_FORM).fields if item.field.name == "email").bounds
    low = PAGE_HEIGHT - top
    lines = [(x0 + 4 + 15 * at, low - 16, x0 + 9 + 15 * at, low - 5) for at in range(6)]
    data = digital_form(_FORM, {**values(_FORM), "email": None}, "flattened", 1).data
    assert _read(tmp_path, data)["email"].trusted
    email = _read(tmp_path, _drawn_over(data, *lines, gray=gray))["email"]
    assert (email.trusted, email.doubt) == (False, DOUBT_PALE)


_TICKS: Final = ("notify_sms", "notify_email", "accept_terms")
_CROSS: Final = "1.6 w 3 3 m 12 12 l S 3 12 m 12 3 l S "


@pytest.mark.parametrize(
    ("make", "text", "x", "y", "wide"),
    [
        ("fields", "-" * 35, _TEXT + 8, _MIDDLE - 2, 100),
        ("typed", "\N{EN DASH}" * 20, _TEXT, _MIDDLE - 3, 100),
        ("fields", "-", _TEXT + 5, _MIDDLE - 3, 4000),
        ("typed", "NIE", _TEXT + 60, _MIDDLE - 6, 100),
        ("fields", "nie", _X1 + 1.5, _MIDDLE - 3, 80),
        ("typed", "nie", _X1 + 1.5, _MIDDLE - 3, 80),
    ],
)
def test_what_is_typed_at_the_text_beside_a_tick_makes_it_doubtful(
    tmp_path: Path, values: Values, make: str, text: str, x: float, y: float, wide: float
) -> None:
    data = digital_form(_FORM, {**values(_FORM), "accept_terms": True}, make, 1).data
    tick = _read(tmp_path, _typed_over(data, text, x, y, wide=wide))["accept_terms"]
    assert (tick.value, tick.trusted, tick.by_eye) == (True, False, True)


def test_a_button_drawn_as_a_line_through_the_text_beside_a_tick_makes_it_doubtful(
    tmp_path: Path, values: Values
) -> None:
    data = digital_form(_FORM, {**values(_FORM), "accept_terms": True}, "fields", 1).data
    box = (_TEXT, _MIDDLE - 50, _TEXT + 150, _MIDDLE + 10)
    assert _read(tmp_path, _with_button(data, box, "1 w 0 50 m 150 50 l S"))["accept_terms"].doubt == DOUBT_LABEL


def test_a_button_over_cells_is_no_value(tmp_path: Path, values: Values) -> None:
    data = digital_form(_FORM, values(_FORM), "fields", 1).data
    x0, top, x1, bottom = next(item for item in layout(_FORM).fields if item.field.name == "email").bounds
    box = (x0, PAGE_HEIGHT - bottom, x1, PAGE_HEIGHT - top)
    email = _read(tmp_path, _with_button(data, box, f"1 g 0 0 {x1 - x0:.0f} 40 re f"))["email"]
    assert isinstance(email.value, str)
    assert not email.trusted


@pytest.mark.parametrize(
    "looks",
    [
        (
            _CROSS + "1 w 0 7 m 15 7 l S",
            _CROSS + "1.2 w 0 4.5 m 15 4.5 l S 0 10.5 m 15 10.5 l S",
            _CROSS + "1 w 7.5 0 m 7.5 15 l S",
        ),
        ("1.6 w 3 8 m 6 4 l 12 12 l S 1 w 0 7.5 m 15 7.5 l S", "0 g 0 0 15 15 re f", "1 w 3 7 m 12 7 l S"),
        ("1 w 7.5 3 m 7.5 12 l S", "1 w 3 3 9 9 re S"),
    ],
)
def test_a_form_field_whose_look_is_no_tick_is_for_an_eye(
    tmp_path: Path, values: Values, looks: tuple[str, ...]
) -> None:
    drawn = dict(zip(_TICKS, looks, strict=False))
    found = _read(tmp_path, _with_looks(_ticked(values), drawn))
    assert {(found[name].value, found[name].trusted, found[name].by_eye) for name in drawn} == {(True, False, True)}
    assert all(found[name].trusted for name in set(_TICKS) - drawn.keys())


@pytest.mark.parametrize("signs", ["48l", "Hun"])
def test_the_marks_that_programs_offer_for_a_form_field_are_ticks(tmp_path: Path, values: Values, signs: str) -> None:
    for size, x, y in ((11, 3, 3.5), (15, 1.5, 2)):
        looks = [f"BT /ZaDb {size} Tf {x} {y} Td ({sign}) Tj ET" for sign in signs]
        found = _read(tmp_path, _with_looks(_ticked(values), dict(zip(_TICKS, looks, strict=True))))
        assert {(found[name].value, found[name].trusted) for name in _TICKS} == {(True, True)}


def _ticked(values: Values) -> bytes:
    """A form of three ticks, all of them made."""
    form = form_by_code("ebok_signup")
    return digital_form(form, {**values(form), **dict.fromkeys(_TICKS, True)}, "fields", 1).data


@pytest.mark.parametrize("make", ["fields", "typed"])
@pytest.mark.parametrize(("text", "wide"), [("-" * 40, 100), ("\N{EN DASH}" * 22, 100), ("-", 3000)])
def test_a_number_with_dashes_typed_over_it_is_for_an_eye(
    tmp_path: Path, values: Values, make: str, text: str, wide: float
) -> None:
    data, numbers = digital_form(_FORM, values(_FORM), make, 1).data, ("customer_no", "pesel", "phone")
    for name in numbers:
        x0, _, _, bottom = layout(_FORM)[name].bounds
        data = _typed_over(data, text, x0 + 2, PAGE_HEIGHT - bottom + 7, 11, wide)
    struck = _read(tmp_path, data)
    assert {(struck[name].trusted, struck[name].by_eye) for name in numbers} == {(False, True)}
    assert not {struck[name].doubt for name in numbers} & {None, DOUBT_ADDED_TO_PAGE}  # for what is seen at each


def test_letters_typed_over_a_value_are_seen_in_every_field(tmp_path: Path, values: Values) -> None:
    data = print_form(_FORM, {**values(_FORM), "town": "Kostrzyn"}, replace(PLAIN, spread="run"), 1)
    x0, _, _, bottom = next(item for item in layout(_FORM).fields if item.field.name == "town").bounds
    town = _read(tmp_path, _typed_over(data, ",,,,,", x0 + 4, PAGE_HEIGHT - bottom + 8, 11))["town"]
    assert (town.trusted, town.by_eye) == (False, True)


def test_dashes_printed_over_a_number_are_seen_on_a_scan_too(tmp_path: Path, values: Values) -> None:
    data = print_form(_FORM, values(_FORM), replace(PLAIN, spread="comb"), 1)
    x0, _, _, bottom = next(item for item in layout(_FORM).fields if item.field.name == "customer_no").bounds
    struck = _typed_over(data, "-" * 32, x0 + 1, PAGE_HEIGHT - bottom + 6.5, 11)
    found = [_read(tmp_path, files.image_pdf([scan(each, "gray200", 5)[0]]))["customer_no"] for each in (data, struck)]
    assert [one.trusted for one in found] == [True, False]
