"""The specimens of the reading benchmark: four forms, many people, every condition, three ways of filling in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Final

from PIL import Image

from forms.catalogue import current_forms
from forms.form import Form
from forms.kinds import Value
from specimens import files
from specimens.paper import as_printed, print_fillable, print_form, varied_style
from specimens.people import CustomerRow, invented_customers, values_for
from specimens.scanner import Scan, scan

TODAY: Final = date(2025, 6, 30)
WAYS: Final = ("fillable", "comb", "run")
"""Typed into the fillable form and printed; printed one character a cell; printed as runs over the cells."""


@dataclass(frozen=True)
class Specimen:
    """One page on disk with what stands on it.

    ``manner`` tells in a few words how it was written; ``picture`` is the bare page, for engines that read pictures;
    ``who`` filled it in, where that is not the customer of that number (see ``eight_thousand.Visitor``).
    """

    number: int
    form: Form
    condition: str
    way: str
    manner: str
    expected: dict[str, Value]
    path: Path
    picture: Path
    who: str = "customer"


def draw_specimens(count: int, seed: int, conditions: Sequence[str], folder: Path) -> Iterator[Specimen]:
    """Draw page after page; every tenth is unsigned. The same arguments give the same pages."""
    customers = specimen_customers(count, seed)
    forms = current_forms()
    for number in range(count):
        rng = Random(f"{seed}:{number}")
        form, condition = forms[number % len(forms)], conditions[number // len(forms) % len(conditions)]
        style = varied_style(rng.randrange(10**9))
        way = "fillable" if rng.random() < 0.4 else style.spread
        values = values_for(form, customers[number], seed, TODAY)
        values["signature"] = number % 10 != 9
        draw = print_fillable if way == "fillable" else print_form
        page = scan(draw(form, values, style, number), condition, seed * 1000 + number)[0]
        path, picture = write_page(page, condition, folder / f"{number:04}-{form.code}-{condition}", rng)
        manner, expected = f"{style.face} {style.size}", as_printed(form, values, style)
        yield Specimen(number, form, condition, way, manner, expected, path, picture)


def specimen_customers(count: int, seed: int) -> list[CustomerRow]:
    """The people who fill in those pages, one each."""
    return invented_customers(count, seed)


def write_page(page: Scan, condition: str, stem: Path, rng: Random) -> tuple[Path, Path]:
    """The file as it comes in, and the bare picture for the engine that reads whole pages."""
    picture = stem.with_suffix(".bmp")  # quick to write, quick to open: the engine is timed, not the format
    Image.fromarray(page.image).save(picture, dpi=page.dpi)
    if condition == "photo":
        return files.write(stem.with_suffix(".jpg"), files.jpeg(page)), picture
    if page.bitonal and rng.random() < 0.5:
        return files.write(stem.with_suffix(".tif"), files.tiff([page])), picture
    return files.write(stem.with_suffix(".pdf"), files.image_pdf([page], quality=85)), picture
