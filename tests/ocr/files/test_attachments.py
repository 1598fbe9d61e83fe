"""Files that a PDF carries beside its pages are told, wherever they are named."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from ocr.files.attachments import count_attachments
from ocr.reading import read_as, read_file

_FORM = form_by_code("einvoice_withdrawal")


def _specification(pdf: pikepdf.Pdf, data: bytes) -> pikepdf.Object:
    file = pikepdf.Stream(pdf, data, {"/Type": pikepdf.Name.EmbeddedFile})
    return pdf.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Filespec, F="umowa.pdf", EF=pikepdf.Dictionary(F=pdf.make_indirect(file)))
    )


def _named(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["a.txt"] = b"one"
    pdf.attachments["b.txt"] = b"two"


def _portfolio(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["a.pdf"] = b"one"
    pdf.attachments["b.pdf"] = b"two"
    pdf.Root.Collection = pikepdf.Dictionary(View=pikepdf.Name.D)
    pdf.Root.AF = pikepdf.Array(list(pdf.Root.Names.EmbeddedFiles.Names)[1::2])


def _in_a_tree(pdf: pikepdf.Pdf) -> None:
    leaves = [pikepdf.Dictionary(Names=pikepdf.Array(["n", _specification(pdf, data)])) for data in (b"1", b"2")]
    tree = pdf.make_indirect(pikepdf.Dictionary(Kids=pikepdf.Array(leaves)))
    tree.Kids.append(tree)
    pdf.Root.Names = pikepdf.Dictionary(EmbeddedFiles=tree)


def _pinned(pdf: pikepdf.Pdf) -> None:
    notes = pdf.pages[0].obj.Annots
    for data in (b"1", b"2"):
        note = pikepdf.Dictionary(
            Subtype=pikepdf.Name.FileAttachment, Rect=[9, 9, 20, 20], FS=_specification(pdf, data)
        )
        notes.append(pdf.make_indirect(note))
    pdf.pages[0].obj.AF = pikepdf.Array([notes[-1].FS])


def _nothing(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AF = pikepdf.Array([pikepdf.Dictionary(F="elsewhere.pdf"), 7])
    pdf.Root.Names = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names="none", Kids=3))


def test_what_is_attached_anywhere_is_counted_once_and_goes_to_a_human(tmp_path: Path, home: Path) -> None:
    form = draw_fillable(_FORM, {"customer_no": "93516086", "name": "JAN NOWAK"})
    for attach, number in ((_named, 2), (_portfolio, 2), (_in_a_tree, 2), (_pinned, 2), (_nothing, 0)):
        with pikepdf.open(BytesIO(form)) as pdf:
            attach(pdf)
            assert count_attachments(pdf) == number
            pdf.save(tmp_path / "a.pdf")
        for found in (read_file(tmp_path / "a.pdf"), read_as(tmp_path / "a.pdf", _FORM, [1])):
            (document,) = found.documents
            told = [one.message for one in document.problems if one.code == "attachments"]
            assert [message.partition(": ")[2] for message in told] == [f"{number}. Otwórz oryginał."][: bool(number)]
            assert document.submission is not None


@pytest.mark.parametrize("attached", [False, True])
def test_a_portfolio_of_nothing_but_an_empty_page_is_a_case_that_tells_of_its_files(
    tmp_path: Path, home: Path, attached: bool
) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        if attached:
            _portfolio(pdf)
        pdf.save(tmp_path / "a.pdf")
    codes = [[one.code for one in document.problems] for document in read_file(tmp_path / "a.pdf").documents]
    assert codes == ([["attachments"]] if attached else [])
