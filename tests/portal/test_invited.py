"""An account of somebody who is no customer, on both databases: opened by his invitation, once, and gone with all."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from access.passwords import hashed
from audit.tables import AuditEntry
from benchmarks import office
from confirmations.message import put_message
from confirmations.recipients import Recipient
from confirmations.tables import Medium, Message, RecipientRole
from customers.agents import forget_agent, is_agent
from customers.delivery_list import deliveries_of_all
from customers.tables import Account, Authority, Consent, Customer
from database.engine import reading, transaction
from environment import clock
from integrity.checking import check, no_original
from portal import authorities, sessions
from portal.authorities import InvitationError
from portal.closing import close_account
from portal.invited import invited, open_account, terms_today
from portal.views import Permission, Scope
from retention import contacts

GIVER, MANAGER = "klient@example.com", "zarzadca@example.com"
PASSWORD = hashed("trzy zielone wiadra")


@pytest.fixture(autouse=True)
def _giver(database: str) -> None:
    office.fill_register()
    office.open_account(number(), GIVER)


def number(place: int = 0) -> str:
    return str(office.people()[place]["customer_no"])


def give(email: str = MANAGER) -> str:
    with transaction() as session:
        return authorities.give(session, number(), email, Scope.SEE, clock.today())


def opened(token: str) -> str:
    with transaction() as session:
        return open_account(session, token, PASSWORD, terms_today().version)


def seen(home: str) -> sessions.OpenSession:
    token = office.account_session(home)
    with reading() as session:
        found = sessions.who(session, token)
    assert found is not None
    return found


def test_it_has_what_its_owner_is_given_and_nothing_when_that_is_over() -> None:
    token = give()
    with reading() as session:
        assert (invited(session, token).email, invited(session, token).has_account) == (MANAGER, False)
    home = opened(token)
    found = seen(home)
    assert is_agent(home) and found.vouched and found.terms is None
    assert [(one.customer_no, one.permissions) for one in found.views] == [(home, frozenset())], "nothing is taken up"
    with transaction() as session:
        authorities.take_up(session, token, found.account_id, MANAGER)
    assert [(one.customer_no, one.may(Permission.SEE)) for one in seen(home).views] == [(number(), True)]
    with transaction() as session:
        authorities.give_back(session, found.account_id, number())
    assert [one.customer_no for one in seen(home).views] == [home]


def test_a_case_whose_number_begins_with_that_letter_keeps_its_messages() -> None:
    case = "PPWR-562J"
    recipient = Recipient(Medium.EMAIL, GIVER, True, RecipientRole.EXACT, number())
    with transaction() as session:
        key = put_message(session, case, "account_closed", recipient, None)
        assert session.scalars(select(Message.tracking).where(Message.key == key)).one() == case
    assert not any(is_agent(one) for one in (case, "P234-5678", "P23456789A", number()))


def test_a_link_opens_one_account_and_none_where_the_address_has_one() -> None:
    token, of_another = give(), give("wspolnik@example.com")
    home = opened(token)
    with pytest.raises(InvitationError):
        opened(token)
    assert opened(of_another) != home, "numbers are of one account each"
    with reading() as session, pytest.raises(InvitationError):
        invited(session, "no token of ours")


def test_consent_audit_and_message_are_kept_and_no_list_has_it() -> None:
    home = opened(give())
    with reading() as session:
        consent = session.scalars(select(Consent).where(Consent.customer_no == home)).one()
        assert (consent.terms_version, consent.email) == (terms_today().version, MANAGER)
        assert consent.email_proven_at is not None
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "agent_account_opened")).one()
        assert (entry.actor, entry.subject) == (f"agent:{home}/1", f"customer:{home}")
        told = session.scalars(select(Message).where(Message.template == "agent_account")).one()
        assert (told.recipient, told.tracking, told.customer_no) == (MANAGER, "", home)
        assert home not in {one.customer_no for one in deliveries_of_all(session, clock.today())}
    wrong = {one.subject for one in check(no_original).differences}
    assert home not in wrong and told.key not in wrong


def test_closing_leaves_the_proof_of_the_consent_and_in_the_end_nothing() -> None:
    token = give()
    home = opened(token)
    with transaction() as session:
        account = session.scalars(select(Account.id).where(Account.login == MANAGER)).one()
        authorities.take_up(session, token, account, MANAGER)
    with transaction() as session:
        assert close_account(session, home, clock.today())
    with transaction() as session:
        assert session.scalars(select(Account.login)).all() == [GIVER]
        assert session.scalars(select(Authority.ended_by)).all() == [f"agent:{home}/1"]
        forget_agent(session, home)
        assert session.get(Customer, home) is not None, "the consent rests on it"
        consent = session.scalars(select(Consent).where(Consent.customer_no == home)).one()
        consent.effective_to = date(2010, 1, 1)
    with transaction() as session:
        contacts.consents(session, clock.now(), 0)
    with reading() as session:
        assert session.get(Customer, home) is None
