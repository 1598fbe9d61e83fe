"""What stands on a drawn page away from its fields may void them all, but not what programs and signers leave."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image, ImageDraw
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from forms.blank import draw_blank
from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from forms.form import Form
from forms.kinds import Value
from forms.layout import MARGIN, PAGE_HEIGHT, PAGE_WIDTH, layout
from forms.submission import BLANK_FORM
from forms.typesetting import BOLD, REGULAR
from ocr.additions.page_additions import DOUBT_ADDED_TO_PAGE, DOUBT_OTHER_PRINT, is_added_to
from ocr.alignment.identification import identify
from ocr.alignment.sheet import Sheet
from ocr.files.opening import open_pages
from ocr.reading import read_file
from ocr.unfilled import holds_only_blanks
from specimens import files
from specimens.digital import digital_form, pin, saved
from specimens.paper import inked
from specimens.scanner import scan
from tests.signed_files import Issuer, signed

Values = Callable[[Form], dict[str, Value]]
Draw = Callable[[Canvas], None]
_FORM: Final = form_by_code("einvoice_acceptance")
_FIELDS: Final = layout(_FORM)
_X0, _TOP, _X1, _BOTTOM = _FIELDS["email"].bounds
_TITLE: Final = (MARGIN, PAGE_HEIGHT - 130, 430, PAGE_HEIGHT - 62)
"""Where the form prints its name: left, lower, right, upper."""


def _with(data: bytes, draw: Draw) -> bytes:
    return inked(data, files.drawn(draw))


def _text(text: str, x: float, y: float, size: float, gray: float = 0.0) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.setFillGray(gray)
        canvas.setFont(REGULAR, size)
        canvas.drawString(x, y, text)

    return draw


def _picture(canvas: Canvas) -> None:
    stamp = Image.new("L", (360, 90), 255)
    ImageDraw.Draw(stamp).text((20, 10), "STORNO", fill=70, font_size=60)
    canvas.drawImage(ImageReader(stamp), 330, PAGE_HEIGHT - 60, 90, 22)


def _crossed_title(canvas: Canvas) -> None:
    x0, low, x1, high = _TITLE
    canvas.line(x0, low, x1, high)
    canvas.line(x0, high, x1, low)


def _along_the_edge(canvas: Canvas) -> None:
    canvas.setFont(REGULAR, 9)
    canvas.translate(PAGE_WIDTH - 20, 300)
    canvas.rotate(90)
    canvas.drawString(0, 0, "prosimy o zwrot tego pisma")


def _annotated(data: bytes, subtype: str, rect: Any, content: str | None = None, **more: Any) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        note = Dictionary(Type=Name.Annot, Subtype=Name(f"/{subtype}"), F=4, Rect=Array(rect))
        for key, value in more.items():
            note[f"/{key}"] = value
        if content is not None:
            look = pdf.make_stream(content.encode())
            look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, Array([0, 0, 200, 40])
            font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
            look.Resources = Dictionary(Font=Dictionary(F=font))
            note.AP = Dictionary(N=look)
        pin(pdf, note)
        return saved(pdf)


def _shown(text: str) -> str:
    return f"BT /F 12 Tf 2 10 Td ({text}) Tj ET"


def _doubts(folder: Path, data: bytes) -> dict[str, str | None]:
    """What is doubted about each field that holds something."""
    (document,) = read_file(files.write(folder / "form.pdf", data)).documents
    assert document.submission is not None
    return {name: one.doubt for name, one in document.submission.fields.items() if one.value}


def _is_added_to(folder: Path, data: bytes) -> bool:
    """Whether something was added to the page of a file."""
    with open_pages(files.write(folder / "form.pdf", data)) as pages:
        page = pages.page(1)
    alignment = identify(page.picture, (_FORM,), drawn=True).alignment
    assert alignment is not None
    return is_added_to(page, Sheet(page.picture, alignment))


@pytest.fixture
def filled(values: Values) -> bytes:
    return digital_form(_FORM, values(_FORM), "typed", 1).data


@pytest.fixture
def fillable(values: Values) -> bytes:
    return digital_form(_FORM, values(_FORM), "fields", 1).data


@pytest.mark.parametrize(
    "draw",
    [
        _text("do kosza", 70, PAGE_HEIGHT - 40, 12),
        _text("bez podstawy", 300, PAGE_HEIGHT - 30, 20, gray=0.93),
        _text("nie realizowac", 260, 14, 7),
        _text("STORNO", 260, 14, 8),
        _text("w sprawie tego druku zadzwonimy", 200, 40, 14),
        _picture,
        _crossed_title,
        _along_the_edge,
        _text("zmiana: nowy@example.com", _X0 + 30, PAGE_HEIGHT - _TOP + 2, 6),
        _text("nieaktualny", _X0 + 20, PAGE_HEIGHT - _TOP + 4, 8),
        _text("?", _X0 + 30, PAGE_HEIGHT - _BOTTOM - 9, 9),
    ],
)
def test_whatever_is_drawn_away_from_the_fields_is_about_the_page(tmp_path: Path, filled: bytes, draw: Draw) -> None:
    assert _is_added_to(tmp_path, _with(filled, draw))


@pytest.mark.parametrize("drawn", [True, False])
def test_what_is_about_the_page_makes_all_fields_doubtful(
    tmp_path: Path, filled: bytes, fillable: bytes, drawn: bool
) -> None:
    added = (
        _with(filled, _text("do kosza", 70, PAGE_HEIGHT - 40, 12))
        if drawn
        else _annotated(fillable, "Stamp", [250, 790, 450, 830], _shown("STORNO"))
    )
    found = _doubts(tmp_path, added).values()
    assert len(found) > 5
    assert None not in found
    assert DOUBT_ADDED_TO_PAGE in found


@pytest.mark.parametrize(
    ("subtype", "rect", "content", "more"),
    [
        ("Stamp", [250, 790, 450, 830], _shown("STORNO"), {}),
        ("Square", [300, 20, 500, 40], None, {}),
        ("Text", [5, 400, 25, 420], None, {"Contents": String("prosze pominac")}),
        ("Text", [_X0, PAGE_HEIGHT - _BOTTOM, _X0 + 18, PAGE_HEIGHT - _TOP], None, {"Contents": String("pominac")}),
        ("StrikeOut", [_X0, PAGE_HEIGHT - _BOTTOM, _X1, PAGE_HEIGHT - _TOP], None, {"Contents": String("WYCOFUJE to")}),
        ("Stamp", [_X0, PAGE_HEIGHT - _BOTTOM - 60, _X1, PAGE_HEIGHT - _TOP + 60], None, {}),
        ("Widget", [250, 795, 450, 825], _shown("odmowa"), {"FT": Name.Tx, "T": String("x"), "V": String("odmowa")}),
        ("Widget", [250, 795, 450, 825], _shown("odmowa"), {"FT": Name.Sig, "T": String("x")}),
    ],
)
def test_a_note_away_from_the_fields_or_with_words_is_about_the_page(
    tmp_path: Path, fillable: bytes, subtype: str, rect: list[float], content: str | None, more: dict[str, Any]
) -> None:
    assert _is_added_to(tmp_path, _annotated(fillable, subtype, rect, content, **more))


def _retitled(text: str) -> Draw:
    def draw(canvas: Canvas) -> None:
        x0, low, x1, high = _TITLE
        canvas.setFillGray(1)
        canvas.rect(x0 - 2, low, x1 - x0, high - low, stroke=0, fill=1)
        canvas.setFillGray(0)
        canvas.setFont(BOLD, 15)
        canvas.drawString(x0, high - 20, text)

    return draw


@pytest.mark.parametrize("text", ["Wypowiedzenie umowy", ""])
def test_a_form_of_another_or_no_title_is_doubtful_all_over(tmp_path: Path, filled: bytes, text: str) -> None:
    assert set(_doubts(tmp_path, _with(filled, _retitled(text))).values()) == {DOUBT_OTHER_PRINT}


def _shrunk(data: bytes, draw: Draw) -> bytes:
    """Printed to fit the margins, with something drawn beside the form."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        page = pdf.pages[0]
        page.contents_add(b"q 0.92 0 0 0.92 24 34 cm", prepend=True)
        page.contents_add(b"Q")
        return _with(saved(pdf), draw)


def test_what_stands_beside_a_form_that_does_not_fill_the_page_is_seen(tmp_path: Path, filled: bytes) -> None:
    assert set(_doubts(tmp_path, _shrunk(filled, _text("to pismo jest", 60, 18, 14))).values()) == {DOUBT_ADDED_TO_PAGE}
    assert set(_doubts(tmp_path, _shrunk(filled, _text("", 60, 18, 14))).values()) == {None}


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("https://ebok.example.org/druki?nr=7    1/1", 12),
        ("28.11.2026, 19:52    Strona 1 z 1", PAGE_HEIGHT - 16),
        ("wniosek_jan.pdf", PAGE_HEIGHT - 16),
    ],
)
def test_what_programs_write_into_the_margins_of_what_they_print_leaves_all_trusted(
    tmp_path: Path, filled: bytes, text: str, at: float
) -> None:
    assert set(_doubts(tmp_path, _with(filled, _text(text, 200, at, 8))).values()) == {None}


def test_the_look_of_an_electronic_signature_voids_nothing_wherever_it_stands(tmp_path: Path, fillable: bytes) -> None:
    made = {"FT": Name.Sig, "T": String("s"), "V": Dictionary(Type=Name.Sig, ByteRange=Array([0, 1, 2, 1]))}
    look = "1 g 0 0 200 40 re f 0 g " + _shown("nie wymaga podpisu")
    made_up = _annotated(fillable, "Widget", [60, 750, 260, 790], look, **made)
    assert set(_doubts(tmp_path, made_up).values()) == {None}


@pytest.mark.parametrize("box", [(330, 20, 560, 60), (60, 750, 260, 790)])
def test_a_signature_that_was_made_voids_nothing_with_the_line_around_it(
    tmp_path: Path, fillable: bytes, box: tuple[float, float, float, float]
) -> None:
    issuer = Issuer()
    made = signed(fillable, issuer.person("ANNA", "MAJ"), issuer, box=box)
    assert set(_doubts(tmp_path, made).values()) == {None}


def test_notes_that_are_hidden_void_nothing(tmp_path: Path, fillable: bytes) -> None:
    hidden = _annotated(fillable, "Stamp", [250, 790, 450, 830], _shown("STORNO"), F=2)
    assert set(_doubts(tmp_path, hidden).values()) == {None}


def test_a_signature_may_reach_out_of_its_box(tmp_path: Path, filled: bytes) -> None:
    x0, top, _, bottom = _FIELDS["signature"].bounds

    def sign(canvas: Canvas) -> None:
        canvas.bezier(x0 + 20, PAGE_HEIGHT - top - 15, x0 + 90, PAGE_HEIGHT - bottom + 70, x0 + 30, 60, x0 + 140, 95)

    assert PAGE_HEIGHT - bottom > 80
    assert set(_doubts(tmp_path, _with(filled, sign)).values()) == {None}


def test_what_is_stamped_on_paper_is_told_by_the_rules_of_paper(tmp_path: Path, filled: bytes) -> None:
    page = scan(_with(filled, _text("Wplyneło 12", 300, PAGE_HEIGHT - 38, 12)), "gray200", 3)[0]
    assert DOUBT_ADDED_TO_PAGE not in _doubts(tmp_path, files.image_pdf([page])).values()


@pytest.mark.parametrize(
    "told",
    [
        _with(draw_blank(_FORM), _text("prosze o kontakt 601 000 000", 70, PAGE_HEIGHT - 40, 11)),
        _with(draw_fillable(_FORM, {}), _text("adres bez zmian", 200, 38, 11)),
        _annotated(draw_fillable(_FORM, {}), "Text", [5, 400, 25, 420], Contents=String("kontakt")),
        _annotated(draw_blank(_FORM), "FreeText", [250, 790, 450, 830], _shown("moje dane")),
        _annotated(files.image_pdf([scan(draw_blank(_FORM), "gray200", 5)[0]]), "Text", [5, 400, 25, 420]),
    ],
    ids=["head", "foot", "comment", "free text", "comment on a scan"],
)
def test_a_blank_that_carries_a_message_is_for_the_desk_and_no_empty_blank(tmp_path: Path, told: bytes) -> None:
    path = files.write(tmp_path / "form.pdf", told)
    assert not holds_only_blanks(path)
    (document,) = read_file(path).documents
    assert document.submission is not None
    assert BLANK_FORM not in {problem.code for problem in document.problems}
    assert any(one.doubt for one in document.submission.fields.values())


def test_a_blank_that_was_printed_from_the_web_is_still_one(tmp_path: Path) -> None:
    printed = _with(draw_blank(_FORM), _text("https://ebok.example.org/druk.pdf  1/1", 200, 12, 8))
    assert holds_only_blanks(files.write(tmp_path / "form.pdf", printed))
