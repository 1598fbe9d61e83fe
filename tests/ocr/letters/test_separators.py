"""What parts the papers of a batch, and what is a paper that somebody has to see."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from forms import typesetting
from forms.catalogue import form_by_code
from forms.kinds import Value
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH
from ocr.files.page import Page
from ocr.letters.page_words import words_on
from ocr.letters.separators import is_separator
from ocr.reading import read_file
from specimens import files
from specimens.paper import print_form
from specimens.scanner import scan

Draw = Callable[[Canvas], None]


def _page(*draws: Draw) -> bytes:
    typesetting.load_fonts()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1)
    for draw in draws:
        canvas.setFont(typesetting.REGULAR, 14)
        draw(canvas)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _patch(canvas: Canvas) -> None:
    """Four bars across the upper edge, as patch codes have them."""
    for at, wide in enumerate((14.4, 5.8, 5.8, 14.4)):
        canvas.rect(60, PAGE_HEIGHT - 90 - 26 * at, 460, wide, stroke=0, fill=1)


def _code(kind: str, text: str) -> Draw:
    picture = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind)).to_image(scale=4)
    image = ImageReader(Image.fromarray(np.asarray(picture)))

    def draw(canvas: Canvas) -> None:
        canvas.drawImage(image, 180, 400, 200, 120, preserveAspectRatio=True)

    return draw


def _text(*lines: str, x: float = 80, y: float = 700) -> Draw:
    def draw(canvas: Canvas) -> None:
        for at, line in enumerate(lines):
            canvas.drawString(x, y - 22 * at, line)

    return draw


def _scribble(canvas: Canvas) -> None:
    """Words that no machine reads, written with a pen."""
    canvas.setLineWidth(1.6)
    for row in range(3):
        path = canvas.beginPath()
        path.moveTo(90, 520 - 45 * row)
        for at in range(40):
            path.curveTo(
                *(92 + 9 * at, 536 - 45 * row),
                *(99 + 9 * at, 500 - 45 * row - at % 3 * 6),
                *(99 + 9 * at, 520 - 45 * row),
            )
        canvas.drawPath(path)


_TO_US = ("Miejskie Zakłady Komunalne Sp. z o.o.", "66-470 Kostrzyn nad Odrą")


def _word(canvas: Canvas) -> None:
    """One short word in a small hand, less ink than a line of print."""
    canvas.setLineWidth(0.7)
    for at in range(6):
        left = 100 + 11 * at
        canvas.lines([(left, 250, left + 4, 261), (left + 4, 261, left + 8, 250), (left + 2, 255, left + 6, 255)])


PARTING = {
    "patch": (_patch,),
    "patch with its name": (_patch, _text("PATCH T", y=500)),
    "barcode": (_code("Code128", "MAILROOM-0001"),),
    "barcode with its text": (_code("Code128", "BATCH-17"), _text("BATCH-17", x=220, y=380)),
    "data matrix": (_code("DataMatrix", "https://scanner.example/next"),),
    "separator sheet": (_code("QRCode", "SEPARATOR"), _text("Strona rozdzielająca", "Nowy dokument")),
    "envelope": (_text(*_TO_US, x=290, y=500),),
}
WRITTEN = {
    "letter": (_text(*_TO_US, "Proszę o wyjaśnienie rachunku.", "Jan Przykładny"),),
    "envelope with its sender": (_text(*_TO_US, x=290, y=500), _text("Jan Przykładny", "ul. Leśna 3, Słubice")),
    "letter with a barcode": (_code("Code128", "RP123456789PL"), _text("Reklamacja faktury za maj", "Jan Przykładny")),
    "note on a separator": (_patch, _scribble),
    "note under our letterhead": (_text(*_TO_US), _scribble),
    "handwriting": (_scribble,),
    "one word under a code": (_code("QRCode", "SEPARATOR"), _word),
    "one word under a barcode": (_code("Code128", "BATCH-17"), _word),
    "one word on a patch sheet": (_patch, _word),
    "a typed word on a separator sheet": (
        _code("QRCode", "SEPARATOR"),
        _text("Nowy dokument"),
        _text("Rezygnuję", y=200),
    ),
    "one word under our address": (_text(*_TO_US), _word),
}


def _parts(page: bytes, turned: int = 0, seed: int = 7) -> bool:
    seen = scan(page, "gray150", seed)[0]
    lies = Page(1, np.ascontiguousarray(np.rot90(seen.image, turned)))
    return is_separator(lies, words_on(lies))


@pytest.mark.parametrize(
    ("name", "turned"),
    [*((name, 0) for name in PARTING), ("patch with its name", 2), ("barcode with its text", 2), ("envelope", 2)],
)
def test_a_page_that_only_parts_papers_is_known(name: str, turned: int) -> None:
    assert _parts(_page(*PARTING[name]), turned)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_page_with_writing_that_is_none_of_ours_parts_nothing(name: str) -> None:
    assert not _parts(_page(*WRITTEN[name]))


def test_strange_pages_in_a_row_are_one_document_and_those_apart_are_several(
    tmp_path: Path, values: Callable[..., dict[str, Value]]
) -> None:
    form = form_by_code("einvoice_withdrawal")
    ours, letter = (
        scan(print_form(form, values(form)), "gray150", 1)[0],
        scan(_page(*WRITTEN["letter"]), "gray150", 2)[0],
    )
    back, patch = scan(files.blank_page(), "gray150", 3)[0], scan(_page(_patch), "gray150", 4)[0]
    pages = [letter, letter, ours, letter, back, letter, patch, letter]
    reading = read_file(files.write(tmp_path / "batch.tif", files.tiff(pages)), forms=(form,))
    assert [document.pages for document in reading.documents] == [(1, 2), (3,), (4, 6), (8,)]
    assert reading.ignored_pages == (5, 7)
