"""Forms of ours on which nothing was written: a scanned blank, or a fillable form sent back as it came."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from forms.catalogue import all_forms
from ocr.alignment.alignment import Alignment
from ocr.alignment.identification import identify
from ocr.alignment.sheet import Sheet
from ocr.fields.signatures import DOUBT_DOTS
from ocr.fields.stray_ink import StrayInk
from ocr.fields.visibility import DOUBT_ALL_EMPTY
from ocr.files.opening import open_pages
from ocr.files.page import Page, Widget
from ocr.handprint.page import HandReader
from ocr.installation import installation
from ocr.page_reading import PageReading, read_page

_OF_NO_ENTRY: Final = frozenset({None, DOUBT_ALL_EMPTY, DOUBT_DOTS})
"""Doubts of a field in which nothing stands; coarse scans make a line of the dots for the signature."""
_MOST_PAGES: Final = 8
"""A longer file is not looked at: it is no form with its backs."""


def _says_something(widget: Widget) -> bool:
    """Whether a form field holds an entry: blanks, dots and dashes are none."""
    return re.search(r"[^\W_]", widget.value) is not None if isinstance(widget.value, str) else bool(widget.value)


def is_unfilled(page: Page, alignment: Alignment, read: PageReading) -> bool:
    """Whether a page of ours holds no value, mark, note or writing beside its boxes, and nothing that is doubtful."""
    if any(note not in page.signed for note in page.notes):
        return False
    if any(field.value or field.doubt not in _OF_NO_ENTRY for field in read.fields.values()):
        return False
    return not StrayInk(Sheet(page.picture, alignment)).pieces


def holds_only_blanks(path: Path) -> bool:
    """Whether a file holds forms of ours and nothing but unfilled ones; raises as ``read_file`` does.

    It ends at the first page that holds anything, so that it costs a filled-in form no more than being identified.
    """
    forms, found = all_forms(), False
    hand = HandReader(installation(), None, None)
    with open_pages(path) as pages:
        if pages.count > _MOST_PAGES:
            return False
        for number in range(1, pages.count + 1):
            page = pages.page(number)
            if page.otherwise or any(map(_says_something, page.widgets)):
                return False
            seen = identify(page.picture, forms)
            if seen.alignment is None:
                if not seen.empty:
                    return False
                continue
            sheet = Sheet(page.picture, seen.alignment)
            combs = [sheet.comb(item) for item in sheet.fields if item.field.kind.widget == "comb"]
            if not all(comb.empty for comb in combs):
                return False
            if not is_unfilled(page, seen.alignment, read_page(page, seen.alignment, hand)):
                return False
            found = True
    return found
