"""The receipt of a case as PDF: what came, when, what was declared, how it stands; for the customer's own files.

Its barcode (Code 128) holds the tracking number, its QR code the address of the page of the case.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from io import BytesIO
from typing import Final

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Spacer, Table, TableStyle

from confirmations.rendering import ASKED_THERE, phones, tracking_url
from environment.settings import get_settings
from forms.line_breaks import unbroken
from forms.tagging import Headings, tagged
from forms.typesetting import BOLD, REGULAR, load_fonts

_WIDTH, _HEIGHT = A4
_MARGIN: Final = 22 * mm
_FOOT: Final = 30 * mm
_HEAD: Final = 34 * mm
_QR: Final = 34 * mm
_LABELS: Final = 60 * mm
_INK: Final = Color(0.11, 0.12, 0.14)
_LINE: Final = HexColor("#c5d0d8")

_TEXT: Final = ParagraphStyle("text", fontName=REGULAR, fontSize=10.5, leading=15, textColor=_INK)
_LABEL: Final = ParagraphStyle("label", parent=_TEXT, fontName=BOLD)
_TITLE: Final = ParagraphStyle("title", parent=_TEXT, fontName=BOLD, fontSize=17, leading=22, spaceAfter=4 * mm)
_HEADING: Final = ParagraphStyle(
    "heading", parent=_LABEL, fontSize=12, leading=16, spaceBefore=6 * mm, spaceAfter=1.5 * mm
)
_SMALL: Final = ParagraphStyle("small", parent=_TEXT, fontSize=9, leading=13, spaceBefore=4 * mm)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt tells, in Polish and ready to be shown: ``values`` are labels with values, sensitive ones masked.

    ``typed``: the values were typed in and not read from paper; ``made`` is when the receipt was made.
    """

    tracking: str
    title: str
    received: str
    way: str
    message: str
    values: tuple[tuple[str, str], ...] = field(repr=False)
    typed: bool
    made: str


def draw_receipt(receipt: Receipt) -> bytes:
    """The receipt as PDF, on as many pages of A4 as it needs."""
    load_fonts()
    out = BytesIO()
    document = BaseDocTemplate(
        out,
        pagesize=A4,
        title=f"Potwierdzenie wpływu, sprawa {receipt.tracking}",
        author=get_settings().company_name,
        lang="pl",
    )
    height = _HEIGHT - _HEAD - _FOOT
    frame = Frame(_MARGIN, _FOOT, _WIDTH - 2 * _MARGIN, height, 0, 0, 0, 0)
    edges = {"onPage": _draw_head, "onPageEnd": lambda pen, _: _draw_foot(pen, receipt)}
    document.addPageTemplates(PageTemplate("page", [frame], **edges))
    document.build(_story(receipt))
    return tagged(out.getvalue(), Headings(_TITLE.fontSize, _HEADING.fontSize))


def _story(receipt: Receipt) -> list[Flowable]:
    facts = (
        ("Formularz", receipt.title),
        ("Data i godzina wpływu", receipt.received),
        ("Jak dotarł", receipt.way),
        ("Stan", receipt.message),
    )
    story = [Paragraph("Potwierdzenie wpływu", _TITLE), _case(receipt), Spacer(1, 4 * mm), _table(facts)]
    if receipt.values:
        heading = "Dane podane w formularzu" if receipt.typed else "Dane odczytane z dokumentu"
        story += [Paragraph(heading, _HEADING), _table(receipt.values)]
    closing = f"Wydane {receipt.made}. Wystawił je program, więc nie wymaga podpisu."
    return [*story, Paragraph(_markup(closing), _SMALL)]


def _case(receipt: Receipt) -> Table:
    """The number with its barcode, and the QR code beside it."""
    number = ParagraphStyle("number", parent=_LABEL, fontSize=20, leading=26)
    barcode = Code128(receipt.tracking, barHeight=13 * mm, barWidth=0.4 * mm, quiet=False)
    told = [Paragraph("Numer sprawy", _TEXT), Paragraph(receipt.tracking, number), Spacer(1, 2 * mm), barcode]
    width = _WIDTH - 2 * _MARGIN
    table = Table([[told, _QrCode(tracking_url(receipt.tracking))]], colWidths=[width - _QR, _QR])
    table.setStyle(
        TableStyle(
            [
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return table


class _QrCode(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A QR code of an address, ``_QR`` wide."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.width = self.height = _QR
        self._address = address

    def draw(self) -> None:
        """Onto the canvas of the page."""
        code = QrCodeWidget(self._address, barLevel="M", barBorder=2)
        x0, y0, x1, _ = code.getBounds()
        scale = _QR / (x1 - x0)
        drawing = Drawing(_QR, _QR, transform=[scale, 0, 0, scale, -x0 * scale, -y0 * scale])
        drawing.add(code)
        renderPDF.draw(drawing, self.canv, 0, 0)


def _table(rows: tuple[tuple[str, str], ...]) -> Table:
    cells = [[Paragraph(_markup(label), _LABEL), Paragraph(_markup(value), _TEXT)] for label, value in rows]
    table = Table(cells, colWidths=[_LABELS, _WIDTH - 2 * _MARGIN - _LABELS])
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("LINEBELOW", (0, 0), (-1, -1), 0.5, _LINE),
            ]
        )
    )
    return table


def _draw_head(pen: Canvas, _document: BaseDocTemplate) -> None:
    """Who gives the receipt."""
    settings = get_settings()
    pen.setFillColor(_INK)
    pen.setFont(BOLD, 12)
    pen.drawString(_MARGIN, _HEIGHT - 20 * mm, settings.company_name)
    pen.setFont(REGULAR, 9.5)
    pen.drawString(_MARGIN, _HEIGHT - 25.5 * mm, settings.company_address)


def _draw_foot(pen: Canvas, receipt: Receipt) -> None:
    """Where to turn to."""
    settings = get_settings()
    pen.setFillColor(_INK)
    pen.setStrokeColor(_LINE)
    pen.line(_MARGIN, _FOOT - 6 * mm, _WIDTH - _MARGIN, _FOOT - 6 * mm)
    pen.setFont(REGULAR, 9)
    lines = (
        f"Telefon: {phones(settings)}   E-mail: {settings.company_email}   {settings.company_www}",
        f"Stan sprawy: {tracking_url(receipt.tracking)}",
        ASKED_THERE,
    )
    for number, line in enumerate(lines):
        pen.drawString(_MARGIN, _FOOT - 11 * mm - number * 4.5 * mm, line)


def _markup(text: str) -> str:
    return escape(unbroken(text), quote=False)
