"""Whose an account is, said by a clerk, on both databases: the customer's, or a stranger's that goes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from audit.tables import AuditEntry
from benchmarks import office
from confirmations.recipients import reach
from confirmations.tables import Message
from customers.caller_check import Caller
from customers.records import RegisterLookup
from customers.tables import Account, Authority, Consent, Customer, Proof
from database.engine import reading, transaction
from environment import clock
from environment.settings import get_settings
from portal import authorities, numbers
from portal.claims import Claim, NotShownError, Shown, claim_on, end_claim, require_shown, say_his
from portal.numbers import Joining
from portal.views import Scope

STRANGE, OWN = "sasiad@example.com", "klient@example.com"
CLERK = "clerk:ewa"
NOTHING = Caller("", "", "")


@pytest.fixture
def number(database: str) -> str:
    """A customer to whom somebody opened an account who is not known to be him."""
    office.fill_register()
    number = str(office.people()[0]["customer_no"])
    office.open_account(number, STRANGE, vouched=False)
    with transaction() as session:
        proven = {"effective_from": clock.today(), "email": STRANGE, "email_proven_at": clock.now()}
        received = {"form": "ebok_signup", "form_version": "1", "received_on": clock.today(), "withdrawn": False}
        of_him = {"customer_no": number, "subject": "account", "tracking": f"KONTO-{number}"[:16]}
        session.add(Consent(**of_him, **received, **proven))
    return number


def reached(number: str) -> str:
    with reading() as session:
        customer = RegisterLookup(session).find(number)
        assert customer is not None
        return reach(session, customer).address


def test_the_customer_is_not_written_to_at_the_account_of_who_may_be_a_stranger(number: str) -> None:
    with transaction() as session:
        session.get_one(Customer, number).email = OWN
    assert reached(number) == OWN
    found = claim(number)
    assert found is not None
    with transaction() as session:
        assert end_claim(session, number, found.account_id, Shown.DOCUMENT, CLERK)
    assert reached(number) == OWN, "nor after its end"


def test_at_the_account_of_who_is_known_to_be_the_customer_he_is_written_to(number: str) -> None:
    found = claim(number)
    assert found is not None
    with transaction() as session:
        assert say_his(session, number, found.account_id, Shown.CALLER, CLERK)
    assert reached(number) == STRANGE


def claim(number: str) -> Claim | None:
    with reading() as session:
        return claim_on(session, number)


def told() -> list[tuple[str, str]]:
    with reading() as session:
        return [(one.template, one.recipient) for one in session.scalars(select(Message).order_by(Message.id))]


def audited(action: str) -> list[tuple[str, str, object]]:
    with reading() as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.action == action))
        return [(one.actor, one.subject, one.detail) for one in found]


def test_a_stranger_s_account_ends_and_the_customer_joins_by_himself(number: str) -> None:
    further = str(office.people()[1]["customer_no"])
    office.open_account(further, OWN)
    with transaction() as session:
        account = session.scalars(select(Account.id).where(Account.login == OWN)).one()
        session.get_one(Customer, number).email = OWN
        asked = {name: str(office.people()[0][name]) for name in numbers.ASKED_FOR}
        assert numbers.ask(session, account, asked) is Joining.WAITS, "the number is taken"
    found = claim(number)
    assert found is not None and found.blocks and found.login == STRANGE
    with transaction() as session:
        assert end_claim(session, number, found.account_id, Shown.DOCUMENT, CLERK)
    with transaction() as session:
        assert not end_claim(session, number, found.account_id, Shown.DOCUMENT, CLERK)
        assert numbers.ask(session, account, asked) is Joining.JOINED
    assert ("account_ended", STRANGE) in told()
    detail = {"account": found.account_id, "by": "document"}
    assert audited("account_ended") == [(CLERK, f"customer:{number}", detail)]


def test_what_a_stranger_gave_and_was_given_ends_with_his_account(number: str) -> None:
    giver = str(office.people()[1]["customer_no"])
    office.open_account(giver, OWN)
    found = claim(number)
    assert found is not None
    with transaction() as session:
        token = authorities.give(session, giver, STRANGE, Scope.SEE, clock.today() + timedelta(days=9))
        authorities.take_up(session, token, found.account_id, STRANGE)
    with transaction() as session:
        end_claim(session, number, found.account_id, Shown.DOCUMENT, CLERK)
    with reading() as session:
        (row,) = session.scalars(select(Authority))
        assert (row.ended_by, row.account_id) == (CLERK, None)
    assert ("authority_ended", OWN) in told()


def test_an_account_that_is_his_shows_all_once_a_clerk_said_so_and_the_known_address_is_told(number: str) -> None:
    with transaction() as session:
        session.get_one(Customer, number).email = OWN
    found = claim(number)
    assert found is not None
    with transaction() as session:
        assert say_his(session, number, found.account_id, Shown.CALLER, CLERK)
    now = claim(number)
    assert now is not None and not now.blocks and now.known_by == "caller"
    assert told()[-2:] == [("account_vouched", STRANGE), ("number_watched", OWN)]
    assert audited("account_vouched") == [(CLERK, f"customer:{number}", {"by": "caller"})]
    with transaction() as session:
        assert not end_claim(session, number, found.account_id, Shown.DOCUMENT, CLERK), "known by now"


def test_an_account_of_another_number_is_none_of_this_one(number: str) -> None:
    other = str(office.people()[1]["customer_no"])
    found = claim(number)
    assert found is not None
    with transaction() as session:
        assert not say_his(session, other, found.account_id, Shown.DOCUMENT, CLERK)
        assert not end_claim(session, other, found.account_id, Shown.DOCUMENT, CLERK)


def test_one_that_nobody_has_proven_yet_ends_with_its_link(database: str) -> None:
    office.fill_register()
    office.worked_off(office.online("ebok_signup", 0))
    number = str(office.people()[0]["customer_no"])
    found = claim(number)
    assert found is not None and found.blocks and not found.works
    with transaction() as session:
        assert not say_his(session, number, found.account_id, Shown.DOCUMENT, CLERK), "whose mailbox, nobody knows"
        assert end_claim(session, number, found.account_id, Shown.DOCUMENT, CLERK)
    with reading() as session:
        assert set(session.scalars(select(Proof.void))) == {"withdrawn"}
    assert claim(number) is None


def test_on_the_telephone_only_a_right_answer_counts_and_only_so_many(
    number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBOK_CASE_TRIES", "2")
    get_settings.cache_clear()
    with transaction() as session:
        session.get_one(Customer, number).pesel = "44051401359"

    def answered(tail: str) -> str | None:
        with transaction() as session:
            return require_shown(session, number, Shown.CALLER, Caller(number, "pesel", tail), CLERK)

    assert answered("1359") is None
    assert answered("0000") is not None
    assert audited("caller_unknown") == [(CLERK, f"customer:{number}", None)]
    assert answered("") is not None
    with pytest.raises(NotShownError, match="za godzinę"):
        answered("1359")
    with reading() as session:
        assert require_shown(session, number, Shown.DOCUMENT, NOTHING, CLERK) is None
        with pytest.raises(NotShownError, match="Nie ma klienta"):
            require_shown(session, "1", Shown.DOCUMENT, NOTHING, CLERK)
