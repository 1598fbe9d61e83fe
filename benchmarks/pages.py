"""Reads drawn pages as the product does, once with the list of customers and once without, and scores every field."""

from __future__ import annotations

import tempfile
import time
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from benchmarks.drawing import HAND, TODAY, PrintingDesk, Specimen
from benchmarks.eight_thousand import customers
from benchmarks.greedy import Greedy, read_greedily
from benchmarks.handwritten import Writers, WritingDesk
from benchmarks.scoring import FieldScore, group_of
from benchmarks.straight_through import PageVerdict, directory_of, judge_page, records_of
from customers.knowledge import ListKnowledge
from customers.matching import corroborate
from customers.records import ListDirectory
from forms.submission import FieldValue, Submission
from ocr.handprint.training.writers import Half
from ocr.installation import Installation
from ocr.reading import read_file
from ocr.results import FileReading
from specimens.people import CustomerRow

_EMPTY = FieldValue(None, confidence=0.0, trusted=False)


@dataclass(frozen=True)
class PageResult:
    """What one page gave.

    ``alone`` are its fields read with nothing but the paper, ``listed`` those read with the customer list; both are
    empty where the form was not found. ``greedy`` are numbers read cell by cell. ``seconds`` is the time with the list.
    """

    specimen: int
    form: str
    condition: str
    way: str
    manner: str
    who: str
    seconds: float
    alone: tuple[FieldScore, ...]
    listed: tuple[FieldScore, ...]
    greedy: tuple[Greedy, ...]
    verdict: PageVerdict

    def as_json(self) -> dict[str, Any]:
        """For storing."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> PageResult:
        """What ``as_json`` made."""
        scores = {name: tuple(FieldScore(**score) for score in stored[name]) for name in ("alone", "listed")}
        greedy = tuple(Greedy(**one) for one in stored["greedy"])
        return cls(**{**stored, **scores, "greedy": greedy, "verdict": PageVerdict(**stored["verdict"])})


@dataclass(frozen=True)
class PageTask:
    """Draws and reads pages of a run by their number: 'hand' or 'print'."""

    sort: Literal["hand", "print"]
    seed: int
    conditions: tuple[str, ...]
    half: Half
    data: Path
    keep: Path | None = None

    def __call__(self, number: int) -> PageResult:
        """One page."""
        if self.keep is not None:
            return self.measured(number, self.keep)
        with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
            return self.measured(number, Path(scratch))

    def measured(self, number: int, folder: Path) -> PageResult:
        """One page that is written into that folder."""
        specimen = self.drawn(number, folder)
        directory = _directory()
        alone = _submission_of(specimen, read_file(specimen.path, today=TODAY))
        start = time.perf_counter()
        listed = _submission_of(specimen, read_file(specimen.path, knowledge=_knowledge(), today=TODAY))
        taken = time.perf_counter() - start
        greedy = read_greedily(specimen) if specimen.way == HAND else ()
        return PageResult(
            number,
            specimen.form.code,
            specimen.condition,
            specimen.way,
            specimen.manner,
            specimen.who,
            taken,
            scores_of(specimen, alone),
            scores_of(specimen, None if listed is None else corroborate(listed, directory)),
            greedy,
            judge_page(specimen, listed, directory, TODAY),
        )

    def drawn(self, number: int, folder: Path) -> Specimen:
        """The specimen of that number."""
        if self.sort == "print":
            return PrintingDesk(self.seed, self.conditions, folder, _customers()).page(number)
        return WritingDesk(_writers(self.half, self.data), self.seed, self.conditions, folder, _customers()).page(
            number
        )


def listed(task: PageTask, number: int) -> tuple[Specimen, Submission | None, ListDirectory]:
    """A page of a run, what was read of it with the list of customers, and that list."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        specimen = task.drawn(number, Path(scratch))
        reading = read_file(specimen.path, knowledge=_knowledge(), today=TODAY)
    return specimen, _submission_of(specimen, reading), _directory()


def scores_of(specimen: Specimen, submission: Submission | None) -> tuple[FieldScore, ...]:
    """Every field of the form against what stands on the paper; all empty where the form was not found."""
    fields = {} if submission is None else submission.fields
    return tuple(
        FieldScore(
            specimen.number,
            specimen.condition,
            specimen.way,
            item.name,
            group_of(item),
            specimen.expected[item.name],
            (value := fields.get(item.name, _EMPTY)).value,
            value.confidence,
            value.trusted,
            value.doubt,
        )
        for item in specimen.form.fields
    )


def _submission_of(specimen: Specimen, reading: FileReading) -> Submission | None:
    """What was read of the form; None where it was not recognised, even if values are proposed from its words."""
    for document in reading.documents:
        if (document.form_code, document.version) == (specimen.form.code, specimen.form.version):
            return document.submission
    return None


@cache
def _customers() -> list[CustomerRow]:
    return customers()


@cache
def _directory() -> ListDirectory:
    return directory_of(_customers())


@cache
def _knowledge() -> Installation:
    return Installation(ListKnowledge(records_of(_customers())))


@cache
def _writers(half: Half, data: Path) -> Writers:
    return Writers.of(half, data)
