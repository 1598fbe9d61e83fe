"""What was added to paper away from its fields: words that void it, lines through its print, and stamps of offices."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from forms.catalogue import form_by_code
from forms.form import Form
from forms.kinds import Value
from forms.layout import PAGE_HEIGHT, layout
from forms.typesetting import BOLD, load_fonts
from ocr.additions.added_ink import Added, added_ink
from ocr.additions.struck_print import DOUBT_STRUCK_PRINT, is_print_struck
from ocr.additions.void_words import DOUBT_VOID, bears_void_words
from ocr.alignment.identification import identify
from ocr.alignment.sheet import Sheet
from ocr.reading import read_file
from specimens import files
from specimens.paper import inked, print_fillable, print_form
from specimens.scanner import scan
from specimens.strokes import signature, smoothed, written
from tests.ocr.sheets import drawn, sheet_of

Values = Callable[[Form], dict[str, Value]]
Draw = Callable[[Canvas], None]

_FORM = form_by_code("einvoice_acceptance")
_PLACED = layout(_FORM)
_DECLARATION = PAGE_HEIGHT - _PLACED.declaration_at[1]
_RED, _BLUE = (0.78, 0.08, 0.1), (0.12, 0.18, 0.55)


def _stamp(
    *lines: str,
    at: tuple[float, float],
    size: float,
    tilt: float = 0,
    face: str = BOLD,
    colour: tuple[float, float, float] = _RED,
    framed: bool = True,
) -> Draw:
    """Lines around a point, with a frame; all but the first are smaller."""

    def draw(canvas: Canvas) -> None:
        load_fonts()
        canvas.translate(*at)
        canvas.rotate(tilt)
        canvas.setFillColorRGB(*colour)
        canvas.setStrokeColorRGB(*colour)
        wide = 0.0
        for number, line in enumerate(lines):
            high = size if number == 0 else 0.7 * size
            canvas.setFont(face, high)
            wide = max(wide, pdfmetrics.stringWidth(line, face, high))
            canvas.drawCentredString(0, -number * 1.15 * size, line)
        if framed:
            canvas.setLineWidth(size / 14)
            low = -(len(lines) - 1) * 1.15 * size - 0.35 * size
            canvas.rect(-wide / 2 - 0.3 * size, low, wide + 0.6 * size, 1.15 * len(lines) * size + 0.25 * size)

    return draw


def _on_a_label(canvas: Canvas) -> None:
    canvas.setFillGray(1)
    canvas.rect(200, 715, 200, 40, stroke=0, fill=1)
    _stamp("ANULOWANO", at=(300, 724), size=27)(canvas)


def _by_pen(text: str, x: float, y: float, size: float) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.setStrokeColorRGB(*_BLUE)
        canvas.setLineWidth(2)
        for number, sign in enumerate(text):
            left = x + 0.72 * size * number
            for stroke in written(sign, (left, 0, left + 0.72 * size, size), Random(5)):
                for (x0, top), (x1, bottom) in pairwise(stroke):
                    canvas.line(x0, y + size - top, x1, y + size - bottom)

    return draw


def _lines(*ends: tuple[float, float, float, float], width: float = 1.4) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.setStrokeColorRGB(*_BLUE)
        canvas.setLineWidth(width)
        for x0, y0, x1, y1 in ends:
            canvas.bezier(
                x0, y0, (2 * x0 + x1) / 3, (2 * y0 + y1) / 3 + 1, (x0 + 2 * x1) / 3, (y0 + 2 * y1) / 3 - 1, x1, y1
            )

    return draw


def _initials(x: float, y: float) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.setStrokeColorRGB(*_BLUE)
        canvas.setLineWidth(1.2)
        for stroke in smoothed(signature((x, PAGE_HEIGHT - y - 30, x + 70, PAGE_HEIGHT - y), Random(9))):
            for (x0, top), (x1, bottom) in pairwise(stroke):
                canvas.line(x0, PAGE_HEIGHT - top, x1, PAGE_HEIGHT - bottom)

    return draw


def _with(data: bytes, draw: Draw) -> bytes:
    return inked(data, files.drawn(draw))


def _doubts(folder: Path, data: bytes, how: str) -> dict[str, str | None]:
    """What is doubted about each field of a scan that holds something."""
    path = files.write(folder / "form.pdf", files.image_pdf(scan(data, how, 1)))
    (document,) = read_file(path).documents
    assert document.submission is not None
    return {name: one.doubt for name, one in document.submission.fields.items() if one.value}


def _added(data: bytes, how: str) -> list[Added]:
    """What was added to a scan."""
    (page,) = scan(data, how, 1)
    alignment = identify(page.image, (_FORM,)).alignment
    assert alignment is not None
    return added_ink(Sheet(page.image, alignment))


@pytest.fixture
def filled(values: Values) -> bytes:
    return print_form(_FORM, {**values(_FORM), "signature": True})


@pytest.mark.parametrize("how", ["gray200", "fax"])
@pytest.mark.parametrize(
    "draw",
    [
        _stamp("ANULOWANO", at=(300, 790), size=28),
        _stamp("ANULOWANO", at=(400, 700), size=28, tilt=7),
        _stamp("NIEWAŻNE", at=(300, 60), size=22, tilt=-3, colour=(0.1, 0.1, 0.1)),
        _stamp("UNIEWAŻNIONO", at=(250, _DECLARATION - 12), size=24, tilt=4),
        _stamp("KOPIA", at=(480, 690), size=22, colour=(0.35, 0.2, 0.6)),
        _stamp("WYCOFANO", at=(30, 430), size=22, tilt=90, framed=False),
        _stamp("ODRZUCONO", at=(430, 692), size=22, tilt=-6),
        _stamp("DO KASACJI", at=(300, 800), size=30, face="Times-Bold"),
        _by_pen("ANULUJĘ", 320, 785, 26),
        _on_a_label,
    ],
    ids=["head", "askew", "foot", "over print", "copy", "upright", "refused", "large", "pen", "label"],
)
def test_a_word_that_voids_is_read_on_a_scan(filled: bytes, draw: Draw, how: str) -> None:
    assert bears_void_words(_added(_with(filled, draw), how))


@pytest.mark.parametrize(
    ("draw", "doubt"),
    [
        (_stamp("ANULOWANO", at=(300, 790), size=28), DOUBT_VOID),
        (
            _lines((42, _DECLARATION + 5, 550, _DECLARATION - 32), (42, _DECLARATION - 32, 550, _DECLARATION + 5)),
            DOUBT_STRUCK_PRINT,
        ),
    ],
    ids=["void", "struck"],
)
def test_what_voids_a_scan_or_strikes_its_print_makes_all_that_it_holds_doubtful(
    tmp_path: Path, filled: bytes, draw: Draw, doubt: str
) -> None:
    assert None not in (found := _doubts(tmp_path, _with(filled, draw), "gray200")).values()
    assert doubt in found.values()


@pytest.mark.parametrize(
    "draw",
    [
        _stamp("WPŁYNĘŁO", "12. LIS. 2026", at=(440, 800), size=13, tilt=2, colour=_BLUE),
        _stamp("WPŁYNĘŁO", "12.11.2026", at=(400, 795), size=18, tilt=-4),
        _stamp("MZK", "Wpłynęło dnia", "12 -11- 2026", "L.dz. ......", at=(450, 700), size=13, tilt=12, colour=_BLUE),
        _stamp("WPŁYNĘŁO DO KANCELARII", "12 LIS 2026", at=(330, 745), size=12, tilt=-2, colour=_BLUE),
        _stamp("PRZYJĘTO", at=(480, 690), size=20, tilt=-5, colour=_BLUE),
        _stamp("SPRAWDZONO", "pod względem formalnym", at=(460, 690), size=14, tilt=2, colour=_BLUE),
        _stamp("PILNE", at=(480, 700), size=22, tilt=5),
        _stamp("ORYGINAŁ", at=(480, 690), size=20),
        _by_pen("12.11.2026", 430, 795, 11),
        _initials(460, 790),
        _lines((42, _DECLARATION - 12, 200, _DECLARATION - 12), width=0.8),
    ],
    ids=[
        "date",
        "large",
        "form",
        "over print",
        "taken",
        "checked",
        "urgent",
        "original",
        "pen",
        "initials",
        "underlined",
    ],
)
def test_what_an_office_puts_on_paper_leaves_all_trusted(tmp_path: Path, filled: bytes, draw: Draw) -> None:
    stamped = _with(filled, draw)
    assert set(_doubts(tmp_path, stamped, "gray200").values()) == {None}
    added = _added(stamped, "bitonal200")
    assert not bears_void_words(added)
    assert not is_print_struck(added)


@pytest.mark.parametrize("how", ["gray200", "bitonal200"])
@pytest.mark.parametrize(
    "draw",
    [
        _lines((60, PAGE_HEIGHT - 70, 400, PAGE_HEIGHT - 120), (60, PAGE_HEIGHT - 120, 400, PAGE_HEIGHT - 70)),
        _lines((60, PAGE_HEIGHT - 50, 160, PAGE_HEIGHT - 150), (60, PAGE_HEIGHT - 150, 160, PAGE_HEIGHT - 50)),
        _lines((42, _DECLARATION + 5, 550, _DECLARATION - 32), (42, _DECLARATION - 32, 550, _DECLARATION + 5)),
        _lines((42, _DECLARATION - 7, 530, _DECLARATION - 9), (42, _DECLARATION - 20, 400, _DECLARATION - 21)),
        _lines((40, PAGE_HEIGHT - 86, 370, PAGE_HEIGHT - 88)),
    ],
    ids=["head", "steep", "declaration", "line by line", "title"],
)
def test_print_that_is_struck_through_is_seen_on_a_scan(filled: bytes, draw: Draw, how: str) -> None:
    assert is_print_struck(_added(_with(filled, draw), how))


@pytest.mark.parametrize("printed", [print_form, print_fillable])
def test_a_page_that_holds_nothing_but_its_values_has_nothing_added(
    values: Values, printed: Callable[..., bytes]
) -> None:
    sheet = sheet_of(drawn(printed(_FORM, {**values(_FORM), "signature": True})), _FORM)
    assert added_ink(sheet) == []


def test_what_lay_beneath_a_photo_is_nothing_added(values: Values) -> None:
    picture = drawn(print_form(_FORM, {**values(_FORM), "signature": True})).copy()
    picture[:3] = picture[-3:] = picture[:, :3] = picture[:, -3:] = 60
    assert added_ink(sheet_of(picture, _FORM)) == []
