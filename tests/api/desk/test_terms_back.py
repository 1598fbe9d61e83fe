"""What tells of a new Regulamin and did not arrive is a clerk's: a letter says the same, and nothing of an invoice."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pdfplumber
import pytest
from sqlalchemy import select, update

from benchmarks import office
from confirmations.outbox import deliver
from confirmations.stopped_addresses import stop
from confirmations.tables import Message
from customers.agents import open_agent_account
from customers.tables import Account
from database.engine import reading, transaction
from environment.settings import get_settings
from notices.judging import judge
from notices.terms import tell_changes
from tests.api.desk.staff import Desk
from tests.clocks import SetClock

PAGE = "/biuro/do-wyjasnienia"


def test_it_is_printed_as_a_letter_where_its_address_takes_no_mail(
    desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    office.fill_register()
    number = str(office.people()[0]["customer_no"])
    office.open_account(number, "jan@example.com")
    with transaction() as session:
        session.execute(update(Account).values(terms_version="1"))
        agent = open_agent_account(session, "zarzadca@example.com", "x", "1").customer_no
        for login in ("jan@example.com", "zarzadca@example.com"):
            stop(session, login, "unknown_user")
    at = SetClock(monkeypatch)
    at("2026-12-09 12:00")
    tell_changes()
    assert [one.state for one in deliver(judge=judge)] == []
    ewa = desk("ewa")
    text = ewa.browser.get(PAGE).text.replace("\N{NO-BREAK SPACE}", " ")
    assert text.count("zmiana regulaminu eBOK</h3>") == 2 and "Ta faktura" not in text
    assert text.count("regulamin obiecuje") == 2
    keys = dict(_messages())
    printed = ewa.post(PAGE, co="list", wiadomosc=keys[number])
    assert printed.status_code == 200 and "List jest gotowy" in printed.text.replace("\N{NO-BREAK SPACE}", " ")
    nowhere = ewa.post(PAGE, co="list", wiadomosc=keys[agent])
    assert nowhere.status_code == 422 and "nie ma pełnego adresu" in nowhere.text.replace("\N{NO-BREAK SPACE}", " ")
    deliver(judge=judge)
    (letter,) = get_settings().outgoing.rglob("*.pdf")
    with pdfplumber.open(BytesIO(letter.read_bytes())) as pdf:
        said = " ".join((page.extract_text() or "") for page in pdf.pages)
    assert str(office.people()[0]["name"]) in said and "Co się zmienia" in said and "/regulaminy/ebok/2" in said
    assert "w naszym biurze" in said
    assert "Numer sprawy" not in said and "Stan sprawy" not in said, "it belongs to no case"


def _messages() -> list[tuple[str, str]]:
    with reading() as session:
        return [(str(one.customer_no), one.key) for one in session.scalars(select(Message))]
