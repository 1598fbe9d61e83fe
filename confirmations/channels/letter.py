"""Letters on paper: a PDF a letter, ready to print, fold and put into a window envelope (C6/5 or DL)."""

from __future__ import annotations

from html import escape
from io import BytesIO
from typing import Final

import pikepdf
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, NextPageTemplate, PageTemplate, Paragraph, Spacer

from confirmations.channels.files import write_whole
from confirmations.channels.interface import Accepted, Envelope, PermanentDeliveryError
from confirmations.polish import long_date
from confirmations.rendering import ASKED_THERE, Block, Content, phones, tracking_url
from environment.clock import local_day
from environment.settings import get_settings
from forms.line_breaks import unbroken
from forms.typesetting import BOLD, REGULAR, load_fonts, wrap

_WIDTH, _HEIGHT = A4
_MARGIN: Final = 25 * mm
_BODY_TOP: Final = 108 * mm
_FOOT: Final = 32 * mm
_WINDOW_TOP: Final = 52 * mm
_WINDOW_X: Final = {"left": 25 * mm, "right": 115 * mm}
_ASIDE_X: Final = {"left": 115 * mm, "right": 25 * mm}
_WINDOW_WIDTH: Final = 75 * mm
_ADDRESS_SIZE: Final = 11
_FOLDS: Final = (105 * mm, 210 * mm)
_INK: Final = (0.11, 0.12, 0.14)
_FEWEST_LINES: Final = 3

_TEXT: Final = ParagraphStyle("text", fontName=REGULAR, fontSize=11, leading=16, spaceAfter=9, alignment=TA_LEFT)
_HEADING: Final = ParagraphStyle("heading", parent=_TEXT, fontName=BOLD, fontSize=11.5, spaceBefore=4, spaceAfter=4)
_TITLE: Final = ParagraphStyle("title", parent=_TEXT, fontName=BOLD, fontSize=14, leading=19, spaceAfter=12)
_STEP: Final = ParagraphStyle(
    "step", parent=_TEXT, leftIndent=16, bulletFontName=REGULAR, bulletFontSize=11, spaceAfter=5
)


class PrintedLetters:
    """Writes one PDF a letter, named by its key, into ``letters`` in the folder of outgoing messages."""

    name: Final = "letter"
    repeatable: Final = True

    def send(self, envelope: Envelope) -> Accepted:
        """Write the file; its name is the reference. PermanentDeliveryError when the postal address is not whole."""
        if len(envelope.recipient.splitlines()) < _FEWEST_LINES:
            raise PermanentDeliveryError(
                "no_address", "Klient nie ma w rejestrze adresu e-mail ani pełnego adresu pocztowego. Uzupełnij go."
            )
        file = f"letters/{envelope.name}.pdf"
        write_whole(get_settings().outgoing / file, draw_letter(envelope))
        return Accepted(file)


def draw_letter(envelope: Envelope) -> bytes:
    """The letter as PDF, followed by its attachments (an empty form to fill in)."""
    load_fonts()
    out = BytesIO()
    document = BaseDocTemplate(
        out,
        pagesize=A4,
        title=envelope.content.title,
        author=get_settings().company_name,
        lang="pl",
    )
    document.addPageTemplates(
        [
            PageTemplate("first", [_frame(_BODY_TOP)], onPage=lambda pen, _: _draw_first(pen, envelope)),
            PageTemplate("later", [_frame(_MARGIN)], onPage=lambda pen, _: _draw_foot(pen, envelope)),
        ]
    )
    document.build([NextPageTemplate("later"), *_story(envelope.content)])
    return _with_attachments(out.getvalue(), envelope.content)


def _frame(top: float) -> Frame:
    return Frame(
        _MARGIN,
        _FOOT,
        _WIDTH - 2 * _MARGIN,
        _HEIGHT - top - _FOOT,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )


def _story(content: Content) -> list[Flowable]:
    found: list[Flowable] = [Paragraph(_markup(content.title), _TITLE)]
    for block in content.blocks:
        found += _flowables(block)
    found += [Spacer(1, 10), Paragraph(_markup(f"Z poważaniem\n{get_settings().company_name}"), _TEXT)]
    return found


def _flowables(block: Block) -> list[Flowable]:
    match block.kind:
        case "heading":
            return [Paragraph(_markup(block.text), _HEADING)]
        case "steps":
            return [Paragraph(_markup(item), _STEP, bulletText=f"{n}.") for n, (item,) in enumerate(block.rows, 1)]
        case "facts":
            rows = (f"{escape(label, quote=False)}: <b>{_markup(value)}</b>" for label, value in block.rows)
            return [Paragraph("<br/>".join(rows), _TEXT)]
        case "button":
            return [Paragraph(f"{_markup(label)}:<br/>{escape(url, quote=False)}", _TEXT) for label, url in block.rows]
        case _:
            return [Paragraph(_markup(block.text), _TEXT)]


def _markup(text: str) -> str:
    return escape(unbroken(text), quote=False).replace("\n", "<br/>")


def draw_cover(pen: Canvas, lines: list[str], about: list[str]) -> None:
    """A sheet that goes before what has no address: the address in the window, and beside it what follows."""
    side = get_settings().letter_window
    _draw_sender(pen)
    _draw_address(pen, lines, _WINDOW_X[side])
    pen.setFont(REGULAR, 9.5)
    for number, line in enumerate(about):
        pen.drawString(_ASIDE_X[side], _HEIGHT - _WINDOW_TOP - (4 + 5 * number) * mm, line)
    _draw_folds(pen)


def _draw_first(pen: Canvas, envelope: Envelope) -> None:
    """Company, date, the address where the window is, and the case, if there is one, with its barcode beside it."""
    settings = get_settings()
    _draw_sender(pen)
    pen.setFont(REGULAR, 10.5)
    written_on = f"{settings.company_town}, {long_date(local_day(envelope.at))}"
    pen.drawRightString(_WIDTH - _MARGIN, _HEIGHT - 38 * mm, written_on)
    _draw_address(pen, envelope.recipient.splitlines(), _WINDOW_X[settings.letter_window])
    if envelope.tracking:
        _draw_case(pen, envelope.tracking, _ASIDE_X[settings.letter_window])
    _draw_folds(pen)
    _draw_foot(pen, envelope)


def _draw_sender(pen: Canvas) -> None:
    settings = get_settings()
    pen.setFillColorRGB(*_INK)
    pen.setFont(BOLD, 12)
    pen.drawString(_MARGIN, _HEIGHT - 22 * mm, settings.company_name)
    pen.setFont(REGULAR, 9.5)
    pen.drawString(_MARGIN, _HEIGHT - 27.5 * mm, settings.company_address)


def _draw_address(pen: Canvas, lines: list[str], left: float) -> None:
    """The address in the window; long names of companies run over several lines."""
    pen.setFont(REGULAR, _ADDRESS_SIZE)
    shown = [part for line in lines for part in wrap(line, REGULAR, _ADDRESS_SIZE, _WINDOW_WIDTH)]
    for number, line in enumerate(shown):
        pen.drawString(left, _HEIGHT - _WINDOW_TOP - 4 * mm - number * 5.2 * mm, line)


def _draw_case(pen: Canvas, tracking: str, left: float) -> None:
    pen.setFont(REGULAR, 9.5)
    pen.drawString(left, _HEIGHT - _WINDOW_TOP - 4 * mm, "Numer sprawy")
    pen.setFont(BOLD, 13)
    pen.drawString(left, _HEIGHT - _WINDOW_TOP - 10 * mm, tracking)
    barcode = Code128(tracking, barHeight=10 * mm, barWidth=0.33 * mm, quiet=False)
    barcode.drawOn(pen, left, _HEIGHT - _WINDOW_TOP - 23 * mm)


def _draw_folds(pen: Canvas) -> None:
    """Two hairlines at the edge where the sheet is folded, so that the address meets the window."""
    pen.setStrokeGray(0.6)
    pen.setLineWidth(0.4)
    for top in _FOLDS:
        pen.line(5 * mm, _HEIGHT - top, 9 * mm, _HEIGHT - top)


def _draw_foot(pen: Canvas, envelope: Envelope) -> None:
    settings = get_settings()
    pen.setStrokeGray(0.6)
    pen.setLineWidth(0.5)
    pen.line(_MARGIN, _FOOT - 6 * mm, _WIDTH - _MARGIN, _FOOT - 6 * mm)
    pen.setFillColorRGB(*_INK)
    pen.setFont(REGULAR, 9)
    lines = (
        f"Telefon: {phones(settings)}   E-mail: {settings.company_email}   {settings.company_www}",
        *((f"Stan sprawy: {tracking_url(envelope.tracking)}", ASKED_THERE) if envelope.tracking else ()),
    )
    for number, line in enumerate(lines):
        pen.drawString(_MARGIN, _FOOT - 11 * mm - number * 4.5 * mm, line)


def _with_attachments(letter: bytes, content: Content) -> bytes:
    if not content.attachments:
        return letter
    out = BytesIO()
    with pikepdf.open(BytesIO(letter)) as whole:
        for item in content.attachments:
            with pikepdf.open(BytesIO(item.data)) as more:
                whole.pages.extend(more.pages)
        whole.save(out)
    return out.getvalue()
