"""What an agent sent says so: at the desk by his name, in the customer's account by the address of his authority."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from httpx import Response
from sqlalchemy import update

from api import answer_time
from api.account.access import SECRET
from api.portal.access import COOKIE
from benchmarks import office, visits
from benchmarks.metered import add_meter
from cli.story import sentences
from customers.tables import Account
from database.engine import reading, transaction
from documents import splitting
from documents.loading import load
from documents.splitting import FoundForm
from documents.states import State
from documents.tables import Document
from environment import clock
from forms.catalogue import form_by_code
from portal.views import Scope
from review.history import history
from tests.api.desk.conftest import desk
from tests.api.desk.staff import Desk
from tests.api.pictures import picture
from tests.api.portal import conftest
from tests.api.portal.conftest import Browser
from tests.api.portal.test_agents import trusted
from tests.api.portal.test_others import API

__all__ = ["desk"]
METER = "W1234567-1"
AGENT = "osoba1@example.com"
TO_CUSTOMER = f"{AGENT}, pełnomocnik"


@dataclass(frozen=True)
class Both:
    giver: Browser
    agent: Browser
    told: str
    """The agent's name as the office reads it."""


@pytest.fixture
def both(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> Both:
    """A customer, and another one who may do for him all that may be given."""
    monkeypatch.setattr(answer_time, "FLOOR", 0.0)
    office.fill_register()
    people = [(str(office.people()[place]["customer_no"]), f"osoba{place}@example.com") for place in (0, 1)]
    for number, login in people:
        office.open_account(number, login)
    giver, agent = (conftest.signed_in(*person) for person in people)
    add_meter(giver.number, METER)
    trusted(giver, agent, Scope.EINVOICES)
    return Both(giver, agent, f"{office.people()[1]['name']}, pełnomocnik")


def plain(text: str) -> str:
    return html.unescape(text).replace("\N{NO-BREAK SPACE}", " ").replace("\N{NON-BREAKING HYPHEN}", "-")


def sent_form(browser: Browser, code: str, begin: str) -> str:
    """Begin a form in the account, complete and send it; gives the case."""
    begun = browser.post(begin).headers["location"]
    page, form = browser.client.get(begun).text, form_by_code(code)
    known = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', page)}
    typed = {item.name: known.get(item.name, "") for item in form.fields}
    typed |= {name: str(value) for name, value in office.values(code).items() if not typed.get(name)}
    typed = {
        name: "true" if value == "True" else value for name, value in typed.items() if value not in ("None", "False")
    }
    browser.client.post(begun, data={**typed, "dalej": "sprawdz"}, follow_redirects=False)
    found = re.search(r'name="wersja" value="(\d+)"', browser.client.get(f"{begun}/sprawdz").text)
    assert found is not None
    sent = browser.client.post(f"{begun}/sprawdz", data={"wersja": found[1]}, follow_redirects=False)
    return sent.headers["location"].rpartition("/")[2]


def ask(browser: Browser, text: str, address: str = "/ebok/pytania") -> str:
    sent: Response = browser.post(address, kind="billing", text=text, key=text)
    return sent.headers["location"].partition("?")[0]


def turns(page: str) -> list[str]:
    return re.findall(r'<p class="(?:small|soft)"><strong>([^<]+)</strong>', plain(page))


def test_a_conversation_says_who_wrote_each_turn(both: Both, desk: Callable[..., Desk]) -> None:
    address = ask(both.agent, "Skąd ta kwota?")
    ask(both.giver, "Chodzi o marzec.", address)
    number = address.rpartition("/")[2]
    clerk = desk().browser
    assert turns(clerk.get(f"/biuro/pytania/{number}").text) == [both.told, "Klient"]
    assert f"pyta {both.told}" in plain(clerk.get("/biuro/pytania").text)
    assert turns(both.giver.read(address)) == [TO_CUSTOMER, "Ty"]
    assert f"od: {TO_CUSTOMER}" in plain(both.giver.read("/ebok/pytania"))
    assert both.told not in plain(both.giver.read(address)), "the register tells nobody's name to another customer"
    assert turns(both.agent.read(address)) == ["Ty", "klient"]
    told = both.giver.client.get(f"{API}questions/{number}").json()["turns"]
    assert [one["sent_by"] for one in told] == [TO_CUSTOMER, None]
    assert both.giver.client.get(f"{API}questions").json()[0]["sent_by"] == TO_CUSTOMER
    assert both.agent.client.get(f"{API}questions").json()[0]["sent_by"] is None


def test_a_key_that_a_customer_s_program_used_takes_no_question_of_his_agent_nor_another_turn(both: Both) -> None:
    """A turn that was taken for one sent before would be lost, and its sender told that it was there."""
    for browser, text in ((both.giver, "Skąd ta kwota?"), (both.agent, "Kiedy wymiana wodomierza?")):
        key = {SECRET: browser.csrf, "Idempotency-Key": "1"}
        for _ in range(2):
            asked = browser.client.post(f"{API}questions", json={"kind": "billing", "text": text}, headers=key)
            assert (asked.status_code, [one["text"] for one in asked.json()["turns"]]) == (201, [text])
        turns_at = f"{API}questions/{asked.json()['number']}/turns"
        for _ in range(2):
            more = browser.client.post(turns_at, json={"text": "Proszę o szybką odpowiedź."}, headers=key)
            assert [one["text"] for one in more.json()["turns"]] == [text, "Proszę o szybką odpowiedź."]


def test_a_visit_begun_from_an_agent_s_question_is_his_too(both: Both, desk: Callable[..., Desk]) -> None:
    number = ask(both.agent, "Proszę o wymianę wodomierza.").rpartition("/")[2]
    clerk = desk()
    seen = re.search(r'name="seen" value="(\d+)"', clerk.browser.get(f"/biuro/pytania/{number}").text)
    assert seen is not None
    begun = clerk.post(f"/biuro/pytania/{number}/wniosek", wniosek="meter_service", seen=seen[1])
    assert f"{both.told} klienta {both.giver.number}" in plain(begun.text)


def test_a_reading_says_who_reported_it(both: Both, desk: Callable[..., Desk]) -> None:
    sent = {"wodomierz": METER, "stan": "243", "dzien": clock.today().isoformat(), "key": "c"}
    both.agent.post("/ebok/odczyt", **sent)
    assert f"od: {TO_CUSTOMER}" in plain(both.giver.read("/ebok/odczyt"))
    assert TO_CUSTOMER not in plain(both.agent.read("/ebok/odczyt")), "he sent it himself"
    assert both.giver.client.get(f"{API}readings").json()[0]["sent_by"] == TO_CUSTOMER
    assert f"konto, {both.told}" in plain(desk().browser.get("/biuro/odczyty").text)


@pytest.mark.parametrize(
    ("code", "begin"),
    [
        ("einvoice_acceptance", "/ebok/formularze/einvoice_acceptance"),
        ("tank_collection", "/ebok/wnioski/nowy/tank_collection"),
    ],
)
def test_a_form_of_the_account_says_who_sent_it(both: Both, desk: Callable[..., Desk], code: str, begin: str) -> None:
    case = sent_form(both.agent, code, begin)
    with transaction() as session:
        session.execute(update(Document).values(customer_no=both.giver.number, state=State.IN_REVIEW.value))
    who, clerk = f"{both.told} klienta {both.giver.number}", desk().browser
    for page in ("/biuro/", f"/biuro/sprawy/{case}", f"/biuro/sprawy/{case}/historia"):
        assert who in plain(clerk.get(page).text), page
    assert f"od: {TO_CUSTOMER}" in plain(both.giver.read("/ebok/"))
    assert both.giver.client.get(f"{API}cases").json()[0]["sent_by"] == TO_CUSTOMER


def test_a_program_that_sends_a_form_for_a_customer_is_told_of_as_well(both: Both) -> None:
    body = {name: value for name, value in office.values("tank_collection").items() if name != "signature"}
    sent = both.agent.client.post("/api/v1/forms/tank_collection/submissions", json=body)
    assert sent.status_code == 202, sent.text
    with transaction() as session:
        session.execute(update(Document).values(customer_no=both.giver.number))
    assert both.giver.client.get(f"{API}cases").json()[0]["sent_by"] == TO_CUSTOMER
    with reading() as session:
        found, case = history(session, sent.json()["tracking"]), load(session, sent.json()["tracking"])
        assert found.told["authority"] == case.authority is not None, "as JSON by its number, which names nobody"
    assert f", {both.told} klienta {both.giver.number}" in "\n".join(sentences(found, {})), "in words by his name"


@pytest.mark.parametrize("looks_at", ["giver", "agent"])
def test_of_his_numbers_the_one_that_he_types_says_for_whom_he_acts(both: Both, looks_at: str) -> None:
    both.agent.post("/ebok/numer", numer=getattr(both, looks_at).number)
    found = []
    for person in (0, 1):
        body = {name: value for name, value in office.values("tank_collection", person).items() if name != "signature"}
        sent = both.agent.client.post("/api/v1/forms/tank_collection/submissions", json=body)
        with reading() as session:
            found.append(load(session, sent.json()["tracking"]).authority)
    assert found == [1, None], "for the customer, and his own"


def test_a_reading_from_the_page_for_everybody_says_who_reported_it_too(both: Both) -> None:
    for browser, value in ((both.agent, "243"), (both.giver, "244")):
        browser.client.post("/odczyt", data={"customer_no": both.giver.number, "secret": METER})
        sent = {"wodomierz": METER, "stan": value, "dzien": clock.today().isoformat(), "key": value}
        browser.client.post("/odczyt/stan", data=sent)
    told = both.giver.client.get(f"{API}readings").json()
    assert [(one["value"], one["sent_by"]) for one in told] == [(244, None), (243, TO_CUSTOMER)]


def test_a_visit_says_who_asked_for_it_and_who_answered_to_the_day(both: Both, desk: Callable[..., Desk]) -> None:
    asked = visits.asked("tank_collection")
    with transaction() as session:
        session.execute(update(Document).values(authority=1))
    visits.decided(asked, "propose", visits.day_to_come())
    both.agent.post(f"/ebok/wnioski/{asked}", co="pasuje", krok="1")
    page = plain(both.giver.read("/ebok/wnioski"))
    assert f"od: {TO_CUSTOMER}; ostatnia odpowiedź o dniu wizyty: {TO_CUSTOMER}" in page
    (told,) = both.giver.client.get(f"{API}visits").json()
    assert (told["sent_by"], told["answered_by"]) == (TO_CUSTOMER, TO_CUSTOMER)
    who, clerk = f"{both.told} klienta {both.giver.number}", desk().browser
    assert f"prosi {who}" in plain(clerk.get("/biuro/wnioski").text)
    assert plain(clerk.get(f"/biuro/wnioski/{asked}").text).count(who) == 2
    both.giver.post(f"/ebok/wnioski/{asked}", co="inny", krok="2", dzien=f"{visits.day_to_come(9):%d.%m.%Y}")
    assert plain(clerk.get(f"/biuro/wnioski/{asked}").text).count(who) == 1, "the last word is his own now"


def test_that_a_customer_wants_no_visit_any_more_is_his_own_word_and_no_agent_s(both: Both) -> None:
    asked = visits.asked("tank_collection")
    visits.decided(asked, "propose", visits.day_to_come())
    both.agent.post(f"/ebok/wnioski/{asked}", co="pasuje", krok="1")
    assert "ostatnia odpowiedź" in plain(both.giver.read("/ebok/wnioski"))
    both.giver.post(f"/ebok/wnioski/{asked}", co="rezygnuje", krok="2")
    assert "ostatnia odpowiedź" not in plain(both.giver.read("/ebok/wnioski"))


def test_whoever_acts_for_somebody_else_is_no_agent_of_this_customer(both: Both) -> None:
    """An agent may type any number into a form: whose it is then learns nothing of him."""
    case = sent_form(both.agent, "tank_collection", "/ebok/wnioski/nowy/tank_collection")
    stranger_no = str(office.people()[2]["customer_no"])
    office.open_account(stranger_no, "inna@example.com")
    with transaction() as session:
        session.execute(update(Document).values(customer_no=stranger_no))
    page = plain(conftest.signed_in(stranger_no, "inna@example.com").read("/ebok/"))
    assert case in page
    assert "pełnomocnik" not in page


def test_what_a_customer_sends_himself_names_nobody(both: Both, desk: Callable[..., Desk]) -> None:
    number = ask(both.giver, "Skąd ta kwota?").rpartition("/")[2]
    clerk = desk().browser
    assert turns(clerk.get(f"/biuro/pytania/{number}").text) == ["Klient"]
    assert "pełnomocnik" not in plain(clerk.get("/biuro/pytania").text)
    sent = both.giver.client.get(f"{API}questions/{number}", headers={SECRET: both.giver.csrf}).json()
    assert [one["sent_by"] for one in sent["turns"]] == [None]


def uploaded(browser: Browser, address: str) -> str:
    """Send a file from the public page, or by the API; gives the case."""
    sent = browser.client.post(address, files={"file": ("pismo.pdf", picture("PDF"))}, follow_redirects=False)
    return sent.headers["location"].rpartition("/")[2]


@pytest.mark.parametrize("address", ["/wyslij", "/api/v1/uploads"])
def test_a_file_that_an_agent_sends_is_his_with_all_the_forms_in_it(
    both: Both, desk: Callable[..., Desk], address: str
) -> None:
    case = uploaded(both.agent, address)
    part = FoundForm("tank_collection", "2", (1,), None, "scan")
    with transaction() as session:
        found = splitting.split(session, load(session, case), [part, replace(part, pages=(2,))])
        for each in found:
            each.customer_no, each.state = both.giver.number, State.IN_REVIEW.value
    who, clerk = f"{both.told} klienta {both.giver.number}", desk().browser
    assert plain(clerk.get("/biuro/").text).count(who) == 2
    assert [one["sent_by"] for one in both.giver.client.get(f"{API}cases").json()] == [TO_CUSTOMER] * 2
    both.agent.post("/ebok/numer", numer=both.agent.number)
    with reading() as session:
        again = load(session, uploaded(both.agent, address)).authority
    assert again is None, "he looks at his own number"


def test_what_he_wrote_stays_an_agent_s_own_when_his_login_is_another(both: Both) -> None:
    address = ask(both.agent, "Skąd ta kwota?")
    with transaction() as session:
        session.execute(update(Account).where(Account.login == AGENT).values(login="inny@example.com"))
    assert turns(both.agent.read(address)) == ["Ty"]
    assert turns(both.giver.read(address)) == [TO_CUSTOMER], "the address that he gave it to"


def test_the_desk_reads_that_whoever_sent_something_is_no_agent_any_more(both: Both, desk: Callable[..., Desk]) -> None:
    number = ask(both.agent, "Skąd ta kwota?").rpartition("/")[2]
    both.giver.post("/ebok/konto/pelnomocnictwa/wycofaj", pelnomocnictwo="1")
    page = plain(desk().browser.get(f"/biuro/pytania/{number}").text)
    assert turns(page) == [f"{both.told} (do {clock.today():%d.%m.%Y})"]


def test_a_case_that_an_agent_sent_is_open_to_him_as_long_as_he_acts_for_the_customer(both: Both) -> None:
    case = sent_form(both.agent, "tank_collection", "/ebok/wnioski/nowy/tank_collection")
    assert "Co dalej" in both.agent.read(f"/sprawa/{case}"), "it is not known yet whose it is"
    office.worked_off(case)
    visits.decided(case, "propose", visits.day_to_come())
    assert "Co dalej" in both.agent.read(f"/sprawa/{case}")
    both.agent.client.cookies.delete(COOKIE)
    both.agent.client.post(f"/sprawa/{case}/wizyta", data={"co": "pasuje", "krok": "1"})
    assert f"ostatnia odpowiedź o dniu wizyty: {TO_CUSTOMER}" in plain(both.giver.read("/ebok/wnioski"))
    both.giver.post("/ebok/konto/pelnomocnictwa/wycofaj", pelnomocnictwo="1")
    assert 'name="secret"' in both.agent.read(f"/sprawa/{case}"), "asked for as of anybody"
    both.agent.client.post(f"/sprawa/{case}/wizyta", data={"co": "rezygnuje", "krok": "2"})
    (visit,) = both.giver.client.get(f"{API}visits").json()
    assert visit["state"] == "agreed"
