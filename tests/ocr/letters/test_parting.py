"""What parts the papers of a batch, by the words and the ink of a small page: no letter of anybody's is thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import pytest
import zxingcpp

from environment.settings import get_settings
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH
from ocr.files.page import GrayImage, Page
from ocr.letters.page_words import Line, PageText, Word
from ocr.letters.separators import is_separator

_HIGH, _WIDE = 1100, 778
"""A page at about 94 dpi."""


def _paper() -> GrayImage:
    return np.full((_HIGH, _WIDE), 250, np.uint8)


def _with_code(page: GrayImage, text: str = "SEPARATOR", kind: str = "QRCode") -> GrayImage:
    code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind)).to_image(scale=4)
    picture = np.asarray(code)
    page[400 : 400 + picture.shape[0], 90 : 90 + picture.shape[1]] = picture
    return page


def _with_bars(page: GrayImage, count: int = 4, *, long: int = 500, thick: int = 14, gray: int = 20) -> GrayImage:
    for at in range(count):
        page[120 + 40 * at : 120 + 40 * at + thick, 100 : 100 + long] = gray
    return page


def _word(text: str, x: float = 100, y: float = 700, sure: float = 0.9) -> Word:
    """By pixels of the page."""
    across, down = PAGE_WIDTH / _WIDE, PAGE_HEIGHT / _HIGH
    return Word(text, (x * across, y * down, (x + 11 * len(text)) * across, (y + 16) * down), sure)


def _printed(page: GrayImage, words: Sequence[Word]) -> GrayImage:
    """Letters are upright strokes here: what they say is told by the words."""
    for word in words:
        x0, top, x1, bottom = (round(edge * _WIDE / PAGE_WIDTH) for edge in word.box)
        for x in range(x0 + 2, x1 - 2, 6):
            page[top + 2 : bottom - 2, x : x + 2] = 40
    return page


def _parts(page: GrayImage, *words: Word) -> bool:
    text = PageText(1, tuple(Line((word,)) for word in words), "scan", paper=True)
    return is_separator(Page(1, _printed(page, words)), text)


@pytest.mark.parametrize("kind", ["QRCode", "DataMatrix", "Code128"])
def test_a_page_with_nothing_but_a_code_parts_papers(kind: str) -> None:
    assert _parts(_with_code(_paper(), kind=kind))


def test_an_empty_page_and_one_with_words_alone_part_nothing() -> None:
    assert not _parts(_paper())
    assert not _parts(_paper(), _word("separator"))


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("Separator", True),
        ("PRZEKŁADKA", True),
        ("dokumentów", True),
        ("BATCH-17", True),
        ("A", True),
        ("rezygnuję", False),
        ("separatystyczny", True),
        ("przekładkami", False),
        ("17", True),
        ("18", False),
    ],
)
def test_a_code_stands_with_its_own_text_and_words_of_separators_and_with_no_others(word: str, parts: bool) -> None:
    assert _parts(_with_code(_paper(), "BATCH-17"), _word(word)) is parts


def test_a_word_that_is_read_without_confidence_is_ink_that_belongs_to_nothing() -> None:
    assert not _parts(_with_code(_paper()), _word("separator", sure=0.3))
    assert _parts(_with_code(_paper()), _word("separator", sure=0.5))


def test_a_few_single_signs_number_a_sheet_and_more_of_them_are_a_word_in_spaced_capitals() -> None:
    signs = [_word(sign, 100 + 60 * at) for at, sign in enumerate("NIEE")]
    assert _parts(_with_code(_paper()), *signs[:3])
    assert not _parts(_with_code(_paper()), *signs)


@pytest.mark.parametrize(
    ("count", "changed", "parts"),
    [
        (4, {}, True),
        (3, {}, False),
        (5, {"thick": 6}, True),
        (4, {"long": 80}, False),
        (4, {"thick": 2}, False),
        (4, {"long": 100, "thick": 39}, True),
        (4, {"long": 94, "thick": 39}, False),
        (4, {"gray": 200}, False),
    ],
)
def test_long_bars_of_ink_are_a_patch_and_lines_blocks_and_gray_ones_are_none(
    count: int, changed: dict[str, int], parts: bool
) -> None:
    assert _parts(_with_bars(_paper(), count, **changed)) is parts


def test_upright_bars_are_a_patch_too() -> None:
    page = np.ascontiguousarray(np.rot90(_with_bars(_paper())))
    text = PageText(1, (), "scan", paper=True)
    assert is_separator(Page(1, page), text)


def _stroke(page: GrayImage, x: int, y: int, long: int = 30) -> GrayImage:
    """A word in a thin hand."""
    for at in range(6):
        left = x + long // 2 * at
        cv2.line(page, (left, y), (left + long // 4, y - long // 2), 60, 2, cv2.LINE_AA)
        cv2.line(page, (left + long // 4, y - long // 2), (left + long // 4, y), 60, 2, cv2.LINE_AA)
    return page


@pytest.mark.parametrize(("x", "y"), [(100, 800), (500, 1000), (300, 80)])
def test_writing_anywhere_beside_a_code_or_bars_is_somebodys(x: int, y: int) -> None:
    assert not _parts(_stroke(_with_code(_paper()), x, y))
    assert not _parts(_stroke(_with_bars(_paper()), x, y + 30))


def test_ink_that_no_machine_reads_makes_a_page_a_paper() -> None:
    blot = _with_code(_paper())
    cv2.circle(blot, (200, 900), 25, 30, -1)
    assert not _parts(blot)


def test_what_a_scanner_shows_beside_the_paper_is_no_ink_of_the_page() -> None:
    page = _with_code(_paper())
    page[:, :25] = 10
    page[-20:] = 10
    assert _parts(page)


def _address(*more: str, y: float = 500) -> list[Word]:
    settings = get_settings()
    words = f"{settings.company_short} {settings.company_address} {settings.company_town} {' '.join(more)}".split()
    return [_word(word, 330 + 100 * (at % 4), y + 24 * (at // 4)) for at, word in enumerate(words)]


_TOWNS: Final = ("Polska", "polecony", "ul.")


def test_an_envelope_that_bears_our_address_alone_parts_papers() -> None:
    assert _parts(_paper(), *_address())
    assert _parts(_paper(), *_address(*_TOWNS))


@pytest.mark.parametrize("word", ["Przykładny", "rezygnuję", "601234567", "Słubice"])
def test_any_word_of_anything_else_on_an_envelope_is_for_somebody_to_see(word: str) -> None:
    assert not _parts(_paper(), *_address(word))


def test_one_word_of_our_address_alone_makes_no_envelope() -> None:
    assert not _parts(_paper(), _word(get_settings().company_town.split()[0]))


def test_a_word_of_our_address_that_is_read_with_a_slip_is_ours() -> None:
    town = max(get_settings().company_town.split(), key=len)
    assert len(town) >= 6
    assert _parts(_paper(), *_address(town[:2] + "x" + town[3:]))
    assert not _parts(_paper(), *_address("xyz" + town[3:]))


def test_a_stamp_in_the_corner_of_an_envelope_belongs_to_it_and_elsewhere_it_is_ink() -> None:
    for x, y, parts in ((600, 200, True), (600, 900, False), (150, 200, False)):
        stamped = _paper()
        cv2.circle(stamped, (x, y), 40, 60, 3)
        cv2.circle(stamped, (x, y), 20, 60, -1)
        assert _parts(stamped, *_address()) is parts


def test_a_stroke_that_leaves_a_code_over_its_corner_is_no_bar_of_it() -> None:
    page = _with_code(_paper())
    rows, columns = (np.flatnonzero((page < 100).any(axis=axis)) for axis in (1, 0))
    right, low = int(columns[-1]) + 6, int(rows[-1]) + 6
    assert _parts(page)
    cv2.line(page, (right, low), (right + 110, low + 110), 20, 8)
    assert not _parts(page)


def test_a_stroke_beside_a_code_at_its_height_is_no_bar_of_it() -> None:
    page = _with_code(_paper())
    rows, columns = (np.flatnonzero((page < 100).any(axis=axis)) for axis in (1, 0))
    middle, right, low = int(rows.mean()), int(columns[-1]), int(rows[-1])
    for x, y in ((right + 60, middle), (150, low + 60), (150, int(rows[0]) - 60)):
        assert not _parts(cv2.line(page.copy(), (x, y), (x + 60, y), 20, 16))
