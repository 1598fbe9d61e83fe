"""The files of a run of the printer: a list (CSV), and one PDF in the order of the post, ready for window envelopes."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from typing import Final

import pikepdf
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from billing import contract
from billing.statement import Row
from confirmations.channels.files import write_whole, written_whole
from confirmations.channels.letter import draw_cover
from confirmations.recipients import postal_address
from customers.ksef import CASES, in_ksef, party_of
from customers.records import CustomerRecord
from documents.originals import OriginalError, chunks_of
from environment.settings import get_settings
from forms.typesetting import load_fonts
from readers.scratch import Scratch

FOLDER: Final = "invoices"
"""In the folder of outgoing messages."""
_TOGETHER: Final = 200
"""Invoices that are put together in memory."""
_PART: Final = 2000
"""Invoices in one PDF at most: all of its objects are in memory once, and machines are small."""
_LINES: Final = 3
_HEAD: Final = (
    "lp.",
    "numer faktury",
    "rodzaj",
    "numer klienta",
    "nazwa",
    "ulica",
    "nr domu",
    "nr lokalu",
    "kod pocztowy",
    "miejscowość",
    "brutto",
    "termin płatności",
    "plik PDF",
    "strony w PDF",
    "uwagi",
)
_NO_PICTURE: Final = "rozliczenia nie dały PDF: wydrukuj tę fakturę w rozliczeniach"
_BROKEN: Final = "PDF nie daje się otworzyć: wydrukuj tę fakturę w rozliczeniach"
_NO_ADDRESS: Final = "w rejestrze nie ma pełnego adresu"
_CAME_BACK: Final = "e-mail nie dotarł"
_UNCERTAIN: Final = "mogła być już wydrukowana, zanim odtworzono program z kopii zapasowej: sprawdź"
_FORMULA: Final = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True, slots=True)
class PaperInvoice:
    """An invoice to be printed, as billing tells it, and its customer; ``came_back``: its e-mail did not arrive."""

    invoice: Row = field(repr=False)
    customer: CustomerRecord | None
    came_back: bool
    uncertain: bool

    @property
    def is_picture(self) -> bool:
        """Whether the invoice itself is in KSeF."""
        of, day = self.customer, self.invoice["issued_on"]
        return of is not None and CASES[party_of(of.name, of.nip), in_ksef(day), False].is_picture

    @property
    def address(self) -> list[str]:
        """The lines of its envelope."""
        return [] if self.customer is None else postal_address(self.customer).splitlines()


@dataclass(frozen=True, slots=True)
class Printed:
    """What came of a run: its number, its files, how many invoices, and of how many the PDF is missing or broken.

    ``pages`` is one PDF in the order of the post, or several one after the other where they are very many.
    """

    number: int
    invoices: int
    pictures_missing: int
    addresses_missing: int
    listed: Path
    pages: tuple[Path, ...]


@dataclass
class _Pages:
    """Where each invoice stands in the PDF, and why one does not."""

    last: int = 0
    files: list[Path] = field(default_factory=list)
    places: dict[int, tuple[str, str]] = field(default_factory=dict)
    missing: dict[int, str] = field(default_factory=dict)


def write_run(number: int, day: date, sheets: Sequence[PaperInvoice]) -> Printed:
    """Write the files of a run, the same ones whenever it is done again."""
    folder = get_settings().outgoing / FOLDER
    name, told, parts = file_name(number, day), _Pages(), range(0, len(sheets), _PART)
    listed = folder / f"{name}.csv"
    for part, at in enumerate(parts, 1):
        path = folder / (f"{name}.pdf" if len(parts) == 1 else f"{name}-{part}.pdf")
        _write_pages(path, sheets[at : at + _PART], at, told)
    write_whole(listed, _list(sheets, told).encode("utf-8-sig"))
    return Printed(
        number,
        len(sheets),
        len(told.missing),
        sum(len(one.address) < _LINES for one in sheets),
        listed,
        tuple(told.files),
    )


def file_name(number: int, day: date) -> str:
    """What the files of a run are called, without their endings."""
    return f"wydruk-{number:04}-{day:%Y-%m-%d}"


def _list(sheets: Sequence[PaperInvoice], told: _Pages) -> str:
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(_HEAD)
    for place, one in enumerate(sheets):
        invoice, of = one.invoice, one.customer
        address = ("",) * 6 if of is None else (of.name, of.street, of.house, of.flat, of.postcode, of.town)
        cells = (
            place + 1,
            invoice["invoice_no"],
            "korekta" if invoice["kind"] == contract.CORRECTION else "faktura",
            invoice["customer_no"],
            *address,
            f"{invoice['gross']}".replace(".", ","),
            f"{invoice['due_on']:%d.%m.%Y}",
            *told.places.get(place, ("", "")),
            "; ".join(_remarks(one, told.missing.get(place))),
        )
        writer.writerow([_plain(cell) for cell in cells])
    return out.getvalue()


def _plain(cell: object) -> object:
    """What a spreadsheet would take for a formula is text; numbers stay."""
    text = cell if isinstance(cell, str) else ""
    is_formula = text.startswith(_FORMULA) and not text.lstrip("-").replace(",", "").isdecimal()
    return f"'{text}" if is_formula else ("" if cell is None else cell)


def _remarks(one: PaperInvoice, missing: str | None) -> Iterator[str]:
    if missing is not None:
        yield missing
    if len(one.address) < _LINES:
        yield _NO_ADDRESS
    if one.came_back:
        yield _CAME_BACK
    if one.uncertain:
        yield _UNCERTAIN


def _write_pages(path: Path, sheets: Sequence[PaperInvoice], first: int, told: _Pages) -> None:
    """Invoices one after another, in bundles that lie in files meanwhile; ``first`` is the place of the first one."""
    told.last = 0
    scratch = Scratch()
    try:
        bundles = []
        for at in range(0, len(sheets), _TOGETHER):
            bundle = scratch.path / f"{at}.pdf"
            if _write_bundle(bundle, sheets[at : at + _TOGETHER], first + at, told, path.name):
                bundles.append(bundle)
        if bundles:
            with written_whole(path) as draft:
                _join(bundles, draft)
            told.files.append(path)
    finally:
        scratch.remove()


def _join(bundles: Sequence[Path], whole: Path) -> None:
    """All are open until it is written: what they hold goes from file to file, and not through the memory."""
    with pikepdf.new() as pdf, ExitStack() as held:
        for bundle in bundles:
            pdf.pages.extend(held.enter_context(pikepdf.open(bundle)).pages)
        pdf.save(whole)


def _write_bundle(path: Path, sheets: Sequence[PaperInvoice], first: int, told: _Pages, name: str) -> bool:
    """Invoices one after another, each behind the sheet with its address where its PDF has none."""
    settings = get_settings()
    covers = None if settings.invoice_pdf_addressed else pikepdf.open(BytesIO(_covers(sheets)))
    with pikepdf.new() as pdf:
        for place, one in enumerate(sheets):
            try:
                picture = _picture(one)
            except _MissingError as error:
                told.missing[first + place] = str(error)
                continue
            begin = len(pdf.pages)
            if covers is not None:
                pdf.pages.append(covers.pages[place])
            with picture:
                pdf.pages.extend(picture.pages)
            if settings.invoice_print_duplex and (len(pdf.pages) - begin) % 2:
                pdf.add_blank_page(page_size=A4)
            number = len(pdf.pages) - begin
            told.places[first + place] = name, f"{told.last + 1}-{told.last + number}"
            told.last += number
        if not len(pdf.pages):
            return False
        pdf.save(path)
    return True


class _MissingError(Exception):
    """The picture of an invoice cannot be printed; the text is Polish."""


def _picture(one: PaperInvoice) -> pikepdf.Pdf:
    sha256 = one.invoice["pdf_sha256"]
    if sha256 is None:
        raise _MissingError(_NO_PICTURE)
    try:
        return pikepdf.open(BytesIO(b"".join(chunks_of(sha256))))
    except (OriginalError, pikepdf.PdfError) as error:
        raise _MissingError(_BROKEN) from error


def _covers(sheets: Sequence[PaperInvoice]) -> bytes:
    """A page with the address for each of them."""
    load_fonts()
    out = BytesIO()
    pen = Canvas(out, pagesize=A4)
    for one in sheets:
        kind = "Korekta" if one.invoice["kind"] == contract.CORRECTION else "Faktura"
        about = [f"{kind} {one.invoice['invoice_no']}"]
        if one.is_picture:
            about += ["Wizualizacja faktury z KSeF", *([one.invoice["ksef_no"]] if one.invoice["ksef_no"] else [])]
        draw_cover(pen, one.address, about)
        pen.showPage()
    pen.save()
    return out.getvalue()
