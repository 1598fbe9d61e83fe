"""What a page of a PDF is made of: letters, drawings, photographs, and what is left when some of it is taken away."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from ocr.files.page import GrayImage
from ocr.files.pdf_nature import nature_of, take_all_but_text_away, take_photographs_away
from ocr.files.pdf_pages import PDFIUM_LOCK

_WIDE, _HIGH = 600.0, 800.0

Draw = Callable[[Canvas], None]


def _pdf(*draws: Draw) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(_WIDE, _HIGH), invariant=1)
    for draw in draws:
        draw(canvas)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


@contextmanager
def _opened(data: bytes) -> Iterator[pypdfium2.PdfPage]:
    with PDFIUM_LOCK:
        document = pypdfium2.PdfDocument(data)
        page = document[0]
        try:
            yield page
        finally:
            page.close()
            document.close()


def _text(canvas: Canvas) -> None:
    canvas.drawString(50, 700, "Numer klienta")


def _hidden(mode: int) -> Draw:
    def draw(canvas: Canvas) -> None:
        text = canvas.beginText(50, 600)
        text.setTextRenderMode(mode)
        text.textOut("odczytane przez skaner")
        canvas.drawText(text)

    return draw


def _picture(pixels: tuple[int, int], x: float, y: float, wide: float, high: float, gray: int = 90) -> Draw:
    image = ImageReader(Image.new("L", pixels, gray))
    return lambda canvas: canvas.drawImage(image, x, y, wide, high) and None


def _surface(wide: float, high: float) -> Draw:
    def draw(canvas: Canvas) -> None:
        canvas.setFillGray(0.6)
        canvas.rect(50, 100, wide, high, stroke=0, fill=1)

    return draw


def test_a_page_of_letters_is_drawn_and_readable() -> None:
    with _opened(_pdf(_text)) as page:
        nature = nature_of(page)
    assert (nature.dpi, nature.covering, nature.photographs, nature.readable) == (200, False, False, True)


@pytest.mark.parametrize("draws", [(), (_hidden(3),), (_text, _hidden(3)), (_hidden(7), _text)])
def test_a_page_without_letters_or_with_hidden_ones_is_not_readable(draws: tuple[Draw, ...]) -> None:
    with _opened(_pdf(*draws)) as page:
        assert not nature_of(page).readable


@pytest.mark.parametrize("mode", [0, 1, 2, 4])
def test_letters_however_they_are_filled_or_outlined_are_seen(mode: int) -> None:
    with _opened(_pdf(_hidden(mode))) as page:
        assert nature_of(page).readable


@pytest.mark.parametrize(
    ("pixels", "dpi"), [((600, 800), 150), ((1500, 2000), 180), ((2200, 2933), 264), ((5000, 6667), 300)]
)
def test_the_photograph_of_a_page_is_drawn_as_fine_as_it_is_within_reason(pixels: tuple[int, int], dpi: float) -> None:
    with _opened(_pdf(_picture(pixels, 0, 0, _WIDE, _HIGH))) as page:
        nature = nature_of(page)
    assert nature.dpi == pytest.approx(dpi, abs=0.5)
    assert (nature.covering, nature.photographs, nature.readable) == (True, True, False)


def test_a_fine_picture_decides_how_fine_a_page_is_drawn_unless_it_is_a_small_one() -> None:
    small, large = (_picture((1600, 400), 50, 500, wide, wide / 4) for wide in (100, 400))
    with _opened(_pdf(_text, small)) as page:
        nature = nature_of(page)
        assert (nature.dpi, nature.photographs, nature.covering, nature.readable) == (200, True, False, True)
    with _opened(_pdf(_text, large)) as page:
        assert nature_of(page).dpi == pytest.approx(1600 * 72 / 400)


def test_a_coarse_picture_on_a_drawn_page_makes_it_no_coarser() -> None:
    with _opened(_pdf(_text, _picture((100, 25), 50, 500, 400, 100))) as page:
        assert nature_of(page).dpi == 200


@pytest.mark.parametrize(("high", "covering"), [(470.0, False), (490.0, True)])
def test_photographs_cover_a_page_if_they_take_most_of_it_together(high: float, covering: bool) -> None:
    strips = [_picture((300, 60), 0, at * high / 4, _WIDE, high / 4) for at in range(4)]
    with _opened(_pdf(*strips)) as page:
        assert nature_of(page).covering is covering


@pytest.mark.parametrize(("x", "y"), [(_WIDE / 2, 0), (-_WIDE / 2, 0), (0, _HIGH / 2), (0, -_HIGH / 2), (_WIDE + 5, 0)])
def test_what_lies_beyond_the_page_covers_none_of_it(x: float, y: float) -> None:
    with _opened(_pdf(_picture((300, 400), x, y, _WIDE, _HIGH))) as page:
        assert not nature_of(page).covering


def test_a_photograph_in_a_form_within_the_page_stands_where_the_form_puts_it() -> None:
    def inner(scale: float) -> Draw:
        def draw(canvas: Canvas) -> None:
            canvas.beginForm("inner", 0, 0, _WIDE, _HIGH)
            _picture((1500, 2000), 0, 0, _WIDE / 10, _HIGH / 10)(canvas)
            canvas.endForm()
            canvas.saveState()
            canvas.scale(scale, scale)
            canvas.doForm("inner")
            canvas.restoreState()

        return draw

    with _opened(_pdf(inner(10))) as page:
        nature = nature_of(page)
        assert (nature.covering, nature.photographs) == (True, True)
        assert nature.dpi == pytest.approx(180, abs=0.5)
    with _opened(_pdf(inner(1))) as page:
        nature = nature_of(page)
        assert (nature.covering, nature.dpi) == (False, 200)


def test_a_large_surface_may_be_filled_with_a_photograph_and_a_small_one_is_drawn() -> None:
    for high, may_be in ((150, False), (250, True)):
        with _opened(_pdf(_text, _surface(400, high))) as page:
            nature = nature_of(page)
            assert (nature.photographs, nature.covering) == (may_be, False)


def _drawn(page: pypdfium2.PdfPage) -> GrayImage:
    bitmap = page.render(scale=0.5, grayscale=True)
    try:
        picture: GrayImage = bitmap.to_numpy().reshape(400, 300).copy()
        return picture
    finally:
        bitmap.close()


_ALL = _pdf(_text, _picture((40, 40), 100, 400, 60, 60), _surface(80, 80), lambda canvas: canvas.line(300, 50, 500, 60))
"""Letters, a photograph, a small surface and a line, one below the other."""


def _left(page: pypdfium2.PdfPage) -> list[bool]:
    """Whether anything is seen of each of them."""
    picture = _drawn(page)
    return [bool((part < 200).any()) for part in (picture[30:60], picture[170:205], picture[310:350], picture[365:380])]


def test_without_its_photographs_a_page_is_what_was_drawn() -> None:
    with _opened(_ALL) as page:
        assert _left(page) == [True, True, True, True]
        take_photographs_away(page)
        assert _left(page) == [True, False, True, True]


def test_with_all_but_its_letters_taken_away_only_they_are_left() -> None:
    with _opened(_ALL) as page:
        take_all_but_text_away(page)
        assert _left(page) == [True, False, False, False]


def test_letters_in_a_form_within_the_page_are_left_and_pictures_in_it_are_not() -> None:
    def inner(canvas: Canvas) -> None:
        canvas.beginForm("inner", 0, 0, _WIDE, _HIGH)
        _text(canvas)
        _picture((40, 40), 100, 400, 60, 60)(canvas)
        canvas.endForm()
        canvas.doForm("inner")

    with _opened(_pdf(inner)) as page:
        take_all_but_text_away(page)
        assert _left(page)[:2] == [True, False]
    with _opened(_pdf(inner)) as page:
        take_photographs_away(page)
        assert _left(page)[:2] == [True, False]


def _with_content(content: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(_pdf(_text))) as pdf:
        pdf.pages[0].contents_add(content)
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


@pytest.mark.parametrize(("count", "readable"), [(29_000, True), (30_500, False)])
def test_a_page_of_more_letters_or_objects_than_any_page_has_is_not_asked_for_its_text(
    count: int, readable: bool
) -> None:
    letters = b"BT /F1 1 Tf 10 10 Td (" + b"a" * count + b") Tj ET"
    for content in (letters, b"0 0 m 9 9 l S\n" * count):
        with _opened(_with_content(content)) as page:
            assert nature_of(page).readable is readable


def test_the_part_of_a_page_that_is_shown_decides_what_covers_it() -> None:
    data = _pdf(_picture((300, 400), 0, 0, _WIDE, _HIGH / 4))
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.pages[0].cropbox = [0, 0, _WIDE, _HIGH / 4]
        out = io.BytesIO()
        pdf.save(out)
    with _opened(out.getvalue()) as page:
        assert np.isclose(page.get_height(), _HIGH / 4)
        assert nature_of(page).covering
