"""Documents of one customer that are carried out in another order than they came, on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from customers.proofs import renew
from customers.proving import prove
from customers.register import delivery_on
from database.engine import transaction
from documents import loading
from environment import clock
from flows.process_document import process_document
from tests.flows.samples import PEOPLE, online, received, scanned


def _end(tracking: str) -> tuple[str, str | None]:
    """The state and the reason with which a document's run ends."""
    asyncio.run(process_document(tracking, return_state=True))  # type: ignore[arg-type]
    with transaction() as session:
        document = loading.load(session, tracking)
        return document.state, document.reason_code


def test_a_scan_that_nobody_worked_on_does_not_undo_what_the_customer_sent_after_it(
    office_on_either: Path, tmp_path: Path
) -> None:
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    first = online("einvoice_acceptance", date_signed=yesterday)
    assert _end(first)[0] == "confirmed"
    with transaction() as session:
        prove(session, renew(session, first).token)
    scan = received(scanned(tmp_path / "a.pdf", "einvoice_withdrawal", email_current=None))
    last = online("einvoice_acceptance")
    assert _end(last) == ("confirmed", None)

    assert _end(scan) == ("in_review", "received_before_last")

    with transaction() as session:
        assert delivery_on(session, PEOPLE[0]["customer_no"], clock.today()).channel == "email"
        assert last in (loading.load(session, scan).reason or "")


@pytest.mark.parametrize("sent", [("web", "paper"), ("paper", "web"), ("web", "web"), ("paper", "paper")], ids="-".join)
def test_a_wish_that_is_sent_twice_needs_no_human(office: Path, tmp_path: Path, sent: tuple[str, ...]) -> None:
    for code in ("einvoice_acceptance", "einvoice_withdrawal"):
        changed = {"email_current": None} if code == "einvoice_withdrawal" else {}
        came = [
            received(scanned(tmp_path / f"{code}{number}.pdf", code, **changed))
            if way == "paper"
            else online(code, **changed)
            for number, way in enumerate(sent)
        ]
        assert {_end(tracking)[0] for tracking in came} <= {"confirmed", "duplicate"}
