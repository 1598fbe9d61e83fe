"""Between decision and sending billing may tell an invoice anew: what leaves holds then, and goes to whose it is."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select, update

from billing.dispatched import DeliveryState, how_went
from billing.dispatching import decide
from billing.importing import import_delivery
from billing.printing import print_due
from billing.sources import FolderSource
from confirmations.outbox import deliver
from confirmations.tables import Message, MessageState
from customers.consents import CORRECTED
from customers.tables import Consent, Proof
from database.engine import reading, transaction
from notices.judging import judge
from review.decisions import RefusedError
from review.messages import send_again
from review.queue import Clerk
from tests.billing.delivered import BEFORE, SetSettings, accepts, decided, emails, invoices
from tests.billing.deliveries import edited
from tests.confirmations.recorder import Recorder

ONE, OTHER = "jan@example.com", "anna@example.com"
CLERK = Clerk("anna", frozenset())


def told_anew(folder: Path, number: str, **changed: str) -> None:
    def change(rows: list[dict[str, str]]) -> None:
        next(row for row in rows if row["invoice_no"] == number).update(changed)

    import_delivery(FolderSource(edited(folder, "invoices", change)), "machine")


def became(number: str, state: MessageState) -> None:
    with transaction() as session:
        session.execute(update(Message).where(Message.key == f"invoice:{number}").values(state=state.value))


def sent() -> list[str]:
    recorder = Recorder()
    deliver(channels=recorder, judge=judge)
    return recorder.sent


def message_of(number: str) -> Message:
    with reading() as session:
        return session.scalars(select(Message).where(Message.key == f"invoice:{number}")).one()


def state_of(number: str) -> DeliveryState:
    with reading() as session:
        return how_went(session, [number])[number].state


@pytest.fixture
def waiting(october: Path, set_settings: SetSettings) -> tuple[Path, dict[str, str], dict[str, str]]:
    """Invoices of two customers who get them by e-mail; the first one's waits to leave, the other's has left."""
    one, other, _ = invoices(october)
    accepts(one["customer_no"], (ONE, BEFORE))
    accepts(other["customer_no"], (OTHER, BEFORE))
    decided(set_settings)
    became(other["invoice_no"], MessageState.SENT)
    return october, one, other


Waiting = tuple[Path, dict[str, str], dict[str, str]]


def test_what_is_somebody_else_s_by_now_goes_to_him_and_not_to_the_former_one(waiting: Waiting) -> None:
    folder, one, other = waiting
    told_anew(folder, one["invoice_no"], customer_no=other["customer_no"])
    assert sent() == []
    assert message_of(one["invoice_no"]).state == MessageState.CLOSED
    decide()
    assert sent() == [f"invoice:{one['invoice_no']}"]
    assert emails()[one["invoice_no"]] == OTHER


@pytest.mark.parametrize("state", [MessageState.UNCERTAIN, MessageState.BOUNCED, MessageState.FAILED])
def test_a_clerk_does_not_send_again_what_is_somebody_else_s_by_now(waiting: Waiting, state: MessageState) -> None:
    folder, one, other = waiting
    became(one["invoice_no"], state)
    told_anew(folder, one["invoice_no"], customer_no=other["customer_no"])
    with pytest.raises(RefusedError, match="invoice_gone_on"), transaction() as session:
        send_again(session, f"invoice:{one['invoice_no']}", CLERK)
    assert sent() == []


def test_what_went_on_paper_after_its_e_mail_came_back_is_not_sent_again(waiting: Waiting) -> None:
    _, one, _ = waiting
    became(one["invoice_no"], MessageState.BOUNCED)
    print_due("machine")
    with pytest.raises(RefusedError, match="invoice_gone_on"), transaction() as session:
        send_again(session, f"invoice:{one['invoice_no']}", CLERK)
    became(one["invoice_no"], MessageState.PENDING)
    assert sent() == []
    assert state_of(one["invoice_no"]) is DeliveryState.PRINTED


def test_an_e_mail_says_and_bears_what_billing_told_before_it_left(waiting: Waiting) -> None:
    folder, one, _ = waiting
    number = one["invoice_no"]
    pdf = (folder / one["pdf"]).read_bytes() + b"\n% anew"
    (folder / one["pdf"]).write_bytes(pdf)
    digest = sha256(pdf).hexdigest()
    told_anew(folder, number, due_on="2026-12-24", pdf_sha256=digest)
    assert sent() == [f"invoice:{number}"]
    said = message_of(number).context
    assert (said["due_on"], said["picture"]["sha256"]) == ("2026-12-24", digest)


def test_nothing_goes_to_an_address_that_was_taken_back_since_but_paper(waiting: Waiting) -> None:
    """As ``StartEinvoice.undo`` leaves it."""
    _, one, _ = waiting
    with transaction() as session:
        of_him = Consent.customer_no == one["customer_no"]
        session.execute(update(Consent).where(of_him).values(effective_to=date(2026, 11, 2), ended_by_tracking="FIX"))
    became(one["invoice_no"], MessageState.BOUNCED)
    with pytest.raises(RefusedError, match="invoice_gone_on"), transaction() as session:
        send_again(session, f"invoice:{one['invoice_no']}", CLERK)
    became(one["invoice_no"], MessageState.PENDING)
    assert sent() == []
    assert state_of(one["invoice_no"]) is DeliveryState.TO_PRINT


def test_after_a_change_that_was_taken_back_it_goes_to_the_address_before(
    october_here: Path, set_settings: SetSettings
) -> None:
    """As ``ChangeEinvoiceEmail.undo`` leaves it."""
    one, *_ = invoices(october_here)
    accepts(one["customer_no"], (ONE, BEFORE), (OTHER, date(2026, 10, 2)))
    decided(set_settings)
    assert emails()[one["invoice_no"]] == OTHER
    with transaction() as session:
        session.execute(update(Proof).where(Proof.email == OTHER).values(void=CORRECTED))
    assert sent() == [f"invoice:{one['invoice_no']}"]
    assert emails()[one["invoice_no"]] == ONE


def test_without_its_picture_an_invoice_goes_on_paper(waiting: Waiting) -> None:
    folder, one, _ = waiting
    told_anew(folder, one["invoice_no"], pdf="", pdf_sha256="")
    assert sent() == []
    assert state_of(one["invoice_no"]) is DeliveryState.TO_PRINT
