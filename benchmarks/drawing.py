"""The printed specimens of the reading benchmark: all forms, many people, every condition, three ways to fill in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Final

from PIL import Image

from benchmarks.eight_thousand import Visitor, visitor
from forms.catalogue import current_forms
from forms.form import Form
from forms.kinds import Value
from specimens import files
from specimens.paper import as_printed, print_fillable, print_form, varied_style
from specimens.people import CustomerRow, values_for
from specimens.real_paper import REAL_PAPER
from specimens.scanner import CONDITIONS, Condition, Scan, scan

TODAY: Final = date(2025, 6, 30)
WAYS: Final = ("fillable", "comb", "run")
"""Typed into the fillable form and printed; printed one character a cell; printed as runs over the cells."""
HAND: Final = "hand"
"""The way of those filled in by pen."""
EVERY_CONDITION: Final[Mapping[str, Condition]] = {**CONDITIONS, **REAL_PAPER}
"""What scanners do every day, and what happens to real paper, by name."""

_BY_PHONE: Final = frozenset({"photo", "crumpled", "fingers", "shadow"})
_UNSIGNED: Final = 9
"""The last digit of the pages that nobody signed."""


@dataclass(frozen=True)
class Specimen:
    """One page on disk with what stands on it.

    ``manner`` tells in a few words how it was written; ``picture`` is the bare page, for engines that read pictures;
    ``who`` tells whether the customer of that number filled it in.
    """

    number: int
    form: Form
    condition: str
    way: str
    manner: str
    expected: dict[str, Value]
    path: Path
    picture: Path
    who: Visitor = "customer"


class PrintingDesk:
    """Makes any printed page of a run by its number, so that several processes may share the pages out."""

    def __init__(self, seed: int, conditions: Sequence[str], folder: Path, customers: Sequence[CustomerRow]) -> None:
        self._seed, self._conditions = seed, tuple(conditions)
        self._folder, self._customers, self._forms = folder, customers, current_forms()

    def page(self, number: int) -> Specimen:
        """Draw, scan and write one page."""
        rng = Random(f"{self._seed}:{number}")
        form, condition = form_and_condition(number, self._forms, self._conditions)
        style = varied_style(rng.randrange(10**9))
        way = "fillable" if rng.random() < 0.4 else style.spread
        row, who = visitor(self._customers, number, self._seed)
        values = filled_in(form, row, number, self._seed)
        draw = print_fillable if way == "fillable" else print_form
        pdf = draw(form, values, style, number)
        path, picture = scanned_to(self._folder, pdf, (number, form, condition), self._seed)
        manner, expected = f"{style.face} {style.size}", as_printed(form, values, style)
        return Specimen(number, form, condition, way, manner, expected, path, picture, who)


def form_and_condition(number: int, forms: Sequence[Form], conditions: Sequence[str]) -> tuple[Form, str]:
    """What page ``number`` is: all forms under the first condition, then under the next."""
    return forms[number % len(forms)], conditions[number // len(forms) % len(conditions)]


def filled_in(form: Form, row: CustomerRow, number: int, seed: int) -> dict[str, Value]:
    """What that person writes on page ``number``."""
    return {**values_for(form, row, seed, TODAY), "signature": number % 10 != _UNSIGNED}


def scanned_to(folder: Path, pdf: bytes, what: tuple[int, Form, str], seed: int) -> tuple[Path, Path]:
    """Scan a page of that number, form and condition: the file as it comes in, and the bare picture beside it."""
    number, form, condition = what
    page = scan(pdf, EVERY_CONDITION[condition], seed * 1000 + number)[0]
    return write_page(page, condition, folder / f"{number:04}-{form.code}-{condition}", Random(f"file:{seed}:{number}"))


def write_page(page: Scan, condition: str, stem: Path, rng: Random) -> tuple[Path, Path]:
    """The file as it comes in, and the bare picture for the engines that read whole pages."""
    picture = stem.with_suffix(".bmp")  # quick to write, quick to open: the engine is timed, not the format
    Image.fromarray(page.image).save(picture, dpi=page.dpi)
    if condition in _BY_PHONE:
        return files.write(stem.with_suffix(".jpg"), files.jpeg(page)), picture
    if page.bitonal and rng.random() < 0.5:
        return files.write(stem.with_suffix(".tif"), files.tiff([page])), picture
    return files.write(stem.with_suffix(".pdf"), files.image_pdf([page], quality=85)), picture
