"""Numbers read cell by cell: what the network alone makes of them, with no rule and no list behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from benchmarks.drawing import Specimen
from forms.catalogue import all_forms
from forms.layout import layout
from ocr.alignment.identification import identify
from ocr.alignment.sheet import READING_DPI, Sheet
from ocr.files.opening import open_pages
from ocr.handprint.cells import cut_cells
from ocr.handprint.recogniser import digit_odds, score_cells
from ocr.handprint.training.decoding_figures import greedily

FIELDS: Final = ("customer_no", "phone", "pesel", "nip", "postcode", "date_signed")


@dataclass(frozen=True)
class Greedy:
    """One number: its digits as they stand in the comb, and as they were read."""

    field: str
    expected: str
    read: str


def read_greedily(specimen: Specimen) -> tuple[Greedy, ...]:
    """The filled numbers of a page; read as nothing where the page was not found to be its form."""
    with open_pages(specimen.path) as pages:
        picture = pages.page(1).picture
    alignment = identify(picture, all_forms()).alignment
    sheet = None if alignment is None else Sheet(picture, alignment)
    found = []
    for item in layout(specimen.form).fields:
        value = specimen.expected[item.field.name]
        if item.field.name not in FIELDS or not value:
            continue
        read = ""
        if sheet is not None and sheet.form == specimen.form:
            kind = item.field.kind
            cells = score_cells(cut_cells(sheet.picture, READING_DPI, item), kind.alphabet, digit_odds(kind))
            read = greedily(cells).rstrip()
        found.append(Greedy(item.field.name, item.field.kind.to_comb(value), read))
    return tuple(found)
