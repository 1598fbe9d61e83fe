"""Whoever is not known to be the customer sees nothing of him, and is told what to do."""

from __future__ import annotations

import pytest

from benchmarks import office
from billing.statement import invoices_of
from confirmations import outbox
from confirmations.tables import Message
from customers.tables import Account
from database.engine import reading, transaction
from environment.settings import get_settings
from tests.api.portal.conftest import Browser, signed_in
from tests.api.portal.test_others import API, OPEN, OWN_SESSIONS, PASSKEY, addresses, routes, secrets_of, send
from tests.api.portal.test_provider import LOGIN, Use, bind, provider, running, stranger, through, use
from tests.identity_provider import Provider

__all__ = ["provider", "running", "use"]
PAGE = "/ebok/potwierdz"
FOR_ALL = (
    *(PAGE, "/ebok/konto", "/ebok/wyloguj", "/ebok/powiadomienia"),
    *("/ebok/numer", "/ebok/regulamin", "/ebok/pelnomocnictwo"),
)
"""What is open to whoever is signed in, known or not, with what lies below; but for what is held of the customer."""


@pytest.fixture
def customer(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """Somebody with an account, and bills, of whom nothing is known but that he has a mailbox."""
    monkeypatch.setattr("api.answer_time.FLOOR", 0.0)
    ((number, login),) = office.billed_accounts(1, months=3)
    with transaction() as session:
        account = session.query(Account).one()
        account.vouched_at = account.vouched_by = None
    return signed_in(number, login)


def test_no_address_of_the_account_shows_anything_of_the_customer(customer: Browser) -> None:
    office.fill_register()
    told, closed, refused = secrets_of(customer.number) - {customer.number, PASSKEY}, 0, 0
    for method, path in routes():
        ends = "wyloguj" in path or (method == "DELETE" and "devices" in path) or (method, path) in OWN_SESSIONS
        if path in OPEN or ends:
            continue
        for address in addresses(path, customer):
            answer = send(customer, method, address)
            shown = (answer.text + str(answer.headers)).replace("\N{NO-BREAK SPACE}", " ")
            assert not {text for text in told if text in shown}, (method, address)
            if path.startswith(API):
                assert answer.status_code in (200, 202, 204, 403, 404, 409, 422, 429), (method, address)
                refused += answer.status_code == 403
            elif not path.startswith(FOR_ALL) or path.startswith("/ebok/konto/dane"):
                assert (answer.status_code, answer.headers.get("location")) == (303, PAGE), (method, address)
                program = customer.client.request(method, address, headers={"Accept": "application/json"})
                assert program.status_code == 403
                closed += 1
    assert closed >= 10
    assert refused >= 8


def test_an_invoice_opens_the_account_at_once(customer: Browser) -> None:
    with reading() as session:
        last = invoices_of(session, customer.number)[0]
    wrong = customer.post(f"{PAGE}/kwota", numer=last["invoice_no"], kwota="0,01")
    assert wrong.status_code == 422
    assert f'value="{last["invoice_no"]}"' in wrong.text, "what was typed stays"
    done = customer.post(f"{PAGE}/kwota", numer=last["invoice_no"], kwota=str(last["gross"]).replace(".", ","))
    assert (done.status_code, done.headers["location"]) == (303, "/ebok/")
    assert last["invoice_no"] in customer.read("/ebok/faktury")
    assert customer.client.get(PAGE, follow_redirects=False).headers["location"] == "/ebok/"


def test_a_letter_is_asked_for_printed_and_its_code_opens_the_account(customer: Browser) -> None:
    page = customer.read(PAGE)
    assert "Sam adres e-mail, którym się logujesz, jeszcze" in page
    assert "Kod z listu</label>" not in page
    customer.post(f"{PAGE}/list")
    outbox.deliver(transaction)
    (printed,) = (get_settings().outgoing / "letters").glob("*-letter_code-*.pdf")
    assert printed.read_bytes().startswith(b"%PDF")
    with reading() as session:
        code = session.query(Message).where(Message.template == "letter_code").one().context["code"]
    page = customer.read(PAGE)
    assert "List z kodem przygotowaliśmy" in page
    assert "O następny poprosisz tu od" in page
    assert code not in page
    assert customer.post(f"{PAGE}/kod", kod="00000000" if code != "0000 0000" else "11111111").status_code == 422
    assert customer.post(f"{PAGE}/kod", kod=code).headers["location"] == "/ebok/"
    assert customer.client.get("/ebok/faktury", follow_redirects=False).status_code == 200


def test_guessing_ends_for_the_day_and_the_page_says_so(customer: Browser) -> None:
    answers = [customer.post(f"{PAGE}/kod", kod="1").text.replace("\N{NO-BREAK SPACE}", " ") for _ in range(6)]
    assert ["Spróbuj jutro" in one for one in answers] == [False] * 5 + [True]


def test_a_pesel_from_the_provider_opens_no_account_of_a_strange_mailbox_and_vouches_for_its_owner(
    use: Use, provider: Provider
) -> None:
    use(pesel_claim="pesel")
    office.fill_register()
    person = office.people()[0]
    office.open_account(person["customer_no"], LOGIN, vouched=False)
    neighbour = signed_in(person["customer_no"], LOGIN)
    provider.claims = {"sub": "osoba-1", "pesel": person["pesel"]}
    assert through(stranger()).status_code == 403, "else the neighbour would see all from then on"
    assert neighbour.client.get("/ebok/", follow_redirects=False).headers["location"] == PAGE
    provider.claims = {"sub": "osoba-2", "pesel": office.people()[1]["pesel"]}
    assert bind(neighbour).status_code == 303
    assert neighbour.client.get("/ebok/", follow_redirects=False).headers["location"] == PAGE
    provider.claims = {"sub": "osoba-1", "pesel": person["pesel"]}
    assert bind(neighbour).status_code == 303
    assert neighbour.client.get("/ebok/", follow_redirects=False).status_code == 200, "password and PESEL are one's"
