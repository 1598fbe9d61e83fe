"""Documents of one customer that are carried out in another order than they came, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from customers.proofs import renew
from customers.proving import prove
from customers.register import delivery_on
from database.engine import transaction
from documents import leases, loading
from environment import clock
from flows import arrival_order
from flows.arrival_order import wait_for_earlier, waits
from flows.process_document import process_document
from tests.flows.samples import PEOPLE, fill_register, online, received, scanned


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


@pytest.fixture
def register(sqlite_database: str) -> None:
    """Customers, without a workflow engine: waiting asks the register alone."""
    fill_register()


def _looks(tracking: str, monkeypatch: pytest.MonkeyPatch, after: Mapping[int, Callable[[], None]]) -> int:
    """How often a document that waits looks at those before it; what happens after a look stands by its number."""
    looks, told, found = list[int](), list[tuple[str, bool]](), leases.places_under_way

    def look(session: Any) -> list[leases.QueuePlace]:
        looks.append(len(looks) + 1)
        assert len(looks) < 10, "it waits for ever"
        places = found(session)
        if looks[-1] in after:
            after[looks[-1]]()
        return places

    async def wait() -> None:
        waits.set(lambda *one: told.append(one))
        await wait_for_earlier(tracking)

    monkeypatch.setattr(leases, "places_under_way", look)
    asyncio.run(wait())
    assert told == [(tracking, True), (tracking, False)]
    return len(looks)


def _at_work(*trackings: str) -> None:
    with transaction() as session:
        assert set(trackings) <= set(leases.claim_open(session, "somebody", 10))


def _let_go(tracking: str) -> None:
    with transaction() as session:
        leases.release(session, tracking, "somebody")


def test_a_document_waits_until_the_earlier_one_of_its_customer_is_no_longer_at_work(
    register: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = online("einvoice_acceptance"), online("einvoice_withdrawal", email_current=None)
    _at_work(first, second)
    monkeypatch.setattr(arrival_order, "_LONGEST_WAIT", 600.0)
    assert _looks(second, monkeypatch, {2: lambda: _let_go(first)}) == 3


def test_a_document_does_not_wait_for_longer_than_it_may(register: None, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = online("einvoice_acceptance"), online("einvoice_withdrawal", email_current=None)
    _at_work(first, second)
    monkeypatch.setattr(arrival_order, "_LONGEST_WAIT", 0.0)
    assert _looks(second, monkeypatch, {}) == 0


@pytest.mark.parametrize(
    ("code", "changed", "looks"),
    [
        ("einvoice_acceptance", {}, 1),
        ("einvoice_withdrawal", {"email_current": None}, 3),
        ("einvoice_withdrawal", {"email_current": None, "name": PEOPLE[1]["name"]}, 1),
    ],
    ids=["changes something", "would come to nothing", "is for a human anyhow"],
)
def test_only_what_would_come_to_nothing_now_waits_for_a_file_that_is_not_read_yet(
    register: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, changed: dict[str, Any], looks: int
) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF-1.7")
    unread, form = received(file), online(code, **changed)
    _at_work(unread, form)
    monkeypatch.setattr(arrival_order, "_LONGEST_WAIT", 600.0)
    assert _looks(form, monkeypatch, {2: lambda: _let_go(unread)}) == looks
