"""Authority over a customer number: given to the owner of another account, taken up, withdrawn, given back.

It is given to an e-mail address, with a scope and a last day, by whoever owns the number or by a clerk for what came on
paper. A link goes there, which works once and up to a day; it is taken up in the account whose login that address is,
and in no other, so that a forwarded message opens nothing. Both sides are told each time, in words that name nobody.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from access import tries
from audit.trail import record
from confirmations.account_messages import compose_account_notice, compose_customer_notice
from confirmations.allowance import has_room
from confirmations.message import page_address
from confirmations.polish import long_date
from customers.accounts import open_account
from customers.acting import agent
from customers.proofs import lock_customer, token_digest
from customers.records import RegisterLookup
from customers.tables import Account, AccountNumber, Authority
from environment import clock
from environment.settings import get_settings
from portal.addresses import address_of
from portal.views import OWNER, Scope

LONGEST: Final = timedelta(days=731)
"""How long an authority may last: two years."""
_TOKEN_BYTES: Final = 24
_DAY: Final = 24 * 60
_DOUBLE_CLICK: Final = timedelta(minutes=1)
_MOST: Final = 20
"""Authorities over one number at a time."""


class AuthorityError(Exception):
    """What was asked for cannot be; ``field`` is where in the form, '' for all of it, ``message`` is Polish."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(field)
        self.field = field
        self.message = message


class TooManyAuthoritiesError(AuthorityError):
    """So many were given today, or went to that address, that no other may."""

    def __init__(self) -> None:
        super().__init__(
            "email", "Dano już dziś wiele pełnomocnictw albo na ten adres poszło już kilka wiadomości. Spróbuj jutro."
        )


class InvitationError(Exception):
    """A link by which nothing is taken up: none of ours, used, over, or withdrawn.

    ``elsewhere``: it is good, and was sent to another address than the login of the account that asks.
    """

    def __init__(self, *, elsewhere: bool = False) -> None:
        super().__init__("invitation")
        self.elsewhere = elsewhere


@dataclass(frozen=True, slots=True)
class Given:
    """An authority that has not ended, as its giver and the office see it; ``taken_up`` is None while it waits."""

    number: int
    customer_no: str
    email: str = field(repr=False)
    scope: Scope
    until: date
    given_at: datetime
    taken_up: datetime | None
    by_office: bool
    paper: str | None
    link_over: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """What a link offers to the account that opened it."""

    customer_no: str
    giver: str = field(repr=False)
    scope: Scope
    until: date


def give_by_owner(session: Session, customer_no: str, email: str, scope: Scope, until: date) -> None:
    """Give authority as whoever owns the number; AuthorityError, also where hour and day leave no room.

    The same once more within a minute, as by a double click, changes nothing.
    """
    lock_customer(session, customer_no)
    if any(_is_just_that(one, email, scope, until) for one in given(session, customer_no)):
        return
    key, most = f"authorities:{customer_no}", get_settings().authorities_per_day
    if not (tries.allowed(session, key, most=most, minutes=_DAY) and has_room(session, email)):
        raise TooManyAuthoritiesError
    tries.note_wrong(session, key)
    give(session, customer_no, email, scope, until)


def _is_just_that(one: Given, email: str, scope: Scope, until: date) -> bool:
    same = (one.email, one.scope, one.until) == (email, scope, until)
    return same and one.taken_up is None and clock.now() - one.given_at < _DOUBLE_CLICK


def agent_address(typed: str) -> tuple[str, str | None]:
    """The address of who is to get authority, and what is wrong with it."""
    return address_of(typed, "Wpisz adres e-mail pełnomocnika.")


def give(
    session: Session,
    customer_no: str,
    email: str,
    scope: Scope,
    until: date,
    *,
    actor: str = OWNER,
    paper: str | None = None,
) -> str:
    """Give authority and send the link, whose token it gives; AuthorityError.

    ``paper`` is the case of what came on paper, by a clerk.
    """
    lock_customer(session, customer_no)
    today, account = clock.today(), open_account(session, customer_no)
    if not today <= until <= today + LONGEST:
        raise AuthorityError("until", f"Wybierz dzień od dziś do {today + LONGEST:%d.%m.%Y}.")
    if account is not None and account.login == email:
        raise AuthorityError("email", "To jest adres właściciela tego numeru. Wpisz adres pełnomocnika.")
    open_ones = given(session, customer_no)
    if any(one.email == email and not one.link_over for one in open_ones):
        raise AuthorityError("email", "Ta osoba ma już pełnomocnictwo. Wycofaj je, jeśli chcesz dać inne.")
    if len(open_ones) >= _MOST:
        raise AuthorityError("", f"Jest już {_MOST} pełnomocnictw do tego numeru. Wycofaj te, które są niepotrzebne.")
    token, moment = secrets.token_hex(_TOKEN_BYTES), clock.now()
    link_ends = moment + timedelta(days=get_settings().proof_days)
    row = Authority(
        customer_no=customer_no,
        email=email,
        scope=scope.value,
        given_by=actor,
        given_at=moment,
        until=until,
        paper=paper,
        token_digest=token_digest(token),
        link_ends=link_ends,
    )
    session.add(row)
    session.flush()
    link, last = page_address(f"ebok/pelnomocnictwo/{token}"), clock.last_day(link_ends)
    compose_account_notice(
        session,
        "authority_invitation",
        email,
        customer_no,
        tracking=_tracking(row, account),
        again=f"{row.id}",
        link=link,
        until=long_date(last),
    )
    _tell_giver(session, "authority_given", row, account, on_paper=paper is not None)
    _audit(session, actor, "authority_given", row)
    return token


def given(session: Session, customer_no: str) -> list[Given]:
    """The authorities over a number that have not ended, the oldest first."""
    of_number = (Authority.customer_no == customer_no, Authority.ended_at.is_(None), Authority.until >= clock.today())
    return [
        Given(
            row.id,
            row.customer_no,
            row.email,
            Scope(row.scope),
            row.until,
            row.given_at,
            row.accepted_at,
            row.given_by != OWNER,
            row.paper,
            row.accepted_at is None and row.link_ends <= clock.now(),
        )
        for row in session.scalars(select(Authority).where(*of_number).order_by(Authority.id))
    ]


def offered(session: Session, token: str, account_id: int, login: str) -> Offered:
    """What a link offers, doing nothing; InvitationError."""
    row = _usable(session, token, login)
    customer = RegisterLookup(session).find(row.customer_no)
    owner = open_account(session, row.customer_no)
    if customer is None or (owner is not None and owner.id == account_id):
        raise InvitationError
    return Offered(row.customer_no, customer.name, Scope(row.scope), row.until)


def take_up(session: Session, token: str, account_id: int, login: str) -> str:
    """Use a link in the account whose login it was sent to; gives the customer number. InvitationError.

    The same account once more, as by a double click, changes nothing.
    """
    wanted = session.scalar(_by_link(token))
    if wanted is not None:
        lock_customer(session, wanted.customer_no)
        held = _by_link(token).where(Authority.account_id == account_id)  # by another use that may have held the lock
        if session.scalar(held.execution_options(populate_existing=True)) is not None:
            return wanted.customer_no
    offered(session, token, account_id, login)
    row = _usable(session, token, login)
    row.account_id, row.accepted_at = account_id, clock.now()
    session.flush()
    owner = open_account(session, row.customer_no)
    _tell_agent(session, "authority_accepted", row)
    _tell_giver(session, "authority_accepted", row, owner)
    _audit(session, _agent(session, row), "authority_accepted", row)
    return row.customer_no


def withdraw(session: Session, customer_no: str, number: int, actor: str) -> bool:
    """End an authority over that number at once, as its giver or a clerk; whether there was one."""
    lock_customer(session, customer_no)
    of_number = (Authority.id == number, Authority.customer_no == customer_no, Authority.ended_at.is_(None))
    row = session.scalar(select(Authority).where(*of_number))
    if row is None:
        return False
    _end(session, row, actor)
    return True


def give_back(session: Session, account_id: int, customer_no: str) -> bool:
    """End what an account has of authority over that number, at its owner's wish; whether there was any."""
    lock_customer(session, customer_no)
    of_agent = (Authority.account_id == account_id, Authority.customer_no == customer_no, Authority.ended_at.is_(None))
    rows = session.scalars(select(Authority).where(*of_agent)).all()
    for row in rows:
        _end(session, row, _agent(session, row))
    return bool(rows)


def held_by(account_id: int) -> Select[tuple[Authority]]:
    """Asks for what the owner of an account was given and that has not ended."""
    in_force = (Authority.ended_at.is_(None), Authority.until >= clock.today())
    return select(Authority).where(Authority.account_id == account_id, *in_force)


def end_all(session: Session, account: Account, actor: str | None = None, *, tells_owner: bool = True) -> None:
    """End all that the owner of an account gave, and all that he was given: his account closes.

    ``actor`` is who ends it, None for himself; ``tells_owner``: he is told of each, as all others are.
    """
    held = select(Authority).where(Authority.account_id == account.id, Authority.ended_at.is_(None))
    for row in session.scalars(held).all():
        _end(session, row, actor or agent(account.customer_no, row.id), tells_agent=tells_owner)
    further = select(AccountNumber.customer_no).where(
        AccountNumber.account_id == account.id, AccountNumber.state == "active"
    )
    number = Authority.customer_no
    given_by_him = (or_(number == account.customer_no, number.in_(further)), Authority.given_by == OWNER)
    _end_over(session, actor or OWNER, *given_by_him, tells_giver=tells_owner)


def end_of_number(session: Session, customer_no: str) -> None:
    """End what the owner of an account gave over a number that leaves it."""
    _end_over(session, OWNER, Authority.customer_no == customer_no, Authority.given_by == OWNER)


def end_of_customer(session: Session, customer_no: str, actor: str) -> None:
    """End all over the number of a customer who is erased, what came on paper too; those who acted for him are told."""
    _end_over(session, actor, Authority.customer_no == customer_no, tells_giver=False)


def _end_over(session: Session, actor: str, *over: ColumnElement[bool], tells_giver: bool = True) -> None:
    """End what was given; what came on paper does not rest on the account of who gave it."""
    for row in session.scalars(select(Authority).where(*over, Authority.ended_at.is_(None))).all():
        _end(session, row, actor, tells_giver=tells_giver)


def _end(session: Session, row: Authority, actor: str, *, tells_agent: bool = True, tells_giver: bool = True) -> None:
    waited = row.accepted_at is None
    row.ended_at, row.ended_by, row.token_digest = clock.now(), actor, None
    session.flush()
    if row.until >= clock.today():
        owner = open_account(session, row.customer_no)
        if tells_agent and not waited:
            _tell_agent(session, "authority_ended", row)
        if tells_giver:
            _tell_giver(session, "authority_ended", row, owner)
    _audit(session, actor, "authority_ended", row)


def _agent(session: Session, row: Authority) -> str:
    """Who has taken it up, as the audit has it."""
    return agent(session.get_one(Account, row.account_id).customer_no, row.id)


def invitation(session: Session, token: str) -> Authority:
    """The authority that a link offers; InvitationError."""
    row = session.scalar(_by_link(token).execution_options(populate_existing=True))
    if row is None or row.accepted_at is not None or row.link_ends <= clock.now():
        raise InvitationError
    return row


def _by_link(token: str) -> Select[tuple[Authority]]:
    """Asks for what a link was about, taken up or not, as long as it is not over."""
    of_link = Authority.token_digest == token_digest(token)
    return select(Authority).where(of_link, Authority.ended_at.is_(None), Authority.until >= clock.today())


def _usable(session: Session, token: str, login: str) -> Authority:
    row = invitation(session, token)
    if row.email != login:
        raise InvitationError(elsewhere=True)
    return row


def _tracking(row: Authority, owner: Account | None) -> str:
    """The case that its messages belong to: the paper's, or that by which the giver's account was opened."""
    return row.paper or (owner.tracking if owner is not None else "")


def _tell_agent(session: Session, template: str, row: Authority) -> None:
    """To the login of his account, as all that is told of it: it goes with that account, and is among his data."""
    account = session.get_one(Account, row.account_id)
    compose_account_notice(
        session,
        template,
        account.login,
        account.customer_no,
        tracking=account.tracking,
        again=f"{row.id}-agent",
        giver=False,
    )


def _tell_giver(session: Session, template: str, row: Authority, owner: Account | None, **said: bool) -> None:
    """To the login of the account that has the number; without one wherever the customer is reached."""
    told: dict[str, Any] = {"tracking": _tracking(row, owner), "again": f"{row.id}-giver", "giver": True, **said}
    if owner is not None and owner.state == "active":
        compose_account_notice(session, template, owner.login, row.customer_no, **told)
    elif (customer := RegisterLookup(session).find(row.customer_no)) is not None:
        compose_customer_notice(session, template, customer, **told)


def _audit(session: Session, actor: str, action: str, row: Authority) -> None:
    detail = {"authority": row.id, "scope": row.scope, "until": row.until.isoformat(), "paper": row.paper}
    record(session, actor=actor, action=action, subject=f"customer:{row.customer_no}", detail=detail)
