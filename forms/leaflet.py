"""The leaflet: one A4 page that invites customers to do things from home, drawn from settings and catalogue."""

from __future__ import annotations

from io import BytesIO
from typing import Final

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from environment.colours import WHITE, mixed
from environment.settings import get_settings
from forms.catalogue import current_forms
from forms.page import INK, QUIET, Point
from forms.tagging import Headings, tagged
from forms.typesetting import BOLD, REGULAR, load_fonts, text_width, wrap

_WIDTH, _HEIGHT = A4
_MARGIN: Final = 18 * mm
_BAND: Final = 78 * mm
_GAP: Final = 6 * mm
_CARD: Final = 41 * mm
_WAY: Final = 47 * mm
_CODE: Final = 40 * mm
_BODY: Final = (11.5, 16.0)
_HEADINGS: Final = (30.0, 17.0)

_OFFERS: Final = (
    (
        "eBOK – biuro bez kolejki",
        "Bezpłatne konto: widzisz faktury i opłaty, zadajesz pytania, składasz wnioski i włączasz powiadomienia SMS "
        "i e-mail o terminach płatności.",
    ),
    (
        "Faktury e-mailem",
        "Przychodzą od razu i nie giną. Konto w eBOK nie jest do nich potrzebne, a zgodę możesz wycofać w każdej "
        "chwili i wrócić do papieru.",
    ),
)
_WAYS: Final = (
    ("Na stronie", "Wypełnij formularz w przeglądarce. Podpowiemy, gdy czegoś zabraknie. Podpis nie jest potrzebny."),
    ("Zdjęcie lub plik", "Wypełnij wydruk, podpisz, zrób zdjęcie telefonem i wyślij je przez naszą stronę."),
    ("Na papierze", "Formularz oddaj w naszej siedzibie albo wyślij pocztą. Pamiętaj o podpisie."),
)


def draw_leaflet() -> bytes:
    """The leaflet as PDF; the same settings and forms give the same bytes."""
    load_fonts()
    target, settings = BytesIO(), get_settings()
    pen = Canvas(target, pagesize=A4, invariant=1, lang="pl", initialFontName=REGULAR)
    pen.setTitle("Załatw to bez wychodzenia z domu")
    pen.setAuthor(settings.company_name)
    pen.setCreator("ebok")
    pen.setViewerPreference("DisplayDocTitle", "true")
    _draw_band(pen)
    top = _draw_offers(pen, _BAND + 10 * mm)
    top = _draw_ways(pen, top + 17 * mm)
    _draw_forms(pen, top + 15 * mm)
    _draw_contact(pen)
    pen.showPage()
    pen.save()
    return tagged(target.getvalue(), Headings(*_HEADINGS))


def _water() -> Color:
    """The company's colour."""
    return HexColor(get_settings().company_colour)


def _pale() -> Color:
    """The same, as light as a ground for text must be."""
    return HexColor(mixed(get_settings().company_colour, WHITE, 0.915))


def _draw_band(pen: Canvas) -> None:
    """The head of the page: what it is about, with drops of water."""
    pen.setFillColor(_water())
    pen.rect(0, _HEIGHT - _BAND, _WIDTH, _BAND, stroke=0, fill=1)
    pen.setFillColor(Color(1, 1, 1, alpha=0.13))
    for x, top, size in ((168, 56, 25), (190, 30, 15), (148, 26, 9)):
        _draw_drop(pen, x * mm, _HEIGHT - top * mm, size * mm)
    pen.setFillColor(white)
    _line(pen, get_settings().company_name, (_MARGIN, 17 * mm), 12, BOLD)
    title = "Załatw to bez wychodzenia z domu"
    below = _lines(pen, title, (_MARGIN, 34 * mm), 125 * mm, face=(_HEADINGS[0], 36), font=BOLD)
    told = "Konto eBOK i faktury e-mailem: bezpłatnie, w kilka minut."
    _lines(pen, told, (_MARGIN, below + 1 * mm), 125 * mm, face=(13, 18))


def _draw_drop(pen: Canvas, x: float, y: float, size: float) -> None:
    drop = pen.beginPath()
    drop.moveTo(x, y + 1.5 * size)
    drop.curveTo(x + 0.35 * size, y + 0.95 * size, x + 0.75 * size, y + 0.55 * size, x + 0.75 * size, y)
    drop.curveTo(x + 0.75 * size, y - 0.98 * size, x - 0.75 * size, y - 0.98 * size, x - 0.75 * size, y)
    drop.curveTo(x - 0.75 * size, y + 0.55 * size, x - 0.35 * size, y + 0.95 * size, x, y + 1.5 * size)
    pen.drawPath(drop, stroke=0, fill=1)


def _draw_offers(pen: Canvas, top: float) -> float:
    """Two cards side by side; where they end."""
    width = (_WIDTH - 2 * _MARGIN - _GAP) / 2
    for number, (title, text) in enumerate(_OFFERS):
        left = _MARGIN + number * (width + _GAP)
        pen.setFillColor(_pale())
        pen.roundRect(left, _HEIGHT - top - _CARD, width, _CARD, 2 * mm, stroke=0, fill=1)
        pen.setFillColor(_water())
        inner = width - 10 * mm
        below = _lines(pen, title, (left + 5 * mm, top + 9 * mm), inner, face=(14, 18), font=BOLD)
        pen.setFillColor(INK)
        _lines(pen, text, (left + 5 * mm, below + 1.5 * mm), inner)
    return float(top + _CARD)


def _draw_ways(pen: Canvas, top: float) -> float:
    """Three ways in, numbered; where they end."""
    _draw_heading(pen, "Trzy sposoby – wybierz swój", top)
    width = (_WIDTH - 2 * _MARGIN - 2 * _GAP) / 3
    for number, (title, text) in enumerate(_WAYS):
        left, first = _MARGIN + number * (width + _GAP), top + 11 * mm
        pen.setFillColor(_water())
        pen.circle(left + 5 * mm, _HEIGHT - first, 5 * mm, stroke=0, fill=1)
        pen.setFillColor(white)
        pen.setFont(BOLD, 14)
        pen.drawCentredString(left + 5 * mm, _HEIGHT - first - 5, str(number + 1))
        pen.setFillColor(INK)
        _line(pen, title, (left + 13 * mm, first + 1.6 * mm), 13, BOLD)
        _lines(pen, text, (left, first + 11.5 * mm), width)
    return float(top + _WAY)


def _draw_forms(pen: Canvas, top: float) -> None:
    """The forms that there are, and the code that leads to them."""
    _draw_heading(pen, "Formularze na stronie i do pobrania", top)
    pen.setFillColor(INK)
    below = top + 9 * mm
    for form in current_forms():
        pen.circle(_MARGIN + 2, _HEIGHT - below + 4, 1.8, stroke=0, fill=1)
        below = _lines(pen, form.title, (_MARGIN + 5 * mm, below), 105 * mm, face=(11.5, 18))
    pen.setFillColor(QUIET)
    _lines(
        pen, "Przygotuj fakturę od nas: jest na niej numer klienta.", (_MARGIN, below + 2 * mm), 105 * mm, face=(10, 14)
    )
    _draw_code(pen, get_settings().public_url, top - 5 * mm)


def _draw_code(pen: Canvas, address: str, top: float) -> None:
    left = _WIDTH - _MARGIN - _CODE
    code = QrCodeWidget(address, barLevel="M", barBorder=0)
    x0, y0, x1, y1 = code.getBounds()
    drawing = Drawing(_CODE, _CODE, transform=[_CODE / (x1 - x0), 0, 0, _CODE / (y1 - y0), 0, 0])
    drawing.add(code)
    renderPDF.draw(drawing, pen, left, _HEIGHT - top - _CODE)
    pen.setFillColor(INK)
    size = min(11.0, 11.0 * 80 * mm / text_width(address, BOLD, 11.0))
    pen.setFont(BOLD, size)
    pen.drawRightString(_WIDTH - _MARGIN, _HEIGHT - top - _CODE - 6 * mm, address)


def _draw_contact(pen: Canvas) -> None:
    """The foot of the page: whom to ask."""
    settings, height = get_settings(), 31 * mm
    pen.setFillColor(_water())
    pen.rect(0, 0, _WIDTH, height, stroke=0, fill=1)
    pen.setFillColor(white)
    foot = _HEIGHT - height
    _line(pen, "Wolisz porozmawiać? Zadzwoń:", (_MARGIN, foot + 11 * mm), 11)
    _line(pen, "  lub  ".join(settings.company_phones), (_MARGIN, foot + 19.5 * mm), 19, BOLD)
    pen.setFont(REGULAR, 10)
    for number, line in enumerate((settings.company_email, settings.company_www, settings.company_address)):
        pen.drawRightString(_WIDTH - _MARGIN, height - (10 + 5.5 * number) * mm, line)


def _draw_heading(pen: Canvas, text: str, top: float) -> None:
    pen.setFillColor(_water())
    _line(pen, text, (_MARGIN, top), _HEADINGS[1], BOLD)


def _line(pen: Canvas, text: str, at: Point, size: float, font: str = REGULAR) -> None:
    """One line, made smaller where it would leave the page."""
    room = _WIDTH - _MARGIN - at[0]
    pen.setFont(font, min(size, size * room / max(text_width(text, font, size), 1)))
    pen.drawString(at[0], _HEIGHT - at[1], text)


def _lines(
    pen: Canvas, text: str, at: Point, width: float, *, face: tuple[float, float] = _BODY, font: str = REGULAR
) -> float:
    """Running text from the baseline of its first line, in a size and leading; where the next line would stand."""
    (left, top), (size, leading) = at, face
    pen.setFont(font, size)
    for line in wrap(text, font, size, width):
        pen.drawString(left, _HEIGHT - top, line)
        top += leading
    return top
