"""Files as scanners, phones and mail programs deliver them: image PDF, TIFF, JPEG, PNG, and strangers between."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import pikepdf
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from environment.settings import get_settings
from forms import typesetting
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH
from specimens.people import invented_customers
from specimens.scanner import Scan

_LETTER: Final = (
    "Szanowni Państwo,",
    "zwracam się z uprzejmą prośbą o wyjaśnienie rozliczenia za ostatni kwartał. Zgodnie z otrzymaną fakturą zużycie "
    "wody jest znacznie większe niż w poprzednich miesiącach, choć liczba mieszkańców się nie zmieniła.",
    "Proszę również o sprawdzenie, czy odczyt wodomierza został wykonany prawidłowo, oraz o przesłanie odpowiedzi "
    "listem na adres podany powyżej. W razie potrzeby udostępnię lokal w każdy dzień roboczy po godzinie 16.",
    "Źródłem różnicy może być też awaria, do której doszło w sierpniu przed naszym budynkiem.",
    "Z poważaniem",
)


def image_pdf(scans: Sequence[Scan], quality: int = 75) -> bytes:
    """A PDF of pictures only: JPEG for gray and colour, CCITT group 4 for bitonal; pages in their true size."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        for scan in scans:
            page = io.BytesIO()
            how = {} if scan.bitonal else {"quality": quality}  # a bitonal page is not JPEG
            _pillow(scan).save(page, "PDF", dpi=scan.dpi, **how)
            with pikepdf.open(page) as single:
                document.pages.extend(single.pages)
        document.save(out, deterministic_id=True)
    return out.getvalue()


def tiff(scans: Sequence[Scan]) -> bytes:
    """A TIFF of one or more pages: group 4 for bitonal pages, deflate for others."""
    out = io.BytesIO()
    first, *others = [_pillow(scan) for scan in scans]
    for picture, scan in zip((first, *others), scans, strict=True):
        compression = "group4" if scan.bitonal else "tiff_adobe_deflate"
        picture.encoderinfo = {"compression": compression, "dpi": scan.dpi}
    first.save(out, "TIFF", save_all=True, append_images=others, **first.encoderinfo)
    return out.getvalue()


def jpeg(scan: Scan, quality: int = 80) -> bytes:
    """A JPEG file with its resolution."""
    out = io.BytesIO()
    picture = _pillow(scan)
    (picture.convert("L") if scan.bitonal else picture).save(out, "JPEG", dpi=scan.dpi, quality=quality)
    return out.getvalue()


def png(scan: Scan) -> bytes:
    """A PNG file with its resolution; one bit a pixel for bitonal scans."""
    out = io.BytesIO()
    _pillow(scan).save(out, "PNG", dpi=scan.dpi)
    return out.getvalue()


def joined(*pdfs: bytes) -> bytes:
    """Several PDFs one after the other in one file."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        for data in pdfs:
            with pikepdf.open(io.BytesIO(data)) as part:
                document.pages.extend(part.pages)
        document.save(out, deterministic_id=True)
    return out.getvalue()


def upside_down(scan: Scan) -> Scan:
    """The same page fed the wrong way round."""
    return Scan(np.ascontiguousarray(np.rot90(scan.image, 2)), scan.dpi)


@cache
def blank_page() -> bytes:
    """An empty A4 page as PDF: the back of a form."""
    return drawn(lambda _canvas: None)


@cache
def letter(seed: int = 1, *, letterhead: bool = False) -> bytes:
    """A letter that is none of our forms, of running Polish text; with ``letterhead`` it bears the company's head."""
    settings = get_settings()
    sender = invented_customers(1, seed)[0]

    def draw(canvas: Canvas) -> None:
        text = canvas.beginText(70, PAGE_HEIGHT - 80)
        text.setFont(typesetting.BOLD, 12, leading=18)
        if letterhead:
            text.textLines([settings.company_name, settings.company_address, settings.company_email, ""])
        text.setFont(typesetting.REGULAR, 11, leading=16)
        address = f"{sender['street'] or sender['town']} {sender['house']}"
        text.textLines([sender["name"], address, f"{sender['postcode']} {sender['town']}", "", "", _LETTER[0], ""])
        for paragraph in _LETTER[1:]:
            text.textLines([*typesetting.wrap(paragraph, typesetting.REGULAR, 11, PAGE_WIDTH - 140), ""])
        text.textLine(settings.company_short if letterhead else sender["name"])
        canvas.drawText(text)

    return drawn(draw)


@cache
def envelope() -> bytes:
    """The front of a long envelope on an otherwise dark page: sender, stamp, recipient."""

    def draw(canvas: Canvas) -> None:
        canvas.setFillGray(0.35)
        canvas.rect(0, 0, PAGE_WIDTH, PAGE_HEIGHT - 312, stroke=0, fill=1)
        canvas.setFillGray(0)
        canvas.rect(PAGE_WIDTH - 110, PAGE_HEIGHT - 110, 62, 74)
        canvas.setFont(typesetting.BOLD, 9)
        canvas.drawString(PAGE_WIDTH - 104, PAGE_HEIGHT - 78, "POLSKA")
        canvas.circle(PAGE_WIDTH - 135, PAGE_HEIGHT - 80, 30)
        text = canvas.beginText(PAGE_WIDTH / 2 - 20, PAGE_HEIGHT - 200)
        text.setFont(typesetting.REGULAR, 14, leading=20)
        for line in ("Miejskie Zakłady Komunalne", "Dział Obsługi Klienta", "66-470 Kostrzyn nad Odrą"):
            text.textLine(line)
        canvas.drawText(text)

    return drawn(draw)


def drawn(draw: Callable[[Canvas], None]) -> bytes:
    """A page of a PDF with what is drawn on it; the same drawing is the same bytes."""
    typesetting.load_fonts()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def write(path: Path, data: bytes) -> Path:
    """Write the bytes and give the path back."""
    path.write_bytes(data)
    return path


def _pillow(scan: Scan) -> Image.Image:
    picture = Image.fromarray(scan.image)
    return picture.convert("1", dither=Image.Dither.NONE) if scan.bitonal else picture
