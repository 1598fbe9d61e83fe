"""Another login counts once its owner has used the link sent there; the address before is told of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from benchmarks import office
from confirmations import outbox
from confirmations.tables import Message
from customers import passwords
from customers.passwords import PasswordWay
from customers.tables import Account, PasswordLink
from database.engine import reading, transaction
from environment import clock
from tests.api.portal.conftest import Browser, signed_in, stranger

NEW = "nowy.adres@example.com"
CHANGE = "/ebok/konto/e-mail"


@pytest.fixture
def customer(sqlite_database: str, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """A customer whose account was opened by his sign-up."""
    monkeypatch.setattr("api.answer_time.FLOOR", 0.0)
    office.fill_register()
    office.worked_off(office.online("ebok_signup", 4))
    stranger().post(office.link_to(4), data={"password": office.PASSWORD, "again": office.PASSWORD})
    person = office.people()[4]
    return signed_in(person["customer_no"], person["email"])


def ask(customer: Browser, email: str = NEW, password: str = office.PASSWORD) -> int:
    return customer.post(CHANGE, email=email, password=password).status_code


def links() -> list[str]:
    with reading() as session:
        found = session.scalars(select(Message).where(Message.template == "login_link").order_by(Message.id))
        return [message.context["link"].removeprefix("http://127.0.0.1:8000") for message in found]


def enters(email: str) -> bool:
    answer = stranger().post(
        "/ebok/zaloguj", data={"email": email, "password": office.PASSWORD}, follow_redirects=False
    )
    return answer.status_code == 303


def test_the_new_address_is_the_login_once_its_link_is_used_and_the_old_one_is_told(customer: Browser) -> None:
    assert ask(customer) == 303
    (link,) = links()
    for _ in range(2):
        opened = stranger().get(link)
        assert opened.status_code == 200
        assert NEW in opened.text
    assert enters(customer.login)
    assert not enters(NEW)
    used = stranger().post(link)
    assert "Nowy adres jest potwierdzony" in used.text.replace("\N{NO-BREAK SPACE}", " ")
    assert enters(NEW)
    assert not enters(customer.login)
    assert NEW in customer.read("/ebok/konto"), "who is signed in stays so"
    outbox.deliver(transaction)
    assert "Login do eBOK jest zmieniony" in office.mails_to(customer.login)[-1]["Subject"]
    for method in ("GET", "POST"):
        again = stranger().request(method, link)
        assert (again.status_code, "już użyty" in again.text.replace("\N{NO-BREAK SPACE}", " ")) == (409, True)


@pytest.mark.parametrize(
    ("email", "password", "told"),
    [
        (NEW, "nie to hasło", "To nie jest hasło"),
        ("bez małpy", office.PASSWORD, "email"),
        ("", office.PASSWORD, "Wpisz nowy adres"),
    ],
)
def test_without_password_or_address_nothing_is_sent(customer: Browser, email: str, password: str, told: str) -> None:
    refused = customer.post(CHANGE, email=email, password=password)
    assert refused.status_code == 422
    assert told in refused.text.replace("\N{NO-BREAK SPACE}", " ")
    assert ask(customer, customer.login) == 422
    assert links() == []


def test_the_login_of_somebody_else_is_refused_without_a_word_and_links_end(customer: Browser) -> None:
    other = office.people()[5]["customer_no"]
    office.open_account(other, "zajety@example.com")
    free, taken = (
        customer.post(CHANGE, email=email, password=office.PASSWORD) for email in (NEW, "zajety@example.com")
    )
    assert (free.status_code, free.headers["location"]) == (taken.status_code, taken.headers["location"])
    (first,) = links()
    assert ask(customer, "inny@example.com") == 303
    _, second = links()
    assert stranger().post(first).status_code == 410, "only the newest works"
    with transaction() as session:
        session.execute(update(Account).where(Account.customer_no == other).values(login="inny@example.com"))
    assert stranger().post(second).status_code == 410, "taken meanwhile"
    with transaction() as session:
        session.execute(update(Account).where(Account.customer_no == other).values(login="zajety@example.com"))
        session.execute(update(PasswordLink).values(expires_at=clock.now() - timedelta(seconds=1)))
    assert stranger().post(second).status_code == 410, "over"
    assert stranger().get("/haslo/" + second.rpartition("/")[2]).status_code == 404, "it leads to no password"


def test_a_new_password_ends_the_links_to_another_login_that_were_asked_for_before(customer: Browser) -> None:
    """Whoever knew the password before may have asked for one, and would take the account with it."""
    ask(customer)
    with transaction() as session:
        way = passwords.ask(session, customer.login)
        assert isinstance(way, PasswordWay)
    new = "inne hasło z czterech słów"
    stranger().post(f"/haslo/{way.token}", data={"password": new, "again": new})
    (link,) = links()
    assert stranger().post(link).status_code == 410
    with reading() as session:
        assert session.scalars(select(Account.login)).one() == customer.login
