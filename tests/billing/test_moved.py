"""An invoice that billing moves to another customer after it went is told to a clerk, until he has settled it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from audit.tables import AuditEntry
from billing.dispatch_tables import DeliveredInvoice
from billing.dispatching import decide
from billing.importing import import_delivery
from billing.moved import foreseen_moved, moved_after_it_went, settle_moved
from billing.printing import print_due
from billing.sources import FolderSource
from confirmations.tables import Message, MessageState
from database.engine import reading, transaction
from tests.billing.delivered import BEFORE, SetSettings, accepts, decided, emails, invoices
from tests.billing.deliveries import edited
from tests.cli.samples import run


def told() -> list[tuple[str, str, str]]:
    with reading() as session:
        return [(one.invoice_no, one.went_to, one.owner) for one in moved_after_it_went(session, 9)]


def moves(folder: Path, number: str, to: str) -> None:
    def moved(rows: list[dict[str, str]]) -> None:
        for row in rows:
            if row["invoice_no"] == number:
                row["customer_no"] = to

    import_delivery(FolderSource(edited(folder, "invoices", moved)), "machine")


def becomes(state: MessageState) -> None:
    with transaction() as session:
        session.execute(update(Message).values(state=state.value))


@pytest.mark.parametrize("way", ["e-mail", "paper"])
def test_what_moves_after_it_went_is_told_until_it_is_settled(
    october: Path, set_settings: SetSettings, way: str
) -> None:
    one, other, third = invoices(october)
    number, first = one["invoice_no"], one["customer_no"]
    if way == "e-mail":
        accepts(first, ("jan@example.com", BEFORE))
    decided(set_settings)
    becomes(MessageState.SENT)
    print_due("test")
    assert told() == []
    moves(october, number, other["customer_no"])
    with reading() as session:
        assert foreseen_moved(session) == 1
    assert "innego klienta: 1." in run("billing", "deliver", "--dry-run").stdout and told() == []
    assert "innego klienta: 1." in run("billing", "deliver").stdout
    decide()
    assert told() == [(number, first, other["customer_no"])]
    with transaction() as session:
        assert not settle_moved(session, number, third["customer_no"], actor="clerk:ewa")
        assert settle_moved(session, number, other["customer_no"], actor="clerk:ewa")
        assert not settle_moved(session, number, other["customer_no"], actor="clerk:ewa"), "a second click"
    decide()
    assert told() == [] and "innego klienta" not in run("billing", "deliver", "--dry-run").stdout
    with reading() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "moved_invoice_settled")).one()
        assert (noted.actor, noted.subject) == ("clerk:ewa", f"invoice:{number}")
    moves(october, number, third["customer_no"])
    decide()
    assert told() == [(number, first, third["customer_no"])], "once more, where it moved once more"
    moves(october, number, first)
    decide()
    assert told() == [], "it is again whom it went to"


def test_what_comes_back_after_all_goes_to_whose_it_is_and_waits_for_no_clerk(
    october_here: Path, set_settings: SetSettings
) -> None:
    one, other, _ = invoices(october_here)
    number = one["invoice_no"]
    accepts(one["customer_no"], ("jan@example.com", BEFORE))
    accepts(other["customer_no"], ("anna@example.com", BEFORE))
    decided(set_settings)
    becomes(MessageState.SENT)
    moves(october_here, number, other["customer_no"])
    decide()
    assert len(told()) == 1 and emails()[number] == "jan@example.com"
    becomes(MessageState.BOUNCED)
    decide()
    assert told() == [] and emails()[number] == "anna@example.com"


def test_what_moves_while_its_run_is_printed_went_to_whom_the_sheet_names(
    october_here: Path, set_settings: SetSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, _ = invoices(october_here)
    decided(set_settings)
    with monkeypatch.context() as patch:
        patch.setattr("billing.printing._write", lambda *_: None)
        print_due("test")  # killed before its files are made
    moves(october_here, one["invoice_no"], other["customer_no"])
    decide()
    (printed,) = print_due("test")
    assert f"{one['invoice_no']};faktura;{other['customer_no']};" in printed.listed.read_text(encoding="utf-8-sig")
    decide()
    assert told() == []
    with reading() as session:
        assert session.get_one(DeliveredInvoice, one["invoice_no"]).customer_no == other["customer_no"]
