"""Fillable PDFs whose appearances other programs draw anew, as filling programs ask for and Evince and Okular do."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pikepdf
import pypdfium2
import pytest
from PIL import Image

from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from forms.kinds import Value
from forms.layout import layout
from forms.submission import Box
from ocr.machine_print.printed import DOUBT_CUT_OFF
from ocr.reading import read_file
from tests.forms.samples import values_of

FORM = form_by_code("ebok_signup")
VALUES = values_of(FORM) | {"name": "Jagna Gęś-Żółcińska", "street": "Spółdzielców Pyrzyckich", "town": "Gąski"}
LONG_ADDRESS = "biuro.obslugi.klienta.zeglugowego@przedsiebiorstwo.com.pl"
DPI = 200

Painter = Callable[[bytes, Path], Image.Image]


def by_poppler(pdf: bytes, folder: Path) -> Image.Image:
    """The page as Evince and Okular draw it."""
    (folder / "page.pdf").write_bytes(pdf)
    command = ["pdftoppm", "-r", str(DPI), "-gray", "-singlefile", str(folder / "page.pdf"), str(folder / "page")]
    subprocess.run(command, check=True)
    return Image.open(folder / "page.pgm").convert("L")


def by_pdfium(pdf: bytes, _: Path) -> Image.Image:
    """The page as Chrome and Edge draw it."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    drawn: Image.Image = document[0].render(scale=DPI / 72, may_draw_forms=True).to_pil()
    return drawn.convert("L")


PAINTERS = pytest.mark.parametrize("paint", [by_poppler, by_pdfium])


def filled(
    *, without_appearances: bool, before_ticks: bytes | None = None, values: Mapping[str, Value] = VALUES
) -> bytes:
    """The empty form filled in by a program that sets values; it leaves appearances to the viewer or draws texts."""
    with pikepdf.open(BytesIO(draw_fillable(FORM))) as pdf:
        for widget in pdf.Root.AcroForm.Fields:
            value = values[str(widget.T)]
            kind = FORM[str(widget.T)].kind
            if kind.widget == "tick":
                widget.V = widget.AS = pikepdf.Name.Yes if value else pikepdf.Name.Off
            else:
                widget.V = pikepdf.String(kind.display(value) if kind.groups else kind.to_comb(value))
                if before_ticks is not None:
                    widget.AP.N.write(before_ticks)
            if without_appearances:
                del widget.AP
        pdf.Root.AcroForm.NeedAppearances = without_appearances
        target = BytesIO()
        pdf.save(target)
    return target.getvalue()


def ink(image: Image.Image, box: Box) -> npt.NDArray[np.bool_]:
    """Dark pixels within a box, its frame left out."""
    left, top, right, bottom = (round(edge * DPI / 72) for edge in box)
    return np.asarray(image.crop((left + 3, top + 3, right - 3, bottom - 3))) < 110


def height(image: Image.Image, name: str) -> int:
    """Rows of pixels from the highest accent to the lowest tail of a value."""
    rows = np.flatnonzero(ink(image, layout(FORM)[name].bounds).any(axis=1))
    return int(rows[-1] - rows[0]) + 1


def crosses(image: Image.Image) -> dict[str, bool]:
    """For every check box whether both strokes of a cross are there: there is ink towards all of its four corners."""
    found = {}
    for item in layout(FORM).fields:
        if item.field.kind.widget == "tick":
            dark = ink(image, item.boxes[0])
            middle, centre = dark.shape[0] // 2, dark.shape[1] // 2
            upper, lower = dark[: middle - 3], dark[middle + 3 :]
            found[item.field.name] = all(
                part.any() for half in (upper, lower) for part in (half[:, : centre - 1], half[:, centre + 1 :])
            )
    return found


EXPECTED = {name: value for name, value in VALUES.items() if isinstance(value, bool)}


@PAINTERS
def test_letters_drawn_anew_keep_their_tails_and_accents(paint: Painter, tmp_path: Path) -> None:
    own = paint(draw_fillable(FORM, VALUES), tmp_path)
    anew = paint(filled(without_appearances=True), tmp_path)
    for name in ("name", "street", "town"):
        assert height(anew, name) == pytest.approx(height(own, name), abs=1), name


@PAINTERS
def test_a_check_box_drawn_anew_shows_a_cross(paint: Painter, tmp_path: Path) -> None:
    assert crosses(paint(filled(without_appearances=True), tmp_path)) == EXPECTED


@PAINTERS
def test_a_check_box_that_is_only_switched_shows_its_cross(paint: Painter, tmp_path: Path) -> None:
    assert crosses(paint(filled(without_appearances=False), tmp_path)) == EXPECTED


@PAINTERS
def test_a_cross_is_whole_after_a_text_that_left_a_clip_open(paint: Painter, tmp_path: Path) -> None:
    as_pypdf = b"q /Tx BMC q 2 0 60 21 re W BT ET Q EMC Q"
    assert crosses(paint(filled(without_appearances=False, before_ticks=as_pypdf), tmp_path)) == EXPECTED


def test_the_cross_of_check_boxes_needs_no_font_of_the_viewer() -> None:
    with pikepdf.open(BytesIO(draw_fillable(FORM))) as pdf:
        form = pdf.Root.AcroForm
        assert all("/FontFile2" in font.FontDescriptor for font in form.DR.Font.values())
        ticks = [widget for widget in form.Fields if FORM[str(widget.T)].kind.widget == "tick"]
        assert ticks and all(not len(state.Resources) for widget in ticks for state in widget.AP.N.values())


@PAINTERS
def test_a_printout_drawn_anew_is_read_as_it_was_filled_in(paint: Painter, tmp_path: Path, home: Path) -> None:
    scan = tmp_path / "scan.png"
    paint(filled(without_appearances=True), tmp_path).save(scan, dpi=(DPI, DPI))
    (document,) = read_file(scan).documents
    assert document.submission is not None
    assert {name: document.submission.value(name) for name in VALUES} == VALUES


@PAINTERS
def test_an_address_that_was_printed_cut_off_is_not_trusted(paint: Painter, tmp_path: Path, home: Path) -> None:
    scan = tmp_path / "scan.png"
    paint(filled(without_appearances=True, values=VALUES | {"email": LONG_ADDRESS}), tmp_path).save(
        scan, dpi=(DPI, DPI)
    )
    (document,) = read_file(scan).documents
    assert document.submission is not None
    assert not document.submission.fields["email"].trusted
    assert document.submission.fields["email"].doubt == DOUBT_CUT_OFF


@PAINTERS
def test_a_long_address_that_the_form_made_smaller_is_not_taken_for_cut_off(
    paint: Painter, tmp_path: Path, home: Path
) -> None:
    scan = tmp_path / "scan.png"
    paint(draw_fillable(FORM, VALUES | {"email": LONG_ADDRESS}), tmp_path).save(scan, dpi=(DPI, DPI))
    (document,) = read_file(scan).documents
    assert document.submission is not None
    assert document.submission.fields["email"].doubt != DOUBT_CUT_OFF
