"""Forms filled in by pen, from the picture to the verdict: straight through, or to a human with the right reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from customers.knowledge import ListKnowledge
from customers.matching import Verdict, corroborate, judge
from customers.records import CustomerRecord, ListDirectory
from forms.catalogue import form_by_code
from forms.kinds import Value
from forms.submission import Submission
from ocr.installation import Installation
from ocr.reading import read_file
from specimens import files
from specimens.paper import handwrite_form
from specimens.people import CustomerRow, invented_customers, values_for
from specimens.scanner import scan

TODAY = date(2026, 3, 2)
FORM = form_by_code("einvoice_withdrawal")
PEOPLE = invented_customers(300, 31, consecutive=True)
SEED = 3
ANNA = next(row for row in PEOPLE if row["pesel"] and row["street"] and row["email"] and 12 < len(row["name"]) < 20)
OTHER = next(row for row in PEOPLE if row["customer_no"][:-1] == ANNA["customer_no"][:-1] and row is not ANNA)


@pytest.fixture(autouse=True)
def _own_home(home: Path) -> None:
    """Settings of the test, not of the machine."""


@cache
def register() -> tuple[Installation, ListDirectory]:
    records = [CustomerRecord(**{name: value or None for name, value in row.items()}) for row in PEOPLE]  # type: ignore[arg-type]
    return Installation(ListKnowledge(records)), ListDirectory(records)


def written(person: CustomerRow, **changed: Value) -> dict[str, Value]:
    return {**values_for(FORM, person, SEED, TODAY), "email_current": None, **changed}


def read(values: Mapping[str, Value], folder: Path) -> Submission:
    """Write with a pen, scan, read with the register at hand."""
    paper = files.write(folder / "form.pdf", files.image_pdf(scan(handwrite_form(FORM, values, SEED), "gray300", SEED)))
    knowledge, directory = register()
    (document,) = read_file(paper, knowledge=knowledge, today=TODAY).documents
    assert document.submission is not None
    return corroborate(document.submission, directory)


def judged(values: Mapping[str, Value], folder: Path) -> tuple[Submission, Verdict]:
    submission = read(values, folder)
    return submission, judge(submission, register()[1], TODAY)


def test_a_customers_form_by_hand_goes_straight_through(tmp_path: Path) -> None:
    submission, verdict = judged(written(ANNA), tmp_path)
    assert (verdict.decision, verdict.customer_no) == ("ready", ANNA["customer_no"]), verdict.problems
    assert str(submission.value("name")) == ANNA["name"].upper()


def test_a_form_by_hand_with_the_number_of_another_customer_waits(tmp_path: Path) -> None:
    submission, verdict = judged(written(ANNA, customer_no=OTHER["customer_no"]), tmp_path)
    assert verdict.decision == "review"
    assert submission.value("customer_no") == OTHER["customer_no"]
    assert not submission.fields["customer_no"].trusted
    assert {problem.code for problem in verdict.problems} & {"mismatch_name", "doubtful_field"}


def test_a_form_by_hand_of_a_stranger_waits_and_keeps_his_name(tmp_path: Path) -> None:
    values = written(ANNA, name="Zenon Bąk", street="Cicha", house="9", flat=None)
    submission, verdict = judged(values, tmp_path)
    assert verdict.decision == "review"
    assert not verdict.identified
    assert submission.value("name") != ANNA["name"].upper()
