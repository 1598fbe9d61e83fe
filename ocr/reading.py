"""From a file to its forms: every page identified, laid straight and read; pages put together to documents.

A page of a form is read from its picture; what form fields or a text layer say is a witness beside it
(``ocr.page_reading``). On a photograph of paper they are not asked at all: a scanner's text layer is never believed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from forms.catalogue import all_forms
from forms.electronic_signature import ElectronicSignature
from forms.form import Form, Problem
from forms.layout import layout
from forms.submission import BLANK_FORM, FieldValue, Submission
from ocr.alignment.identification import Identified, PageCode, identify
from ocr.electronic_signatures.detection import signatures_in
from ocr.files.opening import open_pages
from ocr.files.page import Page
from ocr.handprint.page import HandReader
from ocr.handprint.recogniser import Network
from ocr.installation import installation
from ocr.knowledge import Knowledge
from ocr.letters.unknown_layout import Proposed, Strangers, proposed_values
from ocr.page_reading import PageReading, read_page
from ocr.results import (
    CONTRADICTORY,
    IN_BATCH,
    LETTER_IN_BATCH,
    NOT_ALIGNED,
    NOT_FILLED_IN,
    NOT_LOOKED_AT,
    PAGES_MISSING,
    TWO_FORMS,
    UNKNOWN_FORM,
    UNKNOWN_LAYOUT,
    UNKNOWN_VERSION,
    DocumentReading,
    FileReading,
    SourceKind,
)
from ocr.unfilled import is_unfilled


def read_file(
    path: Path,
    *,
    forms: Sequence[Form] | None = None,
    handprint: Network | None = None,
    knowledge: Knowledge | None = None,
    today: date | None = None,
    only: Collection[int] | None = None,
    turns: Mapping[int, int] | None = None,
) -> FileReading:
    """Read a PDF, TIFF, JPEG, PNG or HEIC; raises the DocumentError that names the cause when it is unusable.

    ``forms`` are the forms to look for (default: all of the catalogue), ``handprint`` reads handwritten cells
    (default: the network), ``knowledge`` is what is known beside the paper (default: what the installation knows),
    ``today`` the day on which handwriting is read.
    ``only`` are the pages to look at (default: all), ``turns`` quarter turns clockwise by which a human turned them.
    Memory does not grow with the number of pages.
    """
    known = tuple(forms) if forms is not None else all_forms()
    hand = HandReader(knowledge or installation(), handprint, today)
    return _gathered(path, known, hand, only, turns or {}).result()


def read_as(
    path: Path,
    form: Form,
    only: Collection[int],
    *,
    turns: Mapping[int, int] | None = None,
    knowledge: Knowledge | None = None,
    today: date | None = None,
) -> FileReading:
    """Read pages as that form because a human says so: by its layout, or what their words offer for its fields.

    There is always a document of that form, if need be with no value at all; a page whose code tells another version of
    it is read as that one. Arguments and errors as for ``read_file``.
    """
    hand = HandReader(knowledge or installation(), None, today)
    versions = tuple(other for other in all_forms() if other.code == form.code and other != form)
    gathered = _gathered(path, (*versions, form), hand, only, turns or {})
    found = gathered.result()
    if any(one.submission is not None and one.form_code == form.code for one in found.documents):
        return found
    texts = gathered.strangers.texts
    fields = proposed_values(form, texts) if texts else {}
    source: SourceKind = "text" if texts and not any(text.paper for text in texts) else "scan"
    problem = Problem(None, "unknown_layout", UNKNOWN_LAYOUT)
    submission = Submission(form, fields, paper=source == "scan")
    document = DocumentReading(submission, form.code, None, tuple(sorted(only)), source, (problem,))
    return FileReading((document,), (), found.turns).signed(found.signatures).attached(gathered.attachments)


def _gathered(
    path: Path, forms: tuple[Form, ...], hand: HandReader, only: Collection[int] | None, turns: Mapping[int, int]
) -> _Gathered:
    gathered = _Gathered(Strangers(forms))
    with open_pages(path) as pages:
        gathered.signatures, gathered.attachments = signatures_in(path), pages.attachments
        for number in range(1, pages.count + 1):
            if only is None or number in only:
                _take_page(pages.page(number).turned_by(turns.get(number, 0)), forms, hand, gathered)
    return gathered


@dataclass
class _Open:
    """A document whose pages are being gathered."""

    form: Form
    source: SourceKind
    pages: dict[int, int] = field(default_factory=dict)
    fields: dict[str, FieldValue] = field(default_factory=dict)
    unfilled: bool = True
    several: bool = False

    def closed(self) -> DocumentReading:
        missing = layout(self.form).pages - len(self.pages)
        blank = [Problem(None, BLANK_FORM, NOT_FILLED_IN)] if self.unfilled and not self.several else []
        problems = (*blank, *([Problem(None, "pages_missing", PAGES_MISSING)] if missing else []))
        problems += (Problem(None, "two_forms", TWO_FORMS),) if self.several else ()
        submission = Submission(self.form, self.fields, paper=self.source == "scan")
        pages = tuple(sorted(self.pages.values()))
        return DocumentReading(submission, self.form.code, self.form.version, pages, self.source, problems)


@dataclass
class _Gathered:
    """The documents of a file as its pages come."""

    strangers: Strangers
    documents: list[_Open | DocumentReading] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)
    signatures: tuple[ElectronicSignature, ...] = ()
    attachments: int = 0

    def add(self, number: int, read: PageReading, *, unfilled: bool, several: bool) -> None:
        self.strangers.interrupt()
        last = self.documents[-1] if self.documents else None
        fits = isinstance(last, _Open) and last.form == read.form and read.form_page not in last.pages
        if not (isinstance(last, _Open) and fits and read.form_page > 1):
            last = _Open(read.form, read.source)
            self.documents.append(last)
        last.pages[read.form_page] = number
        last.source = "scan" if "scan" in (last.source, read.source) else read.source
        last.fields.update(read.fields)
        last.unfilled = last.unfilled and unfilled
        last.several = last.several or several

    def add_unread(self, page: Page, code: PageCode, forms: tuple[Form, ...]) -> None:
        """A page of ours that cannot be read by its layout: distorted, or of a version that is not installed."""
        self.strangers.interrupt()
        versions = [form for form in forms if form.code == code.form_code]
        if any(form.version == code.version for form in versions):
            submission, problem = None, Problem(None, "not_aligned", NOT_ALIGNED)
        else:
            submission = self._by_labels(page, versions[-1]) if versions else None
            problem = Problem(None, "unknown_version", UNKNOWN_VERSION)
        source: SourceKind = "text" if page.digital else "scan"
        self.documents.append(
            DocumentReading(submission, code.form_code, code.version, (page.number,), source, (problem,))
        )

    def _by_labels(self, page: Page, form: Form) -> Submission:
        text = self.strangers.text_of(page)
        fields = {} if text is None else proposed_values(form, [text])
        return Submission(form, fields, paper=not page.digital)

    def result(self) -> FileReading:
        """All that was found, with the signatures of the file and what is attached to it."""
        return self._found().signed(self.signatures).attached(self.attachments)

    def _found(self) -> FileReading:
        found = [item.closed() if isinstance(item, _Open) else item for item in self.documents]
        found += [_as_document(each) for each in self.strangers.proposed({item.form_code for item in found})]
        strangers, unread = sorted(self.strangers.strangers), self.strangers.unread
        if not found:
            found += _unknown(sorted(strangers + unread), self.strangers.source, "unknown_form", UNKNOWN_FORM)
            return FileReading(tuple(found), tuple(self.empty), self.strangers.turns)
        found += _unknown(unread, "scan", "unknown_form", NOT_LOOKED_AT)
        separators = self.strangers.separators
        for pages in self._in_a_row([page for page in strangers if page not in separators]):
            found += _unknown(pages, self.strangers.source, LETTER_IN_BATCH, IN_BATCH)
        ignored = tuple(sorted(self.empty + separators))
        return FileReading(tuple(sorted(found, key=lambda one: one.pages)), ignored, self.strangers.turns)

    def _in_a_row(self, pages: Sequence[int]) -> list[list[int]]:
        """Pages in groups between which there is nothing but empty ones."""
        rows: list[list[int]] = []
        for page in pages:
            if rows and all(between in self.empty for between in range(rows[-1][-1] + 1, page)):
                rows[-1].append(page)
            else:
                rows.append([page])
        return rows


def _as_document(found: Proposed) -> DocumentReading:
    """A letter or foreign edition: proposed values, for a human in any case."""
    problem = Problem(None, "unknown_layout", UNKNOWN_LAYOUT if found.form else CONTRADICTORY)
    if found.form is None:
        return DocumentReading(None, None, None, found.pages, found.source, (problem,))
    submission = Submission(found.form, found.fields, paper=found.source == "scan")
    return DocumentReading(submission, found.form.code, None, found.pages, found.source, (problem,))


def _unknown(pages: Sequence[int], source: SourceKind, code: str, message: str) -> list[DocumentReading]:
    """Pages that are none of ours as one document; nothing for no pages."""
    problem = Problem(None, code, message)
    return [DocumentReading(None, None, None, tuple(pages), source, (problem,))] if pages else []


def _take_page(page: Page, forms: tuple[Form, ...], hand: HandReader, gathered: _Gathered) -> None:
    found = identify(page.picture, forms, drawn=page.digital)
    if found.empty:
        page, found = _shown_otherwise(page, forms, found)
    if found.alignment is not None:
        read = read_page(page, found.alignment, hand)
        unfilled = is_unfilled(page, found.alignment, read)
        gathered.add(page.number, read, unfilled=unfilled, several=found.several)
    elif found.empty:
        gathered.empty.append(page.number)
    elif found.code is not None:
        gathered.add_unread(page, found.code, forms)
    else:
        gathered.strangers.add(page)


def _shown_otherwise(page: Page, forms: tuple[Form, ...], found: Identified) -> tuple[Page, Identified]:
    """A page that is empty here, as other programs show it if they show anything."""
    for picture in page.otherwise:
        other = identify(picture, forms, drawn=page.digital)
        if not other.empty:
            return replace(page, picture=picture, otherwise=(page.picture,)), other
    return page, found
