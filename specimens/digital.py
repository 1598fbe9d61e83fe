"""Forms filled in on a computer and sent as they are: filled fields, flattened ones, text set over the blank."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name

from forms.fillable import draw_fillable
from forms.form import Form
from forms.kinds import Value
from forms.layout import PAGE_HEIGHT, PAGE_WIDTH
from specimens.chance import dice
from specimens.paper import as_printed, print_fillable, print_form, varied_style

MAKES: Final = ("fields", "flattened", "typed")
"""Fields filled in; the same made part of the page; text set over the paper blank."""


@dataclass(frozen=True)
class DigitalForm:
    """One file with what a person sees on it, by field name: a list of one entry for each page of ours."""

    form: Form
    data: bytes
    seen: tuple[Mapping[str, Value], ...]


def digital_form(form: Form, values: Mapping[str, Value], make: str, seed: int) -> DigitalForm:
    """A form as a program leaves it, of one of ``MAKES``; typeface, size and spacing come from the seed."""
    rng = dice(f"digital:{seed}")
    if make == "fields":
        seen = {**values, "signature": False}
        return DigitalForm(form, draw_fillable(form, {**values, "signature": None}), (seen,))
    style = replace(varied_style(rng.randrange(10**9)), shake=0.0)
    if make == "flattened":
        return DigitalForm(form, print_fillable(form, values, style, seed), (as_printed(form, values, style),))
    return DigitalForm(form, print_form(form, values, style, seed), (as_printed(form, values, style),))


def handled(data: bytes, seed: int) -> bytes:
    """The same file after a program that turns, shrinks, crops or wraps pages without changing what is seen."""
    rng = dice(f"handled:{seed}")
    change = rng.choice((None, None, None, _turned, _shrunk, _cropped, _wrapped))
    if change is None:
        return data
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            change(pdf, page, rng)
        return saved(pdf)


def pin(pdf: pikepdf.Pdf, annotation: pikepdf.Dictionary) -> None:
    """Put an annotation on the first page; a widget is a form field of the file as well."""
    page = pdf.pages[0].obj
    if "/Annots" not in page:
        page.Annots = pikepdf.Array()
    page.Annots.append(pdf.make_indirect(annotation))
    if annotation.Subtype == "/Widget":
        pdf.Root.AcroForm.Fields.append(page.Annots[-1])


def saved(pdf: pikepdf.Pdf) -> bytes:
    """The bytes of an open file."""
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def _turned(_pdf: pikepdf.Pdf, page: pikepdf.Page, rng: Random) -> None:
    page.rotate(rng.choice((90, 180, 270)), relative=False)


def _shrunk(pdf: pikepdf.Pdf, page: pikepdf.Page, rng: Random) -> None:
    """Printed to fit the margins, as viewers do; only pages without fields are."""
    if "/Annots" in page.obj:
        return
    scale = rng.uniform(0.9, 0.98)
    _rewrapped(pdf, page, (scale, 0, 0, scale, PAGE_WIDTH * (1 - scale) / 2, PAGE_HEIGHT * (1 - scale) / 2))


def _cropped(_pdf: pikepdf.Pdf, page: pikepdf.Page, rng: Random) -> None:
    """A sheet larger than the page that is shown of it."""
    left, low = rng.uniform(10, 60), rng.uniform(10, 60)
    page.obj.MediaBox = Array([round(-left, 2), round(-low, 2), PAGE_WIDTH + 30, PAGE_HEIGHT + 40])
    page.obj.CropBox = Array([0, 0, PAGE_WIDTH, PAGE_HEIGHT])


def _wrapped(pdf: pikepdf.Pdf, page: pikepdf.Page, _rng: Random) -> None:
    """All content in a form within the page."""
    if "/Annots" not in page.obj:
        _rewrapped(pdf, page, (1, 0, 0, 1, 0, 0))


def _rewrapped(pdf: pikepdf.Pdf, page: pikepdf.Page, matrix: tuple[float, ...]) -> None:
    page.contents_coalesce()
    whole = pdf.make_stream(page.obj.Contents.read_bytes())
    whole.Type, whole.Subtype, whole.Resources = Name.XObject, Name.Form, page.obj.Resources
    whole.BBox = Array([0, 0, PAGE_WIDTH, PAGE_HEIGHT])
    page.obj.Resources = Dictionary(XObject=Dictionary(Whole=whole))
    page.obj.Contents = pdf.make_stream(f"q {' '.join(f'{each:.5f}' for each in matrix)} cm {Name.Whole} Do Q".encode())
