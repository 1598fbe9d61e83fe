"""The files that ``benchmarks.hostile`` sends: good ones, and mutants and bombs among them; by the seed."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

import pillow_heif
from PIL import Image

from environment import clock
from forms.catalogue import form_by_code
from forms.fillable import draw_fillable
from specimens import files, names
from specimens.corrupted_files import BYTES, STRUCTURE
from specimens.hostile import BOMBS
from specimens.paper import print_form
from specimens.people import CustomerRow, invented_customers, values_for
from specimens.scanner import Scan, scan

MOST: Final = 10_000
"""So many files a seed has."""
EVERY_TENTH: Final = 10
"""One file in so many is good."""
_GOOD_FORM: Final = "ebok_signup"
_SHARES: Final = (("bytes", 50), ("structure", 35), ("bomb", 15))
"""Of a hundred bad files."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One file: its number among those of its seed; ``kind`` is 'good', or what was done to it."""

    number: int
    name: str
    kind: str
    data: bytes

    @property
    def good(self) -> bool:
        """Whether it is a form of a customer, to be carried out."""
        return self.kind == "good"


def customers_of_good_files() -> tuple[CustomerRow, ...]:
    """The customers of all good files that a seed has, whichever of them are sent."""
    return customers_with_email(MOST // EVERY_TENTH)


def drawn(numbers: Iterable[int], seed: int) -> Iterator[Sent]:
    """The files of these numbers, each made when it is asked for; every good one is of another customer.

    File and customer follow from seed and number alone, so that a run may be made in parts.
    """
    customers = customers_of_good_files()
    for number in numbers:
        chance = Random(f"{seed}:{number}")
        if number % EVERY_TENTH == 0:
            yield Sent(number, f"{number:05}-good.pdf", "good", good(customers[number // EVERY_TENTH]))
            continue
        sort = chance.choices([name for name, _ in _SHARES], [share for _, share in _SHARES])[0]
        if sort == "bomb":
            kind = chance.choice(sorted(BOMBS))
            yield Sent(number, f"{number:05}-bomb", f"bomb: {kind}", BOMBS[kind](chance))
            continue
        mutators = BYTES if sort == "bytes" else STRUCTURE
        specimens = _specimens() if sort == "bytes" else _pdfs()
        name, kind = chance.choice(sorted(specimens)), chance.choice(sorted(mutators))
        ending = name.rpartition(" ")[2]
        yield Sent(number, f"{number:05}.{ending}", f"{sort}: {kind}", mutators[kind](specimens[name], chance))


def good(customer: CustomerRow) -> bytes:
    """A form that this customer filled in and signed."""
    form = form_by_code(_GOOD_FORM)
    values = values_for(form, customer, 1, clock.today(), domains=names.SAFE_DOMAINS)
    return draw_fillable(form, {**values, "date_signed": clock.today().isoformat()})


@cache
def customers_with_email(count: int) -> tuple[CustomerRow, ...]:
    """So many invented customers who can get all that we send."""
    rows = invented_customers(count * 3 + 40, 17, domains=names.SAFE_DOMAINS)
    return tuple([row for row in rows if row["email"] and row["phone"] and row["pesel"]][:count])


@cache
def _specimens() -> dict[str, bytes]:
    """What bytes are changed of, by name; its last word is the ending of the file."""
    page, *_ = _scanned(0)
    return {
        **_pdfs(),
        "scan tiff": files.tiff([page, *_scanned(1)]),
        "scan jpg": files.jpeg(page),
        "scan png": files.png(page),
        "photo heic": _heic(page),
    }


@cache
def _pdfs() -> dict[str, bytes]:
    form, customer = form_by_code("einvoice_acceptance"), _stranger(2)
    return {
        "fillable pdf": draw_fillable(form, values_for(form, customer, 2, clock.today())),
        "scan pdf": files.image_pdf(_scanned(0)),
        "scans pdf": files.image_pdf([*_scanned(0), *_scanned(1)]),
        "letter pdf": files.letter(3),
    }


@cache
def _scanned(number: int) -> list[Scan]:
    form = form_by_code(("einvoice_acceptance", "einvoice_withdrawal")[number])
    paper = print_form(form, values_for(form, _stranger(number), number, clock.today()))
    return scan(paper, "gray150", number)


def _heic(page: Scan) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(page.image).convert("RGB")).save(out, quality=40)
    return out.getvalue()


def _stranger(number: int) -> CustomerRow:
    """Nobody of the register: what survives its change of bytes changes nobody's data."""
    return invented_customers(10, 99, domains=names.SAFE_DOMAINS)[number]
