"""A delivery imported: whole or not at all, once, and what has changed since is told before and after."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import event, select, text

from audit.tables import AuditEntry
from billing import importing
from billing.comparing import compare
from billing.contract import TABLES as CONTRACT
from billing.erasing import erase_customer
from billing.importing import ImportBusyError, Imported, import_delivery
from billing.refusal import BillingRefusedError
from billing.sources import FolderSource
from billing.statement import (
    balance_on,
    consumption_by_month,
    everything_of,
    invoice_on,
    invoices_of,
    payments_known_until,
    payments_of,
    settlement_of,
)
from billing.tables import SETTLEMENTS, TABLES, BillingDelivery
from billing.wording import summary
from customers.customer_list import read_customers
from customers.importing import load_customers
from database.engine import get_engine, reading, transaction
from documents.originals import chunks_of, kept_since
from documents.tables import Original
from retention import files
from tests.billing.deliveries import Rows, delivery, edited, manifest, rows_of
from tests.clocks import SetClock


def imported(folder: Path, *, dry_run: bool = False) -> Imported:
    return import_delivery(FolderSource(folder), "machine", dry_run=dry_run)


def counts(done: Imported) -> dict[str, tuple[int, int, int, int]]:
    assert done.differences is not None
    return {one.table.name: (one.added, one.changed, one.unchanged, one.vanished) for one in done.differences.tables}


def stored(table: str) -> int:
    with reading() as session:
        return len(session.execute(select(TABLES[table])).all())


def number(folder: Path, at: int = 0) -> str:
    return rows_of(folder, "settlements")[at]["customer_no"]


def money(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def test_what_was_delivered_is_read_back_as_it_was_written(register: Path) -> None:
    assert imported(register).number == 1
    customer = number(register)
    invoices = [row for row in rows_of(register, "invoices") if row["customer_no"] == customer]
    payments = [row for row in rows_of(register, "payments") if row["customer_no"] == customer]
    charges = [
        row for row in rows_of(register, "charges") if row["invoice_no"] in {one["invoice_no"] for one in invoices}
    ]
    (opening,) = (row for row in rows_of(register, "settlements") if row["customer_no"] == customer)
    last = date(2026, 10, 31)
    with reading() as session:
        found = invoices_of(session, customer)
        assert {(one["invoice_no"], one["gross"]) for one in found} == {
            (one["invoice_no"], money(one["gross"])) for one in invoices
        }
        assert found[0]["issued_on"] == max(one["issued_on"] for one in found)
        first = invoices_of(session, customer, limit=1)
        rest = invoices_of(session, customer, before=(first[0]["issued_on"], first[0]["invoice_no"]))
        assert [*first, *rest] == found
        settlement = settlement_of(session, customer)
        assert settlement is not None and settlement["bank_account"] == opening["bank_account"]
        owed = money(opening["opening_balance"]) + sum(money(one["gross"]) for one in invoices)
        paid = sum(money(one["amount"]) for one in payments)
        assert balance_on(session, customer, last) == owed - paid
        assert balance_on(session, customer, date(2026, 8, 1)) is None
        assert sum(one["amount"] for one in payments_of(session, customer, date(2026, 9, 1), last)) == paid
        used = consumption_by_month(session, customer, date(2026, 9, 1), last)
        assert list(used) == [date(2026, 9, 1), date(2026, 10, 1)]
        assert sum(used.values()) == sum(money(one["quantity"]) for one in charges if one["service"] == "water")
        one = invoice_on(session, invoices[0]["invoice_no"])
        assert one is not None and sum(row["gross"] for row in one.charges) == one.row["gross"]
        assert invoice_on(session, "FV/9") is None


def test_the_same_delivery_again_is_nothing_to_do_and_says_so(register: Path) -> None:
    imported(register)
    again = imported(register)
    assert (again.number, again.differences) == (None, None)
    (told,) = summary(again, dry_run=False)
    assert told.startswith("Tę samą dostawę wczytano już ")


def test_a_dry_run_shows_what_would_change_and_writes_nothing(register: Path) -> None:
    done = imported(register, dry_run=True)
    assert counts(done)["invoices"] == (6, 0, 0, 0)
    assert all(not stored(one.name) for one in CONTRACT)
    told = "\n".join(summary(done, dry_run=True))
    assert "faktury: nowe 6, zmienione 0" in told and "invoices.csv, wiersz 2" in told
    assert number(register) not in told
    assert imported(register).number == 1


def test_a_changed_row_is_updated_and_one_that_vanished_is_told_and_stays(register: Path) -> None:
    imported(register)
    invoices = rows_of(register, "invoices")
    edited(register, "invoices", lambda rows: rows[0].update(due_on="2026-12-24"))
    gone = rows_of(register, "payments")[0]["payment_no"]
    edited(register, "payments", lambda rows: rows.pop(0))
    before = imported(register, dry_run=True)
    done = imported(register)
    assert counts(done) == counts(before)
    assert counts(done)["invoices"] == (0, 1, 5, 0)
    assert counts(done)["payments"][3] == 1
    assert f"wpłaty, zniknęły, na przykład: {gone}" in "\n".join(summary(done, dry_run=False))
    with reading() as session:
        one = invoice_on(session, invoices[0]["invoice_no"])
        assert one is not None and one.row["due_on"] == date(2026, 12, 24)
    assert stored("invoices") == 6, "what is over is removed"
    assert stored("payments") == len(rows_of(register, "payments")) + 1
    assert counts(imported(manifest(register, lambda told: told.update(source="x"))))["invoices"] == (0, 0, 6, 0)


def test_the_positions_of_an_invoice_that_comes_again_are_all_that_it_has(register: Path) -> None:
    imported(register)
    first, *_ = rows_of(register, "invoices")
    mine = [row for row in rows_of(register, "charges") if row["invoice_no"] == first["invoice_no"]]

    def one_position(rows: Rows) -> None:
        rows[:] = [row for row in rows if row["invoice_no"] != first["invoice_no"]]
        rows.append(mine[0] | {name: first[name] for name in ("net", "vat", "gross")})

    edited(register, "charges", one_position)
    done = imported(register)
    assert counts(done)["charges"][3] == len(mine) - 1
    with reading() as session:
        found = invoice_on(session, first["invoice_no"])
    assert found is not None
    assert [(row["position"], row["gross"]) for row in found.charges] == [(1, found.row["gross"])]
    assert stored("charges") == len(rows_of(register, "charges")), "what is over is removed"


def test_a_later_delivery_refers_to_what_an_earlier_one_told(register: Path, tmp_path: Path) -> None:
    imported(register)
    of = rows_of(register, "invoices")[0]

    def correct(rows: Rows) -> None:
        less = {"net": "-1,00", "vat": "-0,08", "gross": "-1,08"}
        new = {"invoice_no": "KOR/1", "kind": "correction", "corrects": of["invoice_no"], "issued_on": "2026-11-05"}
        rows[:] = [{**of, **new, **less, "due_on": "2026-11-19"}]

    def only(told: dict[str, object]) -> None:
        told["files"] = [one for one in told["files"] if one["table"] == "invoices"]  # type: ignore[index, attr-defined]
        told["period"] = {"from": "2026-11-01", "to": "2026-11-30"}

    manifest(edited(register, "invoices", correct), only)
    done = imported(register)
    assert counts(done) == {"invoices": (1, 0, 0, 0)}
    with reading() as session:
        one = invoice_on(session, of["invoice_no"])
        assert one is not None and one.corrected_by == ("KOR/1",)
        before = balance_on(session, of["customer_no"], date(2026, 11, 4))
        assert balance_on(session, of["customer_no"], date(2026, 11, 5)) == (before or 0) - Decimal("1.08")


def test_the_picture_of_somebody_elses_earlier_invoice_is_told(tmp_path: Path, database: str) -> None:
    first = delivery(tmp_path / "september", 2, months=1, pdfs=True, until=date(2026, 10, 1))
    load_customers(read_customers(first / "customers.csv"))
    imported(first)
    mine, _ = (row for row in rows_of(first, "invoices") if row["kind"] == "invoice")
    second = delivery(tmp_path / "october", 2, months=1, pdfs=True)

    def with_picture_of(customer_no: str) -> Path:
        def mixed(rows: Rows) -> None:
            row = next(row for row in rows if row["customer_no"] == customer_no and row["kind"] == "invoice")
            row.update(pdf="old.pdf", pdf_sha256=mine["pdf_sha256"])

        (second / "old.pdf").write_bytes((first / mine["pdf"]).read_bytes())
        return edited(second, "invoices", mixed)

    other = next(row["customer_no"] for row in rows_of(second, "invoices") if row["customer_no"] != mine["customer_no"])
    with pytest.raises(BillingRefusedError) as refused:
        imported(with_picture_of(other))
    (told,) = refused.value.problems
    assert f"przy fakturze {mine['invoice_no']} innego klienta z wcześniejszej dostawy" in told.message

    def moved(rows: Rows) -> None:
        for row in rows:
            row["customer_no"] = other if row["invoice_no"] == mine["invoice_no"] else row["customer_no"]

    imported(edited(first, "invoices", moved))  # that invoice is told anew, with its picture, to be another's


def test_customers_whom_the_register_does_not_know_are_listed_and_nothing_is_taken(folder: Path, database: str) -> None:
    load_customers(list(read_customers(folder / "customers.csv"))[1:])
    with pytest.raises(BillingRefusedError) as caught:
        imported(folder)
    told = [one.told for one in caught.value.problems]
    assert all(f"customer_no {number(folder)}: Takiego klienta nie ma w rejestrze." in one for one in told)
    assert any(one.startswith("payments.csv, wiersz 2") for one in told)
    assert all(not stored(one.name) for one in CONTRACT)


def test_until_the_last_moment_everybody_sees_what_was_before_and_a_killed_import_leaves_nothing(
    register: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(register)
    monkeypatch.setattr(importing, "_BUNDLE", 2)
    monkeypatch.setattr(importing, "_LEAST", 2)
    of = rows_of(register, "invoices")[0]
    old, new = date.fromisoformat(of["due_on"]), date(2026, 12, 24)
    edited(register, "invoices", lambda rows: [row.update(due_on=str(new)) for row in rows])
    seen = []

    class Killed(BaseException):
        pass

    def look(_number: int) -> None:
        with reading() as session:
            one = invoice_on(session, of["invoice_no"])
            assert one is not None
            seen.append(one.row["due_on"])
        if len(seen) == 3:
            raise Killed

    def at_the_end(*_: object, **__: object) -> None:
        raise Killed

    with pytest.raises(Killed):
        import_delivery(FolderSource(register), "machine", done=look)
    with pytest.raises(Killed), pytest.MonkeyPatch.context() as patch:
        patch.setattr(importing, "record", at_the_end)
        import_delivery(FolderSource(register), "machine", done=look)
    assert len(seen) > 5 and set(seen) == {old}
    assert stored("invoices") == 12
    edited(register, "invoices", lambda rows: rows[0].update(due_on=of["due_on"]))
    done = imported(register)
    assert (done.number, counts(done)["invoices"]) == (2, (0, 5, 1, 0))
    assert stored("invoices") == 6
    with reading() as session:
        assert len(session.scalars(select(BillingDelivery)).all()) == 2
        assert {one["due_on"] for one in invoices_of(session, of["customer_no"])} == {old, new}


def test_while_one_import_writes_another_one_waits_and_one_that_compared_before_begins_anew(register: Path) -> None:
    delivered = importing.checked(FolderSource(register), importing.known, importing.pictured)
    early = compare(delivered)
    with pytest.raises(KeyboardInterrupt), importing._at_work(delivered, early):
        with pytest.raises(ImportBusyError):
            imported(register)
        raise KeyboardInterrupt
    assert imported(register).number == 1
    with pytest.raises(ImportBusyError), importing._at_work(delivered, early):
        pass


def test_pictures_are_kept_sealed_by_content_and_go_with_their_invoice(
    tmp_path: Path, home: Path, database: str
) -> None:
    folder = delivery(tmp_path / "d", 2, months=1, pdfs=True)
    load_customers(read_customers(folder / "customers.csv"))
    imported(folder)
    (first, second) = rows_of(folder, "invoices")[:2]
    picture = (folder / first["pdf"]).read_bytes()
    assert b"".join(chunks_of(first["pdf_sha256"])) == picture
    files.erase_unclaimed()
    assert b"".join(chunks_of(first["pdf_sha256"])) == picture
    since = kept_since(second["pdf_sha256"])
    other = b"%PDF-1.7 another"
    (folder / first["pdf"]).write_bytes(other)
    digest = hashlib.sha256(other).hexdigest()
    edited(folder, "invoices", lambda rows: rows[0].update(pdf_sha256=digest))
    imported(folder)
    assert kept_since(second["pdf_sha256"]) == since, "it is not stored a second time"
    files.erase_unclaimed()
    with reading() as session:
        kept = {row.sha256: row.erased_at is None for row in session.scalars(select(Original))}
    assert kept == {first["pdf_sha256"]: False, second["pdf_sha256"]: True, digest: True}


def test_the_account_to_pay_to_lies_encrypted_and_the_audit_tells_numbers_alone(register: Path) -> None:
    imported(register)
    account = rows_of(register, "settlements")[0]["bank_account"]
    with transaction() as session:
        raw = session.execute(text(f"SELECT bank_account FROM {SETTLEMENTS.name}")).scalars().all()
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "billing_imported")).all()
    assert len(raw) == 3 and all(account.encode() not in bytes(one) for one in raw)
    (entry,) = entries
    assert entry.detail == {
        "delivery": 1,
        **{f"{name}_added": len(rows_of(register, name)) for name in TABLES},
    }


def test_all_rows_of_a_customer_are_found(register: Path) -> None:
    imported(register)
    with reading() as session:
        held = everything_of(session, number(register))
    assert {name: len(rows) for name, rows in held.items()} == {
        "points": 1, "meters": 1, "readings": 2, "invoices": 2, "charges": 6, "settlements": 1,
        "payments": len([row for row in rows_of(register, "payments") if row["customer_no"] == number(register)]),
    }  # fmt: skip


def test_what_a_killed_import_would_have_made_a_customer_s_is_neither_shown_to_him_nor_erased_with_him(
    register: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(register)
    one, other = (row["customer_no"] for row in rows_of(register, "settlements")[:2])
    with reading() as session:
        held = [everything_of(session, each) for each in (one, other)]

    def to_other(rows: list[dict[str, str]]) -> None:
        for row in rows:
            row["customer_no"] = other

    class Killed(BaseException):
        pass

    def at_the_end(*_: object, **__: object) -> None:
        raise Killed

    edited(edited(register, "invoices", to_other), "points", to_other)
    monkeypatch.setattr(importing, "record", at_the_end)
    with pytest.raises(Killed):
        import_delivery(FolderSource(register), "machine")
    with reading() as session:
        assert [everything_of(session, each) for each in (one, other)] == held
    with transaction() as session:
        erase_customer(session, other)
    with reading() as session:
        assert everything_of(session, one) == held[0]


def test_a_delivery_tells_until_which_day_payments_are_known(
    register: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known() -> date | None:
        with reading() as session:
            return payments_known_until(session)

    assert known() is None
    at = SetClock(monkeypatch)
    at("2026-10-20 05:40")
    imported(register)
    assert known() == date(2026, 10, 19), "its period goes on, and what is paid today is not in yet"
    at("2026-12-01 05:40")
    imported(manifest(register, lambda told: told.update(source="again")))
    assert known() == date(2026, 10, 31)
    without = delivery(tmp_path / "later", until=date(2026, 12, 1))
    imported(
        manifest(without, lambda told: told.update(files=[one for one in told["files"] if one["table"] != "payments"]))
    )
    assert known() == date(2026, 10, 31), "this one says nothing of payments"


def test_what_customers_ask_is_answered_by_index(register: Path) -> None:
    """On PostgreSQL a table of a few rows is read whole, so it is told not to."""
    imported(register)
    sqlite = get_engine().dialect.name == "sqlite"
    plans: list[tuple[str, object]] = []
    with reading() as session:
        if not sqlite:
            session.execute(text("SET LOCAL enable_seqscan = off"))
        connection = session.connection()
        execute = connection.exec_driver_sql

        def note(_conn: object, cursor: object, statement: str, parameters: object, *_: object) -> None:
            if "billing_" in statement and not statement.startswith("EXPLAIN"):
                plans.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", note)
        customer, last = number(register), date(2026, 10, 31)
        invoices_of(session, customer, before=(last, "FV"))
        balance_on(session, customer, last)
        consumption_by_month(session, customer, date(2026, 1, 1), last)
        payments_of(session, customer, date(2026, 1, 1), last)
        invoice_on(session, rows_of(register, "invoices")[0]["invoice_no"])
        event.remove(connection, "before_cursor_execute", note)
        assert len(plans) > 7
        for statement, parameters in plans:
            prefix = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
            plan = [str(row) for row in execute(prefix + statement, parameters)]  # type: ignore[arg-type]
            whole = [one for one in plan if ("SCAN billing_" in one or "Seq Scan on billing_" in one)]
            assert not [one for one in whole if "billing_deliveries" not in one], plan
