"""The folder of deliveries: what is new is imported in its order, a bad one stays with a report beside it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from billing.pickup import REPORT, MissingFolderError, PickedUp, pick_up
from customers.customer_list import read_customers
from customers.importing import load_customers
from tests.billing.deliveries import delivery, edited


@pytest.fixture
def place(tmp_path: Path, home: Path, sqlite_database: str) -> Path:
    """Two deliveries of the same customers, of which the later month comes first by name."""
    place = tmp_path / "place"
    delivery(place / "a", 2, months=1)
    delivery(place / "b", 2, months=1, until=date(2026, 10, 1))
    load_customers(read_customers(place / "a" / "customers.csv"))
    return place


def look(place: Path) -> tuple[list[str], str | None, int]:
    found: PickedUp = pick_up(place, "machine")
    return [name for name, _ in found.taken], found.refused, found.problems


def test_new_deliveries_are_imported_once_in_the_order_of_their_periods(place: Path) -> None:
    (place / "unfinished").mkdir()
    (place / "note.txt").write_text("x")
    assert look(place) == (["b", "a"], None, 0)
    assert look(place) == ([], None, 0)


def test_a_bad_delivery_stays_with_its_report_and_holds_up_those_after_it_until_it_is_mended(place: Path) -> None:
    edited(place / "b", "invoices", lambda rows: rows[0].update(due_on="kiedyś"))
    assert look(place) == ([], "b", 1)
    report = (place / "b" / REPORT).read_text(encoding="utf-8-sig")
    assert "invoices.csv, wiersz 2: due_on (termin płatności): Wpisz datę" in report and "kiedyś" not in report
    assert look(place) == ([], "b", 1)
    edited(place / "b", "invoices", lambda rows: rows[0].update(due_on="2026-10-14"))
    assert look(place) == (["b", "a"], None, 0)
    assert not (place / "b" / REPORT).exists()


def test_a_manifest_that_cannot_be_read_is_a_bad_delivery(place: Path) -> None:
    (place / "a" / "manifest.json").write_text("{")
    assert look(place) == ([], "a", 1)


def test_a_folder_that_is_not_there_is_no_empty_one(place: Path) -> None:
    with pytest.raises(MissingFolderError):
        pick_up(place / "nowhere", "machine")
