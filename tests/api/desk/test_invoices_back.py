"""An invoice that did not arrive by e-mail stands among what needs a human, though it belongs to no case."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from confirmations.outbox import enqueue
from confirmations.tables import Medium, Message
from database.engine import reading, transaction
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
