"""Pictures of invented invoices: one page with a text layer, as billing prints them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any, Final

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from environment.settings import get_settings
from forms.typesetting import BOLD, REGULAR, load_fonts

_WIDTH, _HEIGHT = A4
_MARGIN: Final = 22 * mm
_CODE: Final = 32 * mm
_COLUMNS: Final = (0, 88, 112, 136, 166)
"""Millimetres from the margin; numbers end there."""


def draw_invoice(
    invoice: Mapping[str, Any], charges: Sequence[Mapping[str, Any]], buyer: Sequence[str], account: str
) -> bytes:
    """The picture of an invoice; amounts are texts with a comma, the same call gives the same bytes."""
    load_fonts()
    out = BytesIO()
    pen = Canvas(out, pagesize=A4, invariant=True, lang="pl")
    title = "Faktura korygująca" if invoice["corrects"] else "Faktura"
    pen.setTitle(f"{title} {invoice['invoice_no']}")
    pen.setAuthor(get_settings().company_name)
    y = _HEIGHT - 24 * mm
    pen.setFont(BOLD, 12)
    pen.drawString(_MARGIN, y, get_settings().company_name)
    pen.setFont(REGULAR, 9.5)
    pen.drawString(_MARGIN, y - 5 * mm, get_settings().company_address)
    pen.setFont(BOLD, 17)
    y -= 22 * mm
    pen.drawString(_MARGIN, y, f"{title} {invoice['invoice_no']}")
    facts = [
        ("Numer klienta", invoice["customer_no"]),
        ("Data wystawienia", invoice["issued_on"]),
        ("Termin płatności", invoice["due_on"]),
        ("Okres", f"{invoice['period_from']} – {invoice['period_to']}"),
    ]
    facts += [("Koryguje fakturę", invoice["corrects"])] if invoice["corrects"] else []
    facts += [("Numer KSeF", invoice["ksef_no"])] if invoice["ksef_no"] else []
    facts += [("Rachunek do wpłat", " ".join([account[:2], *(account[at : at + 4] for at in range(2, 26, 4))]))]
    top = y - 10 * mm
    for at, (label, value) in enumerate(facts):
        pen.setFont(REGULAR, 9.5)
        pen.drawString(_MARGIN, top - at * 5.5 * mm, label)
        pen.setFont(BOLD, 9.5)
        pen.drawString(_MARGIN + 38 * mm, top - at * 5.5 * mm, value)
    y = top - len(facts) * 5.5 * mm - 4 * mm
    pen.setFont(REGULAR, 10)
    for line in ("Nabywca:", *buyer):
        pen.drawString(_MARGIN, y, line)
        y -= 5 * mm
    _rows(pen, y - 8 * mm, invoice, charges)
    if invoice["ksef_link"]:
        _draw_code(pen, invoice["ksef_link"], invoice["ksef_no"])
    pen.showPage()
    pen.save()
    return out.getvalue()


def _draw_code(pen: Canvas, link: str, below: str) -> None:
    """The QR code by which an invoice is looked at in KSeF, with its number below it."""
    code = QrCodeWidget(link, barLevel="M", barBorder=2)
    x0, _, x1, _ = code.getBounds()
    scale = _CODE / (x1 - x0)
    drawing = Drawing(_CODE, _CODE, transform=[scale, 0, 0, scale, 0, 0])
    drawing.add(code)
    renderPDF.draw(drawing, pen, _WIDTH - _MARGIN - _CODE, _MARGIN + 5 * mm)
    pen.setFont(REGULAR, 7)
    pen.drawRightString(_WIDTH - _MARGIN, _MARGIN, below)


def _rows(pen: Canvas, y: float, invoice: Mapping[str, Any], charges: Sequence[Mapping[str, Any]]) -> None:
    lines: list[tuple[str, ...]] = [("Usługa", "Ilość", "Cena netto", "VAT", "Brutto [zł]")]
    lines += [
        (one["name"], f"{one['quantity']} {one['unit']}", one["net_price"], f"{one['vat_rate']}%", one["gross"])
        for one in charges
    ]
    lines.append(("Razem", "", "", "", invoice["gross"]))
    for at, cells in enumerate(lines):
        pen.setFont(BOLD if at in (0, len(lines) - 1) else REGULAR, 10)
        pen.drawString(_MARGIN, y, cells[0])
        for place, cell in zip(_COLUMNS[1:], cells[1:], strict=True):
            pen.drawRightString(_MARGIN + place * mm, y, cell)
        pen.line(_MARGIN, y - 1.8 * mm, _WIDTH - _MARGIN, y - 1.8 * mm)
        y -= 7 * mm
