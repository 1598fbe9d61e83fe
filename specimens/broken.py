"""Files that cannot be read, for tests and the demo; all small on disk and quick to make."""

from __future__ import annotations

import io
import struct

import pikepdf
from PIL import Image


def truncated(data: bytes, keep: float = 0.6) -> bytes:
    """The beginning of a file, as a scanner has it while it still writes."""
    return data[: max(1, int(len(data) * keep))]


def encrypted(pdf: bytes, password: str = "tajne") -> bytes:  # nosec B107  # the password of a specimen
    """The PDF behind a password that nobody told us."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(out, encryption=pikepdf.Encryption(owner=password, user=password))
    return out.getvalue()


def pdf_without_pages() -> bytes:
    """A sound PDF with an empty page tree."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.save(out)
    return out.getvalue()


def pdf_of_pages(count: int = 10_000) -> bytes:
    """A sound PDF of many empty A4 pages, about 30 bytes each."""
    kids = " ".join(f"{3 + at} 0 R" for at in range(count))
    bodies = [b"<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Count {count}/Kids[{kids}]>>".encode()]
    bodies += [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"] * count
    return _pdf(bodies)


def huge_tiff(side: int = 60_000) -> bytes:
    """A white page of ``side`` x ``side`` pixels in CCITT group 4: a few kilobytes that unpack to gigapixels."""
    data = _white_group4(side)
    tags = (
        (256, 4, side),  # width
        (257, 4, side),  # height
        (258, 3, 1),  # bits a sample
        (259, 3, 4),  # group 4
        (262, 3, 0),  # white is zero
        (273, 4, 8),  # where the strip begins
        (277, 3, 1),  # samples a pixel
        (278, 4, side),  # rows in the strip
        (279, 4, len(data)),
    )
    directory = struct.pack("<H", len(tags)) + b"".join(
        struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags
    )
    padding = b"\0" * (len(data) % 2)
    header = struct.pack("<2sHI", b"II", 42, 8 + len(data) + len(padding))
    return header + data + padding + directory + struct.pack("<I", 0)


def huge_pdf(side: int = 60_000) -> bytes:
    """A PDF page that holds a picture of ``side`` x ``side`` pixels, a few kilobytes long."""
    data = _white_group4(side)
    image = (
        f"<</Type/XObject/Subtype/Image/Width {side}/Height {side}/BitsPerComponent 1/ColorSpace/DeviceGray"
        f"/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns {side}/Rows {side}>>/Length {len(data)}>>\nstream\n"
    ).encode()
    content = b"14400 0 0 14400 0 0 cm /I Do"
    return _pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 14400 14400]/Resources<</XObject<</I 4 0 R>>>>/Contents 5 0 R>>",
            image + data + b"\nendstream",
            f"<</Length {len(content)}>>\nstream\n".encode() + content + b"\nendstream",
        ]
    )


def text_named_pdf() -> bytes:
    """A text that somebody gave the name of a PDF."""
    return "Dzień dobry, formularz wyślę jutro.\n".encode()


def damaged_png() -> bytes:
    """A PNG whose beginning is right and whose picture data is noise."""
    out = io.BytesIO()
    Image.new("L", (400, 400), 200).save(out, "PNG")
    data = bytearray(out.getvalue())
    data[60:-20] = bytes(byte ^ 0x5A for byte in data[60:-20])
    return bytes(data)


def _white_group4(side: int) -> bytes:
    """White rows in group 4 are one bit each ('same as the row above'), then the end of the block."""
    return b"\xff" * (side // 8) + bytes.fromhex("001001")


def _pdf(bodies: list[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalog."""
    out, offsets = io.BytesIO(), []
    out.write(b"%PDF-1.5\n")
    for number, body in enumerate(bodies, start=1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1))
    out.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    out.write(b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, start))
    return out.getvalue()
