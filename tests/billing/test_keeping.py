"""What billing told is exported with all else of a customer, erased in its time, and seen by the commands."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from billing.dispatch_tables import DeliveredInvoice
from billing.dispatching import decide
from billing.importing import import_delivery
from billing.sources import FolderSource
from billing.statement import everything_of
from billing.tables import TABLES
from confirmations.outbox import deliver
from confirmations.tables import Message
from customers.customer_list import read_customers
from customers.importing import load_customers
from database.engine import reading, transaction
from documents.tables import Original
from environment.settings import get_settings
from integrity.differences import Scope
from integrity.originals import Originals
from retention import contacts, files
from retention.erasure import erase
from retention.export import export
from retention.holdings import UnknownCustomerError
from tests.billing.delivered import BEFORE, accepts
from tests.billing.deliveries import delivery, rows_of
from tests.cli.samples import run
from tests.stored import original_path


@pytest.fixture
def told(tmp_path: Path, home: Path, sqlite_database: str) -> Path:
    """An imported delivery of one month with pictures."""
    folder = delivery(tmp_path / "delivery", 2, months=1, pdfs=True)
    load_customers(read_customers(folder / "customers.csv"))
    import_delivery(FolderSource(folder), "machine")
    return folder


def number(folder: Path) -> str:
    return rows_of(folder, "settlements")[0]["customer_no"]


def test_a_customer_gets_his_invoices_with_their_pictures(told: Path, tmp_path: Path) -> None:
    done = export(number(told), tmp_path / "out", "machine")
    index = json.loads((done.folder / "index.json").read_text(encoding="utf-8"))["billing"]
    (invoice,) = index["invoices"]
    (row, _) = rows_of(told, "invoices")
    assert (invoice["invoice_no"], len(index["charges"]), len(index["readings"])) == (row["invoice_no"], 3, 1)
    assert (done.folder / invoice["file"]).read_bytes() == (told / row["pdf"]).read_bytes()
    assert row["invoice_no"] in (done.folder / "index.html").read_text(encoding="utf-8")


def test_who_left_keeps_no_meter_and_no_account_but_the_books_stay_their_time(told: Path) -> None:
    customer = number(told)
    kept = {(line.what, line.fate.value) for line in erase(customer, "machine").lines}
    assert {("faktury i wpłaty", "kept"), ("wpis w rejestrze klientów", "kept")} == kept
    done = {(line.what, line.fate.value) for line in erase(customer, "machine", departed=True).lines}
    assert ("punkty poboru, wodomierze, odczyty, rachunek do wpłat", "erased") in done
    with reading() as session:
        left = {name for name, rows in everything_of(session, customer).items() if rows}
    assert left - {"payments"} == {"invoices", "charges"}
    assert erase(customer, "machine").lines, "what is left of him is still told"
    with pytest.raises(UnknownCustomerError):
        erase("99999999", "machine")


def test_what_is_old_is_erased_with_its_pictures_and_the_rest_is_looked_at_as_originals_are(told: Path) -> None:
    (first, second) = (row["pdf_sha256"] for row in rows_of(told, "invoices"))
    scope = Scope(lambda _sha256, _at: True, lambda _number: None)
    assert not list(Originals().differences(scope))
    original_path(first).unlink()
    assert [one.key for one in Originals().differences(scope)] == [first]
    for day, left in ((datetime(2026, 10, 31, tzinfo=UTC), 2), (datetime(2026, 11, 2, tzinfo=UTC), 0)):
        with transaction() as session:
            bundle = contacts.billing(session, day, 0)
        assert bundle.last is None
        with reading() as session:
            assert len(session.execute(select(TABLES["invoices"])).all()) == left
    with reading() as session:
        assert not session.execute(select(TABLES["charges"])).all()
        assert session.execute(select(TABLES["points"])).all()
    files.erase_unclaimed()
    with reading() as session:
        assert all(row.erased_at is not None for row in session.scalars(select(Original)))
    assert not original_path(second).exists()


def test_the_commands_import_show_and_draw(tmp_path: Path, home: Path, sqlite_database: str) -> None:
    folder = tmp_path / "d"
    made = run("billing", "sample", folder, "--customers", "2", "--months", "1", "--until", "2026-11")
    assert made.returncode == 0, made.stderr
    assert run("billing", "import", folder).returncode == 1
    assert run("customers", "import", folder / "customers.csv").returncode == 0
    dry = run("billing", "import", folder, "--dry-run")
    assert "Niczego nie wczytano (--dry-run)" in dry.stdout and "faktury: nowe 2" in dry.stdout
    assert "Wczytano dostawę nr 1." in run("billing", "import", folder).stdout
    again = run("billing", "import", folder)
    assert again.returncode == 0 and "Nie ma nic do zrobienia" in again.stdout
    row = rows_of(folder, "invoices")[0]
    shown = run("billing", "show", row["customer_no"])
    assert row["invoice_no"] in shown.stdout and f"{row['gross']} zł" in shown.stdout
    assert json.loads(run("billing", "show", row["customer_no"], "--json").stdout)["used"].keys() == {"2026-10"}
    picture = tmp_path / "f.pdf"
    one = run("billing", "invoice", row["invoice_no"], "--pdf", picture)
    assert "numer faktury: " + row["invoice_no"] in one.stdout
    assert picture.read_bytes() == (folder / row["pdf"]).read_bytes()
    assert run("billing", "invoice", "FV/9").returncode == run("billing", "show", "99999999").returncode == 1
    noted = run("audit", "list", "--customer", row["customer_no"], "--json").stdout
    assert "billing_viewed" in noted


def test_how_an_invoice_went_is_given_to_the_customer_and_goes_with_the_invoice(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_INVOICE_DELIVERY_FROM", "2026-10-01")
    get_settings.cache_clear()
    customer = number(told)
    accepts(customer, ("jan@example.com", BEFORE))
    assert decide().emails == 1
    (row, _) = rows_of(told, "invoices")
    index = json.loads((export(customer, tmp_path / "out", "machine").folder / "index.json").read_text())
    (message,) = index["invoice_messages"]
    assert message["recipient"] == "jan@example.com" and index["billing"]["invoices"][0]["delivery"]
    assert row["invoice_no"] in (tmp_path / "out" / message["file"]).read_text(encoding="utf-8")
    (done,) = deliver()
    erase(customer, "machine")
    with reading() as session:
        kept = session.scalars(select(Message).where(Message.key == done.key)).one()
        assert kept.erased_at is not None and kept.recipient == ""
    with transaction() as session:
        contacts.billing(session, datetime(2026, 11, 2, tzinfo=UTC), 0)
    with reading() as session:
        assert not session.scalars(select(DeliveredInvoice)).all() and not session.scalars(select(Message)).all()
