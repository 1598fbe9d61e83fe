"""The contract: values of columns, the schema, the documentation, and samples that keep it."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from billing.column_types import (
    DAY,
    FILE,
    KSEF_NO,
    MONEY,
    PRICE,
    VOLUME,
    BankAccount,
    ColumnType,
    Identifier,
    Text,
    ksef_check,
)
from billing.contract import TABLES
from billing.sample import write_sample
from billing.schema import markdown, schemas
from tests.billing.deliveries import UNTIL, delivery, problems, rows_of
from tests.cli.samples import run

DOCS = Path(__file__).parents[2] / "docs" / "billing.md"


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (MONEY, "1 234,50", 123450),
        (MONEY, "1\u00a0234,50 zł", 123450),
        (MONEY, "1.234,50", 123450),
        (MONEY, "-0,5", -50),
        (MONEY, "\u221212", -1200),
        (MONEY, "0.30000000000000004", 30),
        (MONEY, "12,50000", 1250),
        (MONEY, "0.500", 50),
        (MONEY, "1234.500", 123450),
        (PRICE, "5,5901", 55901),
        (VOLUME, "1,234", 1234),
        (DAY, "2026-11-30", date(2026, 11, 30)),
        (DAY, "2026-11-30 00:00:00", date(2026, 11, 30)),
        (DAY, "1.2.2026", date(2026, 2, 1)),
        (Identifier(), "12/01/2026", "12/01/2026"),
        (Identifier(), '="0012"', "0012"),
        (BankAccount(), "PL 41 1090 1014 0000 0000 3029 4429", "41109010140000000030294429"),
        (FILE, "pdf/2026-11/FV-1.pdf", "pdf/2026-11/FV-1.pdf"),
    ],
)
def test_a_text_is_understood_as_people_and_sheets_write_it(kind: ColumnType, text: str, value: Any) -> None:
    assert kind.parse(text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (MONEY, "1.234"),
        (MONEY, "12,345"),
        (MONEY, "1.000"),
        (MONEY, "-12,500"),
        (MONEY, "100.000 zł"),
        (MONEY, "1 23,00"),
        (MONEY, "1,2E+10"),
        (MONEY, "#ARG!"),
        (MONEY, "٣"),
        (MONEY, "9" * 15),
        (VOLUME, "-1"),
        (DAY, "31.02.2026"),
        (DAY, "45000"),
        (DAY, "0026-01-01"),
        (Identifier(), "1,2E+10"),
        (Identifier(), "2026-01-12 00:00:00"),
        (Identifier(), "x" * 41),
        (Text(100), "Le\x00śna"),
        (Text(100), "Le\ud800śna"),
        (Text(20, "house"), "1\x00"),
        (BankAccount(), "42109010140000000030294429"),
        (FILE, "../secret.pdf"),
        (FILE, "/etc/passwd"),
        (FILE, "pdf/../../x.pdf"),
    ],
)
def test_what_may_be_damaged_or_lead_elsewhere_is_refused_in_polish(kind: ColumnType, text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        kind.parse(text)


@given(st.text(max_size=30))
def test_no_text_makes_a_column_fail_otherwise_than_by_a_sentence(text: str) -> None:
    for kind in {type(column.kind): column.kind for table in TABLES for column in table.columns}.values():
        try:
            kind.parse(text.strip() or "-")
        except ValueError as error:
            assert str(error)


@given(st.integers(-(10**13), 10**13), st.sampled_from(" \u00a0'"))
def test_every_amount_is_read_back_to_the_grosz(grosze: int, blank: str) -> None:
    whole, part = divmod(abs(grosze), 100)
    written = f"{'-' if grosze < 0 else ''}{whole:,},{part:02d}"[::-1].replace(",", "@", 1).replace(",", blank)[::-1]
    assert MONEY.parse(written.replace("@", ",")) == grosze


def test_the_documentation_has_the_tables_that_are_checked() -> None:
    assert markdown() in DOCS.read_text(encoding="utf-8")


def test_a_sample_keeps_the_schema_that_the_command_prints(tmp_path: Path, home: Path) -> None:
    done = run("billing", "schema")
    told = json.loads(done.stdout)
    assert told == schemas()
    folder = delivery(tmp_path / "d", pdfs=True)
    validator = Draft202012Validator(told["manifest"], format_checker=Draft202012Validator.FORMAT_CHECKER)
    validator.validate(json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
    for table in TABLES:
        rows = rows_of(folder, table.name)
        assert rows
        for row in rows:
            Draft202012Validator(told["rows"][table.name]).validate(row)
    wrong = rows_of(folder, "invoices")[0] | {"gross": "a lot"}
    assert list(Draft202012Validator(told["rows"]["invoices"]).iter_errors(wrong))


def test_the_same_seed_gives_the_same_files_and_another_one_others(tmp_path: Path, home: Path) -> None:
    def digest(name: str, seed: int) -> str:
        write_sample(tmp_path / name, 15, seed=seed, months=2, until=UNTIL, pdfs=name != "c")
        return hashlib.sha256((tmp_path / name / "manifest.json").read_bytes()).hexdigest()

    assert digest("a", 7) == digest("b", 7) != digest("c", 8)
    assert problems(tmp_path / "a") == []
    with pytest.raises(FileExistsError):
        write_sample(tmp_path / "a", 1, until=UNTIL)


def test_a_year_of_samples_has_what_a_year_of_a_waterworks_has(tmp_path: Path, home: Path) -> None:
    folder = delivery(tmp_path / "d", 200, months=12)
    assert problems(folder) == []
    invoices = rows_of(folder, "invoices")
    assert 5 < sum(row["kind"] == "correction" for row in invoices) < 60
    assert any(row["ksef_no"] for row in invoices)
    due = {row["invoice_no"]: row["due_on"] for row in invoices}
    payments = rows_of(folder, "payments")
    late = sum(row["paid_on"] > due[row["invoice_no"]] for row in payments)
    assert 0 < late < len(payments) / 3
    used: dict[str, list[float]] = {}
    for row in rows_of(folder, "charges"):
        if row["service"] == "water" and row["invoice_no"].startswith("FV"):
            used.setdefault(row["point_no"], []).append(float(row["quantity"].replace(",", ".")))
    leaks = [one for one in used.values() if max(one) > 3.5 * sorted(one)[6]]
    assert 0 < len(leaks) < 30


def test_an_invoice_is_drawn_on_one_small_page_with_its_text(tmp_path: Path, home: Path) -> None:
    folder = delivery(tmp_path / "d", 4, months=1, pdfs=True)
    row = next(one for one in rows_of(folder, "invoices") if one["ksef_no"])
    path = folder / row["pdf"]
    assert path.stat().st_size < 60_000
    with pdfplumber.open(path) as pdf:
        (page,) = pdf.pages
        text = page.extract_text()
        picture = page.to_image(resolution=150).original
    assert row["invoice_no"] in text and row["gross"] in text and row["ksef_no"] in text and "Ścieki" in text
    assert [one.text for one in zxingcpp.read_barcodes(picture)] == [row["ksef_link"]]


def test_the_number_of_an_invoice_in_ksef_is_checked_as_the_ministry_has_it() -> None:
    assert ksef_check("5265877635-20250826-0100001AF629") == "AF"
    assert KSEF_NO.parse("5265877635-20250826-0100001AF629-AF")
