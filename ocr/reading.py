"""From a file to its forms: every page identified, laid straight and read; pages put together to documents.

A page is read by the best that it offers: values of its form fields, its text layer, or its picture. What the text
layer of a scanner says is never believed: such pages are read anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np

from forms.catalogue import all_forms
from forms.form import Form, Problem
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH, layout
from forms.submission import Box, FieldValue, Submission
from ocr.alignment import cut
from ocr.blanks import Matrix
from ocr.handprint import HandprintReader
from ocr.identification import PageCode, identify
from ocr.page_reading import PageReading, read_page
from ocr.pages import GrayImage, Page, open_pages

SourceKind = Literal["scan", "text", "acroform"]

UNKNOWN_FORM: Final = "To nie jest żaden z naszych formularzy."
UNKNOWN_VERSION: Final = "Tej wersji formularza nie ma w programie. Sprawdź, czy wersja jest jeszcze ważna."
NOT_ALIGNED: Final = "Formularz jest rozpoznany, ale jego obraz jest zbyt zniekształcony. Zeskanuj go jeszcze raz."
PAGES_MISSING: Final = "Brakuje stron formularza."


@dataclass(frozen=True)
class DocumentReading:
    """One form found in a file, or a group of pages that is none of ours (``form_code`` None).

    ``pages`` are 1-based pages of the file. ``submission`` is None where the form is unknown or could not be aligned;
    ``problems`` then says why.
    """

    submission: Submission | None
    form_code: str | None
    version: str | None
    pages: tuple[int, ...]
    source: SourceKind
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class FileReading:
    """All that was found in a file. ``ignored_pages`` are empty backs and, beside forms of ours, strangers."""

    documents: tuple[DocumentReading, ...]
    ignored_pages: tuple[int, ...]


def read_file(
    path: Path, *, forms: Sequence[Form] | None = None, handprint: HandprintReader | None = None
) -> FileReading:
    """Read a PDF, TIFF, JPEG or PNG; raises the DocumentError that names the cause when it is unusable.

    ``forms`` are the forms to look for (default: all of the catalogue), ``handprint`` reads handwritten combs
    (default: the network).
    Memory does not grow with the number of pages.
    """
    known = tuple(forms) if forms is not None else all_forms()
    gathered = _Gathered()
    with open_pages(path) as pages:
        for page in pages:
            _take_page(page, known, handprint, gathered)
    return gathered.result()


def crop(path: Path, page: int, box: Box, dpi: float = 200, *, forms: Sequence[Form] | None = None) -> bytes:
    """PNG of a box (form points) of a page (1-based), upright and undistorted, for a human to look at.

    On a page that is no form of ours the box is taken from the page as if it were A4. ValueError when the file has no
    such page.
    """
    with open_pages(path) as pages:
        if not 1 <= page <= pages.count:
            raise ValueError(f"the file has {pages.count} pages, not {page}")
        picture = pages.page(page).picture
    found = identify(picture, tuple(forms) if forms is not None else all_forms())
    to_picture = found.alignment.to_picture if found.alignment else _as_it_lies(picture)
    done, png = cv2.imencode(".png", cut(picture, to_picture, box, dpi))
    assert done, "a gray picture always encodes"
    return png.tobytes()


def _as_it_lies(picture: GrayImage) -> Matrix:
    height, width = picture.shape
    return np.diag([width / PAGE_WIDTH, height / PAGE_HEIGHT, 1.0])


@dataclass
class _Open:
    """A document whose pages are being gathered."""

    form: Form
    source: SourceKind
    pages: dict[int, int] = field(default_factory=dict)
    fields: dict[str, FieldValue] = field(default_factory=dict)

    def closed(self) -> DocumentReading:
        missing = layout(self.form).pages - len(self.pages)
        problems = (Problem(None, "pages_missing", PAGES_MISSING),) if missing else ()
        submission = Submission(self.form, self.fields, paper=self.source == "scan")
        pages = tuple(sorted(self.pages.values()))
        return DocumentReading(submission, self.form.code, self.form.version, pages, self.source, problems)


@dataclass
class _Gathered:
    """The documents of a file as its pages come."""

    documents: list[_Open | DocumentReading] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)
    strangers: list[int] = field(default_factory=list)
    stranger_source: SourceKind = "text"

    def add(self, number: int, read: PageReading) -> None:
        last = self.documents[-1] if self.documents else None
        fits = isinstance(last, _Open) and last.form == read.form and read.form_page not in last.pages
        if not (isinstance(last, _Open) and fits and read.form_page > 1):
            last = _Open(read.form, read.source)
            self.documents.append(last)
        last.pages[read.form_page] = number
        last.fields.update(read.fields)

    def add_unread(self, number: int, code: PageCode, known: bool) -> None:
        problem = (
            Problem(None, "not_aligned", NOT_ALIGNED) if known else Problem(None, "unknown_version", UNKNOWN_VERSION)
        )
        self.documents.append(DocumentReading(None, code.form_code, code.version, (number,), "scan", (problem,)))

    def result(self) -> FileReading:
        found = [item.closed() if isinstance(item, _Open) else item for item in self.documents]
        if not found and self.strangers:
            problem = Problem(None, "unknown_form", UNKNOWN_FORM)
            unknown = DocumentReading(None, None, None, tuple(self.strangers), self.stranger_source, (problem,))
            return FileReading((unknown,), tuple(self.empty))
        return FileReading(tuple(found), tuple(sorted(self.empty + self.strangers)))


def _take_page(page: Page, forms: tuple[Form, ...], handprint: HandprintReader | None, gathered: _Gathered) -> None:
    found = identify(page.picture, forms)
    if found.alignment is not None:
        gathered.add(page.number, read_page(page, found.alignment, handprint))
    elif found.empty:
        gathered.empty.append(page.number)
    elif found.code is not None:
        known = any((form.code, form.version) == (found.code.form_code, found.code.version) for form in forms)
        gathered.add_unread(page.number, found.code, known)
    else:
        gathered.strangers.append(page.number)
        if not page.digital:
            gathered.stranger_source = "scan"
