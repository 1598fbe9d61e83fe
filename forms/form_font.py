"""The font for text typed into a fillable form: one byte a letter, Polish letters included.

Viewers type into a form field only with a simple font whose ``Encoding`` names its letters. WinAnsi lacks the Polish
letters beyond ó, so they take sixteen of its codes that nobody types.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name
from reportlab.pdfbase.ttfonts import TTFontFile

from forms.typesetting import FONTS

FONT_NAME: Final = "Wingdings"
"""Its name among the resources of the form (the font itself is Noto Sans).

PDFium (Chrome, Edge) takes an embedded font to hold Western letters only and types ą or ł in a substitute, unless the
resource bears the name of a symbol font: then it asks the font itself. Other viewers give the name no meaning.
"""

CHECK_FONT_NAME: Final = "ZaDb"
"""The name by which viewers look for the font of check boxes; most expect ZapfDingbats there."""

CROSS: Final = "8"
"""What stands for a cross in ZapfDingbats, and in the font that bears its name here."""

_POLISH: Final = {
    129: ("Ą", "Aogonek"),
    130: ("ą", "aogonek"),
    131: ("Ć", "Cacute"),
    134: ("ć", "cacute"),
    135: ("Ę", "Eogonek"),
    136: ("ę", "eogonek"),
    137: ("Ł", "Lslash"),
    139: ("ł", "lslash"),
    141: ("Ń", "Nacute"),
    143: ("ń", "nacute"),
    144: ("Ś", "Sacute"),
    149: ("ś", "sacute"),
    152: ("Ź", "Zacute"),
    153: ("ź", "zacute"),
    155: ("Ż", "Zdotaccent"),
    157: ("ż", "zdotaccent"),
}
_FIRST, _LAST = 32, 255


@cache
def _letters() -> dict[int, str]:
    """Letter by code."""
    letters = {
        code: bytes([code]).decode("cp1252", errors="ignore") for code in range(_FIRST, _LAST + 1) if code != 127
    }
    letters |= {code: letter for code, (letter, _) in _POLISH.items()}
    return {code: letter for code, letter in letters.items() if letter}


@cache
def _codes() -> dict[str, int]:
    return {letter: code for code, letter in _letters().items()}


@cache
def _metrics() -> TTFontFile:
    return TTFontFile(str(FONTS / "NotoSans-Latin.ttf"))


def encode(text: str) -> bytes:
    """The text in the codes of the font; a letter it lacks becomes '?' (the field's value keeps it)."""
    return bytes(_codes().get(letter, ord("?")) for letter in text)


def width(text: str, size: float) -> float:
    """Width of the text in points."""
    widths = _metrics().charWidths
    return float(sum(widths.get(ord(_letters()[code]), 0) for code in encode(text))) * size / 1000


def embed(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """Add the font to a PDF."""
    metrics = _metrics()
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name.NotoSans,
        Flags=32,
        FontBBox=Array([round(edge) for edge in metrics.bbox]),
        ItalicAngle=0,
        Ascent=round(metrics.ascent),
        Descent=round(metrics.descent),
        CapHeight=round(metrics.capHeight),
        StemV=round(metrics.stemV),
        FontFile2=pdf.make_stream(font_file := (FONTS / "NotoSans-Latin.ttf").read_bytes(), Length1=len(font_file)),
    )
    differences: list[object] = []
    for code, (_, glyph) in _POLISH.items():
        differences += [code, Name("/" + glyph)]
    widths = [round(metrics.charWidths.get(ord(_letters().get(code, "\0")), 0)) for code in range(_FIRST, _LAST + 1)]
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.TrueType,
        BaseFont=Name.NotoSans,
        FirstChar=_FIRST,
        LastChar=_LAST,
        Widths=Array(widths),
        Encoding=Dictionary(Type=Name.Encoding, BaseEncoding=Name.WinAnsiEncoding, Differences=Array(differences)),
        ToUnicode=pdf.make_stream(_to_unicode()),
        FontDescriptor=pdf.make_indirect(descriptor),
    )
    return pdf.make_indirect(font)


def embed_cross(pdf: pikepdf.Pdf, font: pikepdf.Object) -> pikepdf.Object:
    """Add a font that draws ``CROSS`` as the letter X of the embedded ``font``.

    poppler draws check boxes anew by the font of this name, and shows nothing where ZapfDingbats is not installed.
    """
    cross = Dictionary(
        Type=Name.Font,
        Subtype=Name.TrueType,
        BaseFont=Name.NotoSans,
        FirstChar=ord(CROSS),
        LastChar=ord(CROSS),
        Widths=Array([round(_metrics().charWidths[ord("X")])]),
        Encoding=Dictionary(
            Type=Name.Encoding, BaseEncoding=Name.WinAnsiEncoding, Differences=Array([ord(CROSS), Name.X])
        ),
        FontDescriptor=font.FontDescriptor,
    )
    return pdf.make_indirect(cross)


def _to_unicode() -> bytes:
    """The CMap by which viewers search and copy typed text."""
    pairs = [f"<{code:02X}> <{ord(letter):04X}>" for code, letter in sorted(_letters().items())]
    blocks = [pairs[at : at + 100] for at in range(0, len(pairs), 100)]
    mapped = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<00> <FF>\nendcodespacerange\n{mapped}\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")
