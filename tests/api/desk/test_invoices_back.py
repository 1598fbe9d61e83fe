"""Invoices that need a human: one that did not arrive by e-mail, and one that moved after it went."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy import select

from billing.dispatch_tables import DeliveredInvoice, PrintRun
from confirmations.outbox import enqueue
from confirmations.tables import Medium, Message
from database.engine import reading, transaction
from environment import clock
from tests.api.desk.staff import Desk

PAGE = "/biuro/do-wyjasnienia"


def test_an_invoice_that_came_back_is_told_by_its_number_and_closed(desk: Callable[..., Desk]) -> None:
    ewa = desk("ewa")
    context = {"tracking": "", "about": "faktura FV/7/2026", "proven": True}
    with transaction() as session:
        enqueue(
            session,
            key="invoice:FV/7/2026",
            tracking="",
            channel=Medium.EMAIL,
            recipient="jan@example.com",
            template="invoice",
            context=context,
            customer_no="30294429",
        )
        (message,) = session.scalars(select(Message))
        message.state, message.last_error = "bounced", "unknown_user: Nie ma takiego adresu."
    text = ewa.browser.get(PAGE).text
    assert "faktura FV/7/2026</h3>" in text and "/sprawy//" not in text and "sprawa <" not in text
    assert "na papierze z najbliższym wydrukiem" in text and "Wydrukuj jako list" not in text
    closed = ewa.post(PAGE, co="bez", wiadomosc="invoice:FV/7/2026", powod="klient ma nowy adres")
    assert closed.status_code == 200 and "FV/7/2026" not in ewa.browser.get(PAGE).text
    with reading() as session:
        assert session.scalar(select(Message.state)) == "closed"


def test_an_invoice_that_moved_after_it_went_is_told_with_both_customers_and_settled_once(
    desk: Callable[..., Desk],
) -> None:
    ewa, at = desk("ewa"), clock.now()
    with transaction() as session:
        session.add(PrintRun(number=7, begun_at=at, closed_at=at, written_at=at))
        session.flush()
        told = {"issued_on": date(2026, 10, 31), "decided_at": at, "print_run": 7}
        session.add(DeliveredInvoice(invoice_no="FV/7/2026", customer_no="30294429", moved_to="30294430", **told))
    text = ewa.browser.get(PAGE).text
    assert "przeszły na innego klienta (1)" in text and "FV/7/2026" in text
    assert "Poszła do klienta 30294429: na papierze, wydruk nr 7" in text and "Teraz jest klienta 30294430." in text
    button = {"co": "przeniesiona", "faktura": "FV/7/2026"}
    assert ewa.post(PAGE, **button, numer_klienta="30294431").status_code == 422, "moved on meanwhile"
    done = ewa.post(PAGE, **button, numer_klienta="30294430")
    assert done.status_code == 200 and "FV/7/2026" not in done.text and "nikt nie musi się już zajmować" in done.text
    assert ewa.post(PAGE, **button, numer_klienta="30294430").status_code == 422, "a second click"
