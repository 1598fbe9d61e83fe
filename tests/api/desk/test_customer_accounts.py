"""Customers' accounts at the desk: whose one is, numbers that join, authority that came on paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from audit.tables import AuditEntry
from benchmarks import office
from customers.tables import Account, AccountNumber, Authority
from database.engine import reading, transaction
from environment import clock
from portal import numbers
from tests.api.desk.staff import Desk

PAGE = "/biuro/konta-klientow"


def test_a_clerk_lets_a_number_join_and_refuses_another(sqlite_database: str, desk: Callable[..., Desk]) -> None:
    office.fill_register()
    home, first, second = (office.people()[place] for place in range(3))
    office.open_account(home["customer_no"], "klient@example.com")
    with transaction() as session:
        account = session.scalars(select(Account.id)).one()
        for person in (first, second):
            numbers.ask(session, account, {name: person[name] for name in numbers.ASKED_FOR})
    ewa = desk("ewa")
    page = ewa.browser.get(PAGE).text
    assert first["name"] in page and "klient@example.com" in page and "nazwisko albo nazwa" in page
    with reading() as session:
        waiting = [str(one.number) for one in numbers.all_waiting(session)]
    assert "jest dodany" in ewa.post(f"{PAGE}/numery", prosba=waiting[0], co="dodaj").text
    assert "nie jest dodany" in ewa.post(f"{PAGE}/numery", prosba=waiting[1], co="odmow").text
    assert "Nic się nie zmieniło" in ewa.post(f"{PAGE}/numery", prosba=waiting[1], co="dodaj").text
    with reading() as session:
        (joined,) = session.scalars(select(AccountNumber))
        assert (joined.customer_no, joined.state) == (first["customer_no"], "active")
        decided = AuditEntry.action.in_(("number_joined", "number_refused"))
        assert set(session.scalars(select(AuditEntry.actor).where(decided))) == {"clerk:ewa"}


def test_authority_on_paper_is_recorded_with_its_case_and_withdrawn(
    sqlite_database: str, desk: Callable[..., Desk]
) -> None:
    office.fill_register()
    number, tracking = office.people()[3]["customer_no"], office.received(b"%PDF-1.7 a letter")
    ewa = desk("ewa")
    assert "Nie ma klienta" in ewa.browser.get(f"{PAGE}?numer=99999999").text
    fields = {"numer": number, "email": "Zarzadca@Example.com", "scope": "see", "until": str(clock.today())}
    missing = ewa.post(f"{PAGE}/pelnomocnictwa", **fields, paper="nic")
    assert missing.status_code == 422 and "Nie ma sprawy" in missing.text
    case = office.online("ebok_signup", 4)
    office.worked_off(case)
    others = ewa.post(f"{PAGE}/pelnomocnictwa", **fields, paper=case)
    assert others.status_code == 422 and "innego klienta" in others.text
    too_long = fields | {"until": str(clock.today() + timedelta(days=800))}
    assert ewa.post(f"{PAGE}/pelnomocnictwa", **too_long, paper=tracking).status_code == 422
    done = ewa.post(f"{PAGE}/pelnomocnictwa", **fields, paper=tracking)
    assert "jest zapisane" in done.text and tracking in done.text
    with reading() as session:
        (row,) = session.scalars(select(Authority))
        assert (row.given_by, row.paper, row.email) == ("clerk:ewa", tracking, "zarzadca@example.com")
    ended = ewa.post(f"{PAGE}/pelnomocnictwa/wycofaj", numer=number, pelnomocnictwo=str(row.id))
    assert "jest wycofane" in ended.text
    again = ewa.post(f"{PAGE}/pelnomocnictwa/wycofaj", numer=number, pelnomocnictwo=str(row.id))
    assert "Nic się nie zmieniło" in again.text
    with reading() as session:
        assert session.scalars(select(Authority.ended_by)).one() == "clerk:ewa"


def test_a_clerk_sees_whose_account_it_is_and_says_so_or_ends_it(
    sqlite_database: str, desk: Callable[..., Desk]
) -> None:
    office.fill_register()
    first, second, third = (office.people()[place] for place in range(3))
    office.open_account(first["customer_no"], "sasiad@example.com", vouched=False)
    office.open_account(second["customer_no"], "jej@example.com", vouched=False)
    office.open_account(third["customer_no"], "znany@example.com")
    ewa = desk("ewa")

    def page(person: dict[str, Any]) -> str:
        return str(ewa.browser.get(f"{PAGE}?numer={person['customer_no']}").text).replace("\N{NO-BREAK SPACE}", " ")

    blocked = page(first)
    assert "sasiad@example.com" in blocked and "a numer jest zajęty" in blocked
    assert f'{PAGE}/konto"' not in page(third), "nothing to be said of who is known"
    assert "nie ma konta eBOK" in page(office.people()[3])
    account = re.search(r'name="konto" value="(\d+)"', blocked)
    assert account is not None
    fields = {"numer": first["customer_no"], "konto": account[1]}
    nothing = ewa.post(f"{PAGE}/konto", **fields)
    assert (nothing.status_code, nothing.text.count('class="error"')) == (422, 2)
    caller = ewa.post(f"{PAGE}/konto", **fields, co="obce", jak="caller", pytanie="phone", odpowiedz="600000001")
    assert caller.status_code == 422 and "sasiad@example.com" in caller.text
    assert "numer wolny" in ewa.post(f"{PAGE}/konto", **fields, co="obce", jak="document").text
    assert "Nic nie zapisano" in ewa.post(f"{PAGE}/konto", **fields, co="jego", jak="document").text
    account = re.search(r'name="konto" value="(\d+)"', page(second))
    assert account is not None
    fields = {"numer": second["customer_no"], "konto": account[1]}
    assert "to konto tego klienta" in ewa.post(f"{PAGE}/konto", **fields, co="jego", jak="document").text
    assert "pokazał dokument w biurze" in page(second)
