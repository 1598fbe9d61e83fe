"""Who acts for somebody else sees what he was given and no more: every address of the account is walked as an agent."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import func, select, update

from api.account.access import SECRET
from api.portal.access import require, signed_in
from audit.tables import AuditEntry
from benchmarks import office, visits
from benchmarks.metered import add_meter
from confirmations.tables import Message
from customers.tables import Authority, Customer
from database.engine import reading, transaction
from documents.tables import Document
from environment import clock
from environment.settings import get_settings
from forms.fields import PHONE
from portal import authorities
from portal.views import OWNER, Permission, Scope
from tests.api.portal import conftest
from tests.api.portal.conftest import Browser
from tests.api.portal.programs import FOR_ANYBODY
from tests.api.portal.test_others import API, OPEN, OWN_SESSIONS, addresses, routes, secrets_of, send
from tests.application import application

Accounts = tuple[Browser, Browser]
OPEN_TO_ALL = {(method, path) for method in ("GET", "POST") for path in OPEN} | FOR_ANYBODY


def guards(dependant: Any) -> Iterator[Permission | None]:
    """What a route takes of whoever looks at a number; None where it belongs to the account itself."""
    for one in dependant.dependencies:
        if getattr(one.call, "__qualname__", "").startswith(require.__name__):
            yield inspect.getclosurevars(one.call).nonlocals["permission"]
        elif one.call is signed_in:
            yield None
        yield from guards(one)


def takes() -> dict[tuple[str, str], set[Permission | None]]:
    found = {}
    for one in iter_route_contexts(application().routes):
        path, dependant = getattr(one, "path", "") or "", getattr(one, "dependant", None)
        if path.startswith(("/ebok/", API)) and dependant is not None:
            found |= {(method, path): set(guards(dependant)) for method in one.methods or ()}
    return found


def trusted(giver: Browser, agent: Browser, scope: Scope) -> None:
    """Give authority over the number of one to the other, who looks at it from then on."""
    with transaction() as session:
        until = clock.today() + timedelta(days=30)
        token = authorities.give(session, giver.number, agent.login, scope, until)
    assert agent.post(f"/ebok/pelnomocnictwo/{token}").headers["location"] == "/ebok/"
    assert giver.number in agent.read("/ebok/")


def private(number: str, login: str) -> set[str]:
    """What no agent ever reads."""
    with reading() as session:
        row = session.get_one(Customer, number)
        shown = PHONE.kind.display(row.phone) if row.phone else None
        return {text for text in (row.pesel, row.nip, row.phone, shown, row.email, login) if text}


def acting(agent: Browser, giver: Browser) -> str:
    """Who the agent is in the audit: his account, and by which authority."""
    with reading() as session:
        (given,) = authorities.given(session, giver.number)
    return f"agent:{agent.number}/{given.number}"


def audited_since(position: int) -> list[tuple[str, str]]:
    """Who did what after that entry of the audit."""
    with reading() as session:
        found = select(AuditEntry.actor, AuditEntry.action).where(AuditEntry.position > position)
        return [(actor, action) for actor, action in session.execute(found.order_by(AuditEntry.position))]


def invited() -> str:
    """The path of the link of the only invitation."""
    with reading() as session:
        message = session.scalars(select(Message).where(Message.template == "authority_invitation")).one()
    return urlsplit(message.context["link"]).path


def test_every_page_says_what_it_takes() -> None:
    known = takes()
    assert {(method, path) for method, path in routes()} - OPEN_TO_ALL == {key for key, found in known.items() if found}
    by_permission = {one for found in known.values() for one in found}
    assert by_permission >= set(Permission)


@pytest.mark.parametrize("scope", list(Scope))
def test_an_agent_sees_what_he_was_given_and_no_more(accounts: Accounts, scope: Scope) -> None:
    agent, giver = accounts
    office.fill_register()
    trusted(giver, agent, scope)
    known, never, refused, shown = takes(), private(giver.number, giver.login), 0, 0
    for method, path in routes():
        if (method, path) in OPEN_TO_ALL | OWN_SESSIONS or ("wyloguj" in path and "{" not in path):
            continue
        needed = {one for one in known[method, path] if one is not None}
        for address in addresses(path, giver):
            answer = send(agent, method, address)
            told = answer.text.replace("\N{NO-BREAK SPACE}", " ") + str(answer.headers)
            assert not {text for text in never if text in told}, (method, address)
            if needed <= scope.permissions:
                assert answer.status_code != 403, (method, address)
                shown += bool(needed)
            else:
                assert answer.status_code == 403, (method, address)
                assert not {text for text in secrets_of(giver.number) if text in told}, (method, address)
                refused += 1
    assert shown >= 6
    assert refused >= 2


def test_what_was_withdrawn_or_is_over_shows_nothing_any_more_even_to_who_has_the_page_open(accounts: Accounts) -> None:
    agent, giver = accounts
    told = secrets_of(giver.number)
    for way in ("withdrawn", "over"):
        trusted(giver, agent, Scope.EINVOICES)
        kept = agent.csrf
        if way == "withdrawn":
            with reading() as session:
                (given,) = authorities.given(session, giver.number)
            giver.post("/ebok/konto/pelnomocnictwa/wycofaj", pelnomocnictwo=str(given.number))
        else:
            with transaction() as session:
                session.execute(update(Authority).values(until=clock.today() - timedelta(days=1)))
        stale = agent.client.post("/ebok/formularze/einvoice_acceptance", data={"csrf": kept}, follow_redirects=False)
        assert stale.status_code == 403, "a page that is still open does nothing, to nobody's number"
        for method, path in routes():
            if method == "GET" and path not in OPEN and "{" not in path:
                for address in addresses(path, giver):
                    shown = send(agent, "GET", address).text
                    assert not {text for text in told if text in shown.replace("\N{NO-BREAK SPACE}", " ")}, address
        chosen = agent.post("/ebok/numer", numer=giver.number)
        assert chosen.status_code == 303
        assert giver.number not in agent.read("/ebok/")


def test_a_case_that_an_agent_opened_closes_with_his_authority(accounts: Accounts) -> None:
    agent, giver = accounts
    case = office.received(b"%PDF-1.7 a letter")
    with transaction() as session:
        session.execute(update(Document).values(customer_no=giver.number))
    trusted(giver, agent, Scope.ACT)
    agent.client.get(f"/ebok/sprawy/{case}", follow_redirects=False)
    assert 'name="secret"' not in agent.read(f"/sprawa/{case}")
    with transaction() as session:
        (given,) = authorities.given(session, giver.number)
        authorities.withdraw(session, giver.number, given.number, OWNER)
    assert 'name="secret"' in agent.read(f"/sprawa/{case}"), "asked for as of anybody"


def test_an_agent_gives_nobody_authority_and_ends_nobody_s(accounts: Accounts) -> None:
    agent, giver = accounts
    trusted(giver, agent, Scope.EINVOICES)
    with reading() as session:
        (given,) = authorities.given(session, giver.number)
    fields = {"email": "ktos@example.com", "scope": "see", "until": str(clock.today()), "password": office.PASSWORD}
    assert agent.post("/ebok/konto/pelnomocnictwa", **fields).status_code == 403
    assert agent.post("/ebok/konto/pelnomocnictwa/wycofaj", pelnomocnictwo=str(given.number)).status_code == 403
    agent.post("/ebok/numer", numer=agent.number)
    agent.post("/ebok/konto/pelnomocnictwa/wycofaj", pelnomocnictwo=str(given.number))
    with reading() as session:
        assert [one.email for one in authorities.given(session, giver.number)] == [agent.login]
    agent.post("/ebok/konto/numery/oddaj", numer=giver.number)
    assert giver.number not in agent.read("/ebok/konto/numery")


def test_authority_is_given_in_the_account_with_the_password_and_taken_up_by_the_link(accounts: Accounts) -> None:
    agent, giver = accounts
    fields = {"email": agent.login, "scope": "act", "until": str(clock.today() + timedelta(days=20))}
    wrong = giver.post("/ebok/konto/pelnomocnictwa", **fields, password="nie to hasło")
    assert (wrong.status_code, "To nie jest hasło" in wrong.text.replace("\N{NO-BREAK SPACE}", " ")) == (422, True)
    faulty = giver.post(
        "/ebok/konto/pelnomocnictwa", email="to nie adres", scope="wszystko", until="kiedyś", password=""
    )
    assert faulty.text.count('aria-invalid="true"') == 4
    for _ in range(2):  # as by a double click
        assert giver.post("/ebok/konto/pelnomocnictwa", **fields, password=office.PASSWORD).status_code == 303
    another = giver.post("/ebok/konto/pelnomocnictwa", **{**fields, "scope": "see"}, password=office.PASSWORD)
    assert another.status_code == 422, "he has one"
    assert agent.login in giver.read("/ebok/konto/pelnomocnictwa")
    link = invited()
    assert agent.number not in giver.read(link, 403), "sent to somebody else"
    page = agent.read(link)
    assert giver.number in page
    assert giver.number not in agent.read("/ebok/konto/numery"), "opening the link changes nothing"
    agent.post(link)
    assert "odczyty, wnioski i pytania" in agent.read("/ebok/konto/numery")
    assert "był już użyty" in agent.read(link, 410)


def test_nobody_floods_a_mailbox_with_invitations(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_AUTHORITIES_PER_DAY", "1")
    get_settings.cache_clear()
    _, giver = accounts
    fields = {"scope": "act", "until": str(clock.today()), "password": office.PASSWORD}
    answers = [
        giver.post("/ebok/konto/pelnomocnictwa", email=f"ktos{place}@example.com", **fields).status_code
        for place in range(2)
    ]
    assert answers == [303, 422]


@pytest.mark.parametrize(
    ("address", "scope"),
    [("/ebok/formularze/einvoice_acceptance", Scope.EINVOICES), ("/ebok/wnioski/nowy/meter_service", Scope.ACT)],
)
def test_a_form_begun_by_an_agent_says_so_in_the_audit_and_tells_him_no_telephone(
    accounts: Accounts, address: str, scope: Scope
) -> None:
    agent, giver = accounts
    trusted(giver, agent, scope)
    begun = agent.post(address)
    form = agent.read(begun.headers["location"])
    assert giver.number in form
    assert not {text for text in private(giver.number, giver.login) if text in form}
    with reading() as session:
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "form_begun_by_agent"))
        assert (entry.actor, entry.subject) == (acting(agent, giver), f"customer:{giver.number}")


def test_all_that_an_agent_does_stands_in_the_audit_as_his_and_by_which_authority(sqlite_database: str) -> None:
    office.fill_register()
    people = [(str(office.people()[place]["customer_no"]), f"osoba{place}@example.com") for place in (0, 1)]
    for number, login in people:
        office.open_account(number, login)
    giver, agent = (conftest.signed_in(*person) for person in people)
    add_meter(giver.number, "W1234567-1")
    trusted(giver, agent, Scope.ACT)
    who = acting(agent, giver)
    first, second = visits.asked("tank_collection"), visits.asked("meter_service")
    for tracking in (first, second):
        visits.decided(tracking, "propose", visits.day_to_come())
    with reading() as session:
        last = session.scalars(select(func.max(AuditEntry.position))).one()
    agent.client.get(f"/ebok/sprawy/{second}", follow_redirects=False)
    answered = {"co": "pasuje", "krok": "1"}
    assert agent.post(f"/ebok/wnioski/{first}", **answered).status_code == 303
    agent.client.post(f"/sprawa/{second}/wizyta", data=answered, headers={"Origin": "http://ebok.example"})
    asked = agent.post("/ebok/pytania", kind="billing", text="Skąd ta kwota?", key="a")
    address = asked.headers["location"].partition("?")[0]
    agent.post(address, text="Chodzi o marzec.", key="b")
    agent.post(f"{address}/zamknij")
    sent = {"wodomierz": "W1234567-1", "stan": "243", "dzien": clock.today().isoformat(), "key": "c"}
    assert agent.post("/ebok/odczyt", **sent).status_code == 303
    agent.post("/ebok/konto/numery/oddaj", numer=giver.number)
    done = [(actor, action) for actor, action in audited_since(last) if action != "viewed"]
    assert done == [
        (who, action)
        for action in (
            *("visit_agreed", "visit_agreed", "question_asked", "question_asked", "question_closed"),
            *("reading_taken", "authority_ended"),
        )
    ]


def test_that_an_agent_looked_stands_in_the_audit_once_a_day(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, giver = accounts
    trusted(giver, agent, Scope.SEE)
    looked = (acting(agent, giver), "viewed")
    agent.read("/ebok/faktury")
    agent.client.get(f"{API}invoices")
    assert audited_since(0).count(looked) == 1
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    again = conftest.signed_in(agent.number, agent.login)
    again.post("/ebok/numer", numer=giver.number)
    again.read("/ebok/faktury")
    assert audited_since(0).count(looked) == 2
    assert again.number not in str(audited_since(0)).replace(looked[0], ""), "his own he looks at as himself"


def test_who_acts_for_another_takes_along_his_own_data_whatever_he_looks_at(accounts: Accounts) -> None:
    agent, giver = accounts
    trusted(giver, agent, Scope.SEE)
    agent.read("/ebok/faktury")
    given = {"password": office.PASSWORD}
    answer = agent.client.post(f"{API}data-export", json=given, headers={SECRET: agent.csrf})
    with ZipFile(BytesIO(answer.content)) as packed:
        told = json.loads(packed.read("index.json"))
    assert told["customer_no"] == agent.number
    assert (acting(agent, giver), "viewed") in {(one["actor"], one["action"]) for one in told["audit"]}
    assert not {text for text in private(giver.number, giver.login) if text in json.dumps(told)}


def test_a_program_chooses_the_customer_too_and_withdraws_what_was_given(accounts: Accounts) -> None:
    agent, giver = accounts
    trusted(giver, agent, Scope.SEE)
    listed = {one["customer_no"]: one for one in agent.client.get(f"{API}customers").json()}
    assert [(one["present"], one["scope"]) for one in listed.values()] == [(False, None), (True, "see")]
    unknown = agent.client.put(f"{API}customers/present", json={"customer_no": "1"}, headers={SECRET: agent.csrf})
    assert unknown.status_code == 404
    chosen = agent.client.put(
        f"{API}customers/present", json={"customer_no": agent.number}, headers={SECRET: agent.csrf}
    )
    assert chosen.json()["csrf_token"] == agent.csrf
    assert [one["present"] for one in agent.client.get(f"{API}customers").json()] == [True, False]
    (given,) = giver.client.get(f"{API}authorities").json()
    assert (given["email"], given["scope"], given["by_office"]) == (agent.login, "see", False)
    address = f"{API}authorities/{given['number']}"
    assert agent.client.delete(address, headers={SECRET: agent.csrf}).status_code == 404, "not the agent's to end"
    assert giver.client.delete(address, headers={SECRET: giver.csrf}).status_code == 204
    assert len(agent.client.get(f"{API}customers").json()) == 1
