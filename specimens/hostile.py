"""Files that are expensive to read: small ones that ask for gigabytes or for hours."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from specimens import broken


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


def picture_declared_huge(side: int = 60_000) -> bytes:
    """A PNG that says it has ``side`` rows and columns, and has data of hardly any."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pieces = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(1_000_000), 9)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in pieces
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def many_frames(count: int = 1_000) -> bytes:
    """A TIFF of so many small pages."""
    whole, frame = io.BytesIO(), Image.new("1", (200, 280), 1)
    frame.save(whole, "TIFF", save_all=True, append_images=[frame] * (count - 1), compression="group4")
    return whole.getvalue()


def many_fields(count: int = 3_000) -> bytes:
    """A page of form fields, one upon the other."""
    with pikepdf.new() as pdf:
        fields = [
            pdf.make_indirect(
                Dictionary(
                    Type=Name.Annot,
                    Subtype=Name.Widget,
                    FT=Name.Tx,
                    T=f"field {number}",
                    V="x" * (number % 40),
                    Rect=Array([number % 500, number % 800, number % 500 + 60, number % 800 + 12]),
                )
            )
            for number in range(count)
        ]
        pdf.Root.AcroForm = Dictionary(Fields=Array(fields), NeedAppearances=True)
        return _page(pdf, b"", Dictionary(), Annots=Array(fields))


def deep_arrays(depth: int = 400) -> bytes:
    """A page whose content nests arrays and states deeper than anybody would."""
    with pikepdf.new() as pdf:
        return _page(pdf, b"q " * depth + b"[" * depth + b"]" * depth + b" TJ", Dictionary())


def many_paths(count: int = 200_000) -> bytes:
    """A page of so many curves."""
    with pikepdf.new() as pdf:
        content = b"".join(
            b"%d %d m %d %d %d %d %d %d c S\n" % tuple(number * step % 800 for step in (1, 3, 7, 11, 13, 17, 19, 23))
            for number in range(count)
        )
        return _page(pdf, content, Dictionary())


def many_signatures(count: int = 2_000, contents: bytes = b"0", ranges: int = 1) -> bytes:
    """A page with so many fields that say they are signed; ``ranges`` are the parts of the file that each covers."""
    with pikepdf.new() as pdf:
        signature = pdf.make_indirect(
            Dictionary(
                Type=Name.Sig,
                Filter=Name("/Adobe.PPKLite"),
                SubFilter=Name("/ETSI.CAdES.detached"),
                ByteRange=Array([0, 400, 500, 400] * ranges),
                Contents=pikepdf.String(contents),
            )
        )
        fields = [
            pdf.make_indirect(Dictionary(FT=Name.Sig, T=f"Signature{number}", V=signature)) for number in range(count)
        ]
        pdf.Root.AcroForm = Dictionary(Fields=Array(fields), SigFlags=3)
        return _page(pdf, b"", Dictionary())


def circular_signature_fields() -> bytes:
    """A page with a field that is its own child, and says that it is signed."""
    with pikepdf.new() as pdf:
        field = pdf.make_indirect(Dictionary(FT=Name.Sig, T="Signature"))
        field.Kids, field.Parent = Array([field, field]), field
        field.V = pdf.make_indirect(Dictionary(Type=Name.Sig, ByteRange=Array([0, 1, 2, 3]), Contents=field))
        pdf.Root.AcroForm = Dictionary(Fields=Array([field]), DSS=field)
        return _page(pdf, b"", Dictionary())


def nested_asn1(depth: int = 100_000) -> bytes:
    """The contents of a signature: sequences within sequences of no told length."""
    return b"\x30\x80" * depth


BOMBS: Final[Mapping[str, Callable[[Random], bytes]]] = {
    "nested forms": lambda chance: nested_forms(chance.randrange(2, 9), chance.randrange(2, 14)),
    "inflating content": lambda chance: inflating_content(chance.choice((0.05, 0.3, 1.0, 2.0))),
    "endless tiling": lambda chance: endless_tiling(chance.choice((0.0005, 0.01, 0.3))),
    "large picture": lambda chance: picture_of(chance.choice((20, 55, 70)), chance.choice(("PNG", "JPEG"))),
    "picture declared huge": lambda chance: picture_declared_huge(chance.choice((6_000, 30_000, 2**31 - 1))),
    "huge TIFF": lambda chance: broken.huge_tiff(chance.choice((8_000, 60_000))),
    "huge picture in a PDF": lambda chance: broken.huge_pdf(chance.choice((8_000, 60_000))),
    "many frames": lambda chance: many_frames(chance.choice((150, 1_000))),
    "many pages": lambda chance: broken.pdf_of_pages(chance.choice((60, 2_000))),
    "many fields": lambda chance: many_fields(chance.choice((200, 3_000))),
    "deep arrays": lambda chance: deep_arrays(chance.choice((50, 400, 100_000))),
    "many signatures": lambda chance: many_signatures(chance.choice((5, 2_000)), b"0", chance.choice((1, 5_000))),
    "huge signature": lambda chance: many_signatures(3, nested_asn1(chance.choice((1_000, 2_000_000)))),
    "circular signature fields": lambda _: circular_signature_fields(),
    "many paths": lambda chance: many_paths(chance.choice((20_000, 200_000))),
}
"""Bombs by size, depth and count, each of a strength that chance gives it."""


def _form(pdf: pikepdf.Pdf, content: bytes, inner: pikepdf.Object | None) -> pikepdf.Stream:
    resources = Dictionary() if inner is None else Dictionary(XObject=Dictionary(F=inner))
    return pdf.make_stream(
        content, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 595, 842]), Resources=resources
    )


def _page(pdf: pikepdf.Pdf, content: bytes | pikepdf.Stream, resources: Dictionary, **more: Any) -> bytes:
    drawn = pdf.make_stream(content) if isinstance(content, bytes) else content
    page = Dictionary(Type=Name.Page, MediaBox=Array([0, 0, 595, 842]), Resources=resources, Contents=drawn)
    for key, value in more.items():
        page[f"/{key}"] = value
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    whole = io.BytesIO()
    pdf.save(whole, deterministic_id=True)
    return whole.getvalue()
