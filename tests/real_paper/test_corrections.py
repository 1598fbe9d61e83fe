"""Corrections and writing outside of the cells, on scanned pages from the picture to the values."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from forms.catalogue import form_by_code
from forms.submission import FieldValue
from ocr.reading import read_file
from specimens import files
from specimens.mishaps import Mishap, mark_up
from specimens.paper import handwrite_form
from specimens.people import invented_customers, values_for
from specimens.scanner import scan

FORM = form_by_code("einvoice_email_change")
VALUES = {**values_for(FORM, invented_customers(1, 11)[0], 11, date(2025, 6, 30)), "signature": True}


@pytest.fixture(autouse=True)
def _own_home(home: Path) -> None:
    """Settings of the test, not of the machine."""


def _read(
    folder: Path, condition: str, left_out: set[str], mishaps: dict[str, Mishap | list[Mishap]]
) -> dict[str, FieldValue]:
    values = {name: None if name in left_out else value for name, value in VALUES.items()}
    page = scan(mark_up(handwrite_form(FORM, values, 1), FORM, mishaps, 1), condition, 1)[0]
    (document,) = read_file(files.write(folder / "scan.png", files.png(page))).documents
    assert document.submission is not None
    return dict(document.submission.fields)


@pytest.mark.parametrize("condition", ["gray200", "fax"])
def test_what_is_written_beside_the_cells_or_struck_out_goes_to_a_human(tmp_path: Path, condition: str) -> None:
    mishaps: dict[str, Mishap | list[Mishap]] = {
        "customer_no": [Mishap("struck", str(VALUES["customer_no"])), Mishap("above", "12345678")],
        "name": Mishap("run", "MARIANNA WISNIEWSKA"),
        "town": Mishap("scribbled", str(VALUES["town"])),
        "email_current": Mishap("below", "JAN@WP.PL"),
        "email_new": Mishap("doubled", "JAN.NOWAK@WP.PL"),
        "date_signed": Mishap("struck", str(VALUES["date_signed"])),
        "signature": Mishap("crosses"),
    }
    fields = _read(tmp_path, condition, {"name", "email_current", "email_new", "signature"}, mishaps)
    for name in mishaps:
        assert not fields[name].trusted, name
        assert fields[name].doubt, name


def test_a_value_that_begins_one_cell_late_is_still_read(tmp_path: Path) -> None:
    text = FORM["email_new"].kind.to_comb("jan@wp.pl").strip()
    fields = _read(tmp_path, "gray200", {"email_new"}, {"email_new": Mishap("shifted", text)})
    assert fields["email_new"].value is not None
    assert fields["signature"].trusted
