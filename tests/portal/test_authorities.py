"""Authority over somebody else's number, on both databases: taken up once, in one account, and ended at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from audit.tables import AuditEntry
from benchmarks import office
from confirmations.rendering import as_text, render
from confirmations.tables import Medium, Message
from customers.erasing import end_authorities
from customers.tables import Account, Authority
from database.engine import reading, transaction
from environment import clock
from portal import authorities
from portal.authorities import AuthorityError, InvitationError
from portal.closing import close_account
from portal.views import Scope, View, views_of

GIVER, AGENT = "klient@example.com", "zarzadca@example.com"


@pytest.fixture(autouse=True)
def account(database: str) -> int:
    """Accounts of a giver and of an agent; the agent's."""
    office.fill_register()
    office.open_account(number(), GIVER)
    office.open_account(number(1), AGENT)
    with reading() as session:
        return session.scalars(select(Account.id).where(Account.login == AGENT)).one()


def number(place: int = 0) -> str:
    return str(office.people()[place]["customer_no"])


def give(email: str = AGENT, scope: Scope = Scope.ACT, days: int = 30) -> str:
    with transaction() as session:
        until = clock.today() + timedelta(days=days)
        return authorities.give(session, number(), email, scope, until)


def take_up(token: str, account: int, login: str = AGENT) -> str:
    with transaction() as session:
        return authorities.take_up(session, token, account, login)


def seen(account: int) -> tuple[View, ...]:
    with reading() as session:
        return views_of(session, account, number(1), clock.today())[1:]


def rows(**values: object) -> None:
    with transaction() as session:
        session.execute(update(Authority).values(**values))


def told() -> list[tuple[str, str]]:
    with reading() as session:
        return [(one.template, one.recipient) for one in session.scalars(select(Message).order_by(Message.id))]


def test_it_is_taken_up_once_and_both_sides_are_told_in_words_that_name_nobody(account: int) -> None:
    token = give()
    assert seen(account) == (), "nothing before it is taken up"
    assert take_up(token, account) == number()
    (view,) = seen(account)
    assert (view.customer_no, view.scope, view.permissions) == (number(), Scope.ACT, Scope.ACT.permissions)
    assert take_up(token, account) == number(), "the second click of a double one"
    assert told() == [
        ("authority_invitation", AGENT),
        ("authority_given", GIVER),
        ("authority_accepted", AGENT),
        ("authority_accepted", GIVER),
    ]
    known = {str(office.people()[place][name]) for place in (0, 1) for name in ("customer_no", "name")}
    with reading() as session:
        to_agent = session.scalars(select(Message.customer_no).where(Message.template == "authority_accepted"))
        assert list(to_agent) == [number(1), number()], "each is among the data of whoever it went to"
        for message in session.scalars(select(Message)):
            text = as_text(render(message.template, message.context, Medium.EMAIL)).replace(message.tracking, "")
            assert not {value for value in known | {GIVER, AGENT} if value in text}
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action.like("authority%"))).all()
    assert [(one.actor, one.action, one.subject) for one in entries] == [
        ("customer", "authority_given", f"customer:{number()}"),
        (f"agent:{number(1)}/1", "authority_accepted", f"customer:{number()}"),
    ]


def test_a_link_that_reached_somebody_else_gives_him_nothing(account: int) -> None:
    token = give(email="ktos@example.com")
    with pytest.raises(InvitationError) as refused:
        take_up(token, account)
    assert refused.value.elsewhere
    with pytest.raises(InvitationError) as refused:
        take_up("nic", account)
    assert not refused.value.elsewhere


def test_it_ends_at_once_by_who_gave_it_by_who_has_it_and_with_its_day(account: int) -> None:
    for way in ("withdrawn", "given back", "over"):
        take_up(give(), account)
        assert len(seen(account)) == 1
        with reading() as session:
            (given,) = authorities.given(session, number())
        with transaction() as session:
            if way == "withdrawn":
                assert not authorities.withdraw(session, number(1), given.number, "customer"), "not another's"
                assert authorities.withdraw(session, number(), given.number, "customer")
            elif way == "given back":
                assert authorities.give_back(session, account, number())
        if way == "over":
            rows(until=clock.today() - timedelta(days=1))
        else:
            assert set(told()[-2:]) == {("authority_ended", AGENT), ("authority_ended", GIVER)}
        assert seen(account) == ()


def test_an_invitation_that_was_withdrawn_or_is_too_old_opens_nothing(account: int) -> None:
    token = give()
    with transaction() as session:
        (given,) = authorities.given(session, number())
        authorities.withdraw(session, number(), given.number, "customer")
    with pytest.raises(InvitationError):
        take_up(token, account)
    token = give()
    rows(link_ends=clock.now())
    with pytest.raises(InvitationError):
        take_up(token, account)
    assert give() != token, "one that ran out stands in nobody's way"


@pytest.mark.parametrize(
    ("email", "days", "field"),
    [(AGENT, -1, "until"), (AGENT, 732, "until"), (GIVER, 30, "email")],
    ids=["over already", "longer than two years", "to himself"],
)
def test_what_cannot_be_given_is_refused(email: str, days: int, field: str) -> None:
    with pytest.raises(AuthorityError) as refused:
        give(email=email, days=days)
    assert refused.value.field == field
    assert told() == []


def test_whoever_has_it_already_is_not_invited_twice(account: int) -> None:
    take_up(give(), account)
    with pytest.raises(AuthorityError):
        give()


def test_an_account_that_closes_ends_what_its_owner_gave_and_was_given(account: int) -> None:
    take_up(give(), account)
    with transaction() as session:
        close_account(session, number(1), clock.today())
    with reading() as session:
        (row,) = session.scalars(select(Authority))
        assert (row.account_id, row.email, row.ended_by) == (None, "", f"agent:{number(1)}/{row.id}")
    assert ("authority_ended", GIVER) in told()
    give(email="inny@example.com")
    with transaction() as session:
        close_account(session, number(), clock.today())
    with reading() as session:
        assert authorities.given(session, number()) == []


def test_an_account_that_was_opened_by_mistake_leaves_no_authority_behind(account: int) -> None:
    take_up(give(), account)
    with transaction() as session:
        end_authorities(session, session.scalars(select(Account).where(Account.login == GIVER)).one())
    assert seen(account) == ()
    with reading() as session:
        (row,) = session.scalars(select(Authority))
        assert (row.ended_at is None, row.ended_by) == (False, "account erased")
