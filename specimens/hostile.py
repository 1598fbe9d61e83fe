"""Files that cost their reader dearly: small ones that ask for gigabytes or for hours."""

from __future__ import annotations

import io
import zlib

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image


def nested_forms(depth: int = 6, width: int = 10) -> bytes:
    """A page whose drawing calls a form that calls others ``width`` times, ``depth`` deep."""
    with pikepdf.new() as pdf:
        inner = _form(pdf, b"0 0 10 10 re f", None)
        for _ in range(depth):
            inner = _form(pdf, b"/F Do " * width, inner)
        return _page(pdf, b"/F Do", Dictionary(XObject=Dictionary(F=inner)))


def inflating_content(gigabytes: float = 2.0) -> bytes:
    """A page whose content is small when packed, and very long when it is not."""
    packing, piece = zlib.compressobj(9), b"0 0 1 1 re f\n" * 80_000
    first = packing.compress(piece) + packing.flush(zlib.Z_FULL_FLUSH)
    # After a full flush a block stands for itself: the same one again is the same content again.
    again = packing.compress(piece) + packing.flush(zlib.Z_FULL_FLUSH)
    packed = first + again * int(gigabytes * 1e9 / len(piece)) + b"\x03\x00"
    with pikepdf.new() as pdf:
        content = pdf.make_stream(b"")
        content.write(packed, filter=Name.FlateDecode)
        return _page(pdf, content, Dictionary())


def endless_tiling(step: float = 0.0005) -> bytes:
    """A page filled with a pattern whose tiles are far smaller than a dot."""
    with pikepdf.new() as pdf:
        tile = pdf.make_stream(
            b"0 0 1 1 re f",
            Type=Name.Pattern,
            PatternType=1,
            PaintType=1,
            TilingType=1,
            BBox=Array([0, 0, 1000, 1000]),
            XStep=step,
            YStep=step,
            Resources=Dictionary(),
        )
        return _page(pdf, b"/Pattern cs /T scn 0 0 595 842 re f", Dictionary(Pattern=Dictionary(T=tile)))


def picture_of(megapixels: float, form: str = "PNG") -> bytes:
    """A white picture of so many pixels, tiny as a file."""
    side = round((megapixels * 1e6) ** 0.5)
    whole = io.BytesIO()
    Image.fromarray(np.full((side, side, 3), 255, np.uint8)).save(whole, form)
    return whole.getvalue()


def _form(pdf: pikepdf.Pdf, content: bytes, inner: pikepdf.Object | None) -> pikepdf.Stream:
    resources = Dictionary() if inner is None else Dictionary(XObject=Dictionary(F=inner))
    return pdf.make_stream(
        content, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 595, 842]), Resources=resources
    )


def _page(pdf: pikepdf.Pdf, content: bytes | pikepdf.Stream, resources: Dictionary) -> bytes:
    drawn = pdf.make_stream(content) if isinstance(content, bytes) else content
    page = Dictionary(Type=Name.Page, MediaBox=Array([0, 0, 595, 842]), Resources=resources, Contents=drawn)
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    whole = io.BytesIO()
    pdf.save(whole, deterministic_id=True)
    return whole.getvalue()
