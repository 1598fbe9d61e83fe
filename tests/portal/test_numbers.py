"""Further numbers of an account, on both databases: what joins at once, what waits, and what nobody gets."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from benchmarks import office
from confirmations.tables import Message
from customers.accounts import open_account
from customers.tables import Account, AccountNumber, Customer
from database.engine import reading, transaction
from environment import clock
from portal import numbers
from portal.numbers import Joining
from portal.views import View, views_of

LOGIN = "klient@example.com"


@pytest.fixture(autouse=True)
def account(database: str) -> int:
    """The account of the first of the sample customers."""
    office.fill_register()
    office.open_account(home(), LOGIN)
    with reading() as session:
        return session.scalars(select(Account.id).where(Account.login == LOGIN)).one()


def home() -> str:
    return str(office.people()[0]["customer_no"])


def further() -> dict[str, str]:
    """What stands on the invoice of another number."""
    return {name: str(office.people()[1][name]) for name in numbers.ASKED_FOR}


def registered(email: str | None) -> None:
    with transaction() as session:
        of_number = Customer.customer_no == further()["customer_no"]
        session.execute(update(Customer).where(of_number).values(email=email))


def asked(account: int, **otherwise: str) -> Joining:
    with transaction() as session:
        return numbers.ask(session, account, further() | otherwise)


def seen(account: int) -> list[str]:
    with reading() as session:
        found: tuple[View, ...] = views_of(session, account, home(), clock.today())
        return [view.customer_no for view in found]


def told() -> list[tuple[str, str]]:
    with reading() as session:
        return [(one.template, one.recipient) for one in session.scalars(select(Message).order_by(Message.id))]


def test_a_number_joins_at_once_where_two_factors_agree_and_its_mailbox_is_the_login(account: int) -> None:
    registered(LOGIN)
    assert asked(account) is Joining.JOINED
    assert seen(account) == [home(), further()["customer_no"]]
    assert told() == [("number_joined", LOGIN)]
    assert asked(account) is Joining.HAD
    with transaction() as session:
        assert numbers.remove(session, account, further()["customer_no"])
        assert not numbers.remove(session, account, home()), "the first one goes with the account only"
    assert seen(account) == [home()]


@pytest.mark.parametrize(
    ("email", "otherwise"),
    [
        ("inny@example.com", {}),
        (None, {}),
        (LOGIN, {"name": "Ktoś Inny"}),
        (LOGIN, {"postcode": "00-001"}),
        (LOGIN, {"customer_no": "99999999"}),
    ],
    ids=["another mailbox", "no mailbox", "another name", "another place", "nobody's number"],
)
def test_all_else_waits_and_nothing_is_seen_of_it(account: int, email: str | None, otherwise: dict[str, str]) -> None:
    registered(email)
    assert asked(account, **otherwise) is Joining.WAITS
    assert asked(account, **otherwise) is Joining.WAITS, "asked once more it is the same wish"
    assert seen(account) == [home()]
    assert told() == []
    with reading() as session:
        (waits,) = numbers.all_waiting(session)
        (own,) = numbers.numbers_waiting(session, account)
    assert own.customer_no == waits.customer_no
    assert ("name" in waits.agreed) == (otherwise.keys() <= {"postcode"})
    assert waits.free == ("customer_no" not in otherwise)


def test_a_clerk_lets_a_number_join_and_its_customer_learns_of_it(account: int) -> None:
    registered("wlasciciel@example.com")
    asked(account)
    with transaction() as session:
        (waits,) = numbers.all_waiting(session)
        assert numbers.settle(session, waits.number, "clerk:anna", joins=True)
        assert not numbers.settle(session, waits.number, "clerk:anna", joins=True)
    assert seen(account) == [home(), further()["customer_no"]]
    assert told() == [("number_joined", LOGIN), ("number_watched", "wlasciciel@example.com")]


def test_a_clerk_refuses_and_who_asked_is_told_and_may_ask_again(account: int) -> None:
    asked(account)
    with transaction() as session:
        (waits,) = numbers.all_waiting(session)
        assert numbers.settle(session, waits.number, "clerk:anna", joins=False)
    assert told() == [("number_refused", LOGIN)]
    assert (seen(account), asked(account)) == ([home()], Joining.WAITS)


def test_a_number_is_in_one_account_alone_whoever_lets_it_join(account: int) -> None:
    registered(LOGIN)
    office.open_account(further()["customer_no"], "wlasne@example.com")
    assert asked(account) is Joining.WAITS
    with transaction() as session:
        (waits,) = numbers.all_waiting(session)
        assert not waits.free
        assert not numbers.settle(session, waits.number, "clerk:anna", joins=True)
    with transaction() as session:  # a closed account holds nothing any more
        session.execute(update(Account).where(Account.login == "wlasne@example.com").values(state="closed"))
        assert numbers.settle(session, waits.number, "clerk:anna", joins=True)
        found = open_account(session, further()["customer_no"])
        assert found is not None
        assert found.id == account, "a sign-up for that number meets the account that has it"
        assert len(session.scalars(select(AccountNumber)).all()) == 1
