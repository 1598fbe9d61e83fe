"""Who agreed to a Regulamin is told by e-mail before a new version of it is in force, as the Regulamin promises.

Nobody switches that off, and it depends on no setting. Whoever has an account is told of the Regulamin eBOK, whoever
gets e-invoices of theirs: by the proven address of that moment, one message for each address, version and first day.
The run goes through them in bundles, each in a short transaction of its own; whoever is killed is gone on with from the
beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from confirmations.message import page_address
from confirmations.notice_rules import TERMS_TEMPLATES
from confirmations.outbox import enqueue_notices
from confirmations.recipients import Recipient
from confirmations.tables import NO_CASE, Medium, Message, RecipientRole
from customers.bulk import is_one_of
from customers.consents import EINVOICE
from customers.register import deliveries_on
from customers.tables import Account, Consent
from database.encryption import digester
from database.engine import insert_all_absent
from database.pace import Pace
from environment import clock
from environment.settings import get_settings
from forms.terms import REGULAMINS, Terms, versions, what_changes
from notices.tables import TERMS_KIND, ToldNotice

_BUNDLE: Final = 500
_LEAST: Final = 20
_SPARE: Final = timedelta(days=10)
"""So much sooner than promised: for what a server puts off, what comes back, and what a clerk has to decide then."""
_DIGITS: Final = 32
_WITHDRAWAL: Final = "formularze/einvoice_withdrawal"
_OVER: Final = (
    "Niepotrzebne: konto jest zamknięte, zgoda wycofana, nowa wersja regulaminu już zaakceptowana albo jej dzień "
    "przesunięty."
)


@dataclass(frozen=True, slots=True)
class Late:
    """A version of which somebody is told later than promised, or will be; ``last_day`` was the last one in time."""

    terms: Terms
    last_day: date


@dataclass(frozen=True, slots=True)
class _Holder:
    """Who agreed to a Regulamin, how the database finds him, and where he is reached today.

    ``begun`` is a condition that he agreed by that day, its last one.
    """

    place: InstrumentedAttribute[int]
    number: InstrumentedAttribute[str]
    holds: Callable[[Terms, date], tuple[ColumnElement[bool], ...]]
    begun: Callable[[date], ColumnElement[bool]]
    addresses: Callable[[Session, Collection[str]], dict[str, str]]


def tell_changes() -> dict[Terms, int]:
    """Tell whoever is to be told today and was not; how many messages were written, by version. Safe to repeat."""
    return {terms: _tell(terms) for terms in told_on(clock.today())}


def told_on(day: date) -> list[Terms]:
    """The versions of which is told on that day; of the first one nobody is, as it changes nothing."""
    return [
        terms
        for key in REGULAMINS
        for terms in versions(key)[1:]
        if last_day_for(terms) - _SPARE <= day <= terms.in_force_from + _promised()
    ]


def last_day_for(terms: Terms) -> date:
    """The last day on which telling of a version keeps the promise."""
    return terms.in_force_from - _promised()


def late(session: Session) -> list[Late]:
    """The versions of which those who agreed in time are told too late; also those of whom it is plain by now."""
    today = clock.today()
    found = []
    for terms in told_on(today):
        last_day, who = last_day_for(terms), _HOLDERS[terms.key]
        told = and_(ToldNotice.kind == TERMS_KIND, ToldNotice.subject == _subject(terms))
        in_time = exists().where(told, ToldNotice.customer_no == who.number, ToldNotice.decided_at < _after(last_day))
        owed = _concerned(terms, today).where(who.begun(last_day), ~in_time)
        if today > last_day and session.execute(owed.limit(1)).first() is not None:
            found.append(Late(terms, last_day))
    return found


def judge_terms(session: Session, message: Message) -> Recipient | str:
    """Where that message goes now; in Polish why nobody needs it any more. In the transaction that claims it.

    Who had his address in common with others and has another one by now gets a message of his own.
    """
    terms = _named(message)
    rows = session.scalars(select(ToldNotice).where(ToldNotice.email_key == message.key).order_by(ToldNotice.id)).all()
    now = {} if terms is None else _reached(session, terms, [row.customer_no for row in rows])
    if not now or terms is None:
        return _OVER
    there = message.recipient if message.recipient in now.values() else next(iter(now.values()))
    moved = {number: address for number, address in now.items() if address != there}
    for row in rows:
        if row.customer_no in moved:
            session.delete(row)
    session.flush()
    _write(session, terms, moved)
    return Recipient(Medium.EMAIL, there, True, RecipientRole.NOTICE, message.customer_no)


def _tell(terms: Terms) -> int:
    pace, after, written = Pace(_BUNDLE, _LEAST), 0, 0
    who, today = _HOLDERS[terms.key], clock.today()
    while True:
        with pace.transaction() as session:
            wanted = _concerned(terms, today).where(who.place > after).order_by(who.place).limit(pace.size)
            rows: Sequence[Row[Any]] = session.execute(wanted.with_for_update(of=who.place.class_)).all()
            if not rows:
                return written
            after = rows[-1][0]
            written += _write(session, terms, who.addresses(session, [row[1] for row in rows]))


def _write(session: Session, terms: Terms, addresses: Mapping[str, str]) -> int:
    """Tell these customer numbers there, but for those who were told; how many messages were written."""
    subject, at, digest = _subject(terms), clock.now(), digester()
    of_these = is_one_of(session, ToldNotice.customer_no, list(addresses))
    known = select(ToldNotice.customer_no).where(of_these, ToldNotice.kind == TERMS_KIND, ToldNotice.subject == subject)
    before = set(session.scalars(known))
    keys = {
        number: f"terms:{terms.key}:{terms.version}:{digest('terms', subject, address)[:_DIGITS]}"
        for number, address in addresses.items()
        if number not in before
    }
    there = set(session.scalars(select(Message.key).where(is_one_of(session, Message.key, sorted({*keys.values()})))))
    said = _said(terms)
    messages = {
        key: {
            "key": key,
            "channel": Medium.EMAIL.value,
            "recipient": addresses[number],
            "template": TERMS_TEMPLATES[terms.key],
            "context": said,
            "customer_no": number,
        }
        for number, key in keys.items()
        if key not in there
    }
    told = {"kind": TERMS_KIND, "subject": subject, "decided_at": at, "sms_key": None}
    insert_all_absent(
        session, ToldNotice, [{**told, "customer_no": each, "email_key": key} for each, key in keys.items()]
    )
    if messages:
        enqueue_notices(session, list(messages.values()))
    return len(messages)


def _said(terms: Terms) -> dict[str, Any]:
    """What its template asks for; it names nobody."""
    return {
        "tracking": NO_CASE,
        "about": f"zmiana {terms.of_title[:1].lower()}{terms.of_title[1:]}",
        "proven": True,
        "terms": terms.key,
        "version": terms.version,
        "in_force_from": terms.in_force_from.isoformat(),
        "changes": list(what_changes(terms)),
        "text_page": page_address(f"regulaminy/{terms.key}/{terms.version}"),
        "withdrawal_page": page_address(_WITHDRAWAL),
    }


def _concerned(terms: Terms, day: date) -> Select[Any]:
    """Place and customer number of each who agreed to an earlier version and is bound by it still."""
    who = _HOLDERS[terms.key]
    return select(who.place, who.number).where(*who.holds(terms, day))


def _reached(session: Session, terms: Terms, numbers: Collection[str]) -> dict[str, str]:
    """Those of these customer numbers who are concerned still, with the address of each; in a lasting order."""
    who = _HOLDERS[terms.key]
    still = _concerned(terms, clock.today()).where(is_one_of(session, who.number, numbers)).order_by(who.place)
    return who.addresses(session, [row[1] for row in session.execute(still)])


def _not_accepted(column: InstrumentedAttribute[str | None], terms: Terms) -> ColumnElement[bool]:
    later = [one.version for one in versions(terms.key) if one.in_force_from >= terms.in_force_from]
    return or_(column.is_(None), column.not_in(later))


def _accounts(terms: Terms, _day: date) -> tuple[ColumnElement[bool], ...]:
    return Account.state == "active", _not_accepted(Account.terms_version, terms)


def _logins(session: Session, numbers: Collection[str]) -> dict[str, str]:
    active = (Account.state == "active", is_one_of(session, Account.customer_no, numbers))
    return dict(session.execute(select(Account.customer_no, Account.login).where(*active)).tuples().all())


def _acceptances(terms: Terms, day: date) -> tuple[ColumnElement[bool], ...]:
    """Those in force that last until the version is: who withdraws before is not concerned."""
    until = or_(Consent.effective_to.is_(None), Consent.effective_to >= max(day, terms.in_force_from))
    proven = (Consent.email_proven_at.is_not(None), Consent.effective_from <= day)
    return Consent.subject == EINVOICE, *proven, until, _not_accepted(Consent.terms_version, terms)


def _invoice_addresses(session: Session, numbers: Collection[str]) -> dict[str, str]:
    today = clock.today()
    found = deliveries_on(session, [(number, today) for number in dict.fromkeys(numbers)])
    return {number: way.email for (number, _), way in found.items() if way.email}


_HOLDERS: Final[Mapping[str, _Holder]] = {
    "ebok": _Holder(
        Account.id, Account.customer_no, _accounts, lambda day: Account.activated_at < _after(day), _logins
    ),
    "einvoice": _Holder(
        Consent.id,
        Consent.customer_no,
        _acceptances,
        lambda day: Consent.effective_from <= day,
        _invoice_addresses,
    ),
}


def _named(message: Message) -> Terms | None:
    """The version that a message is about; None where the texts have it no more, or on another day."""
    key, version, day = (message.context[name] for name in ("terms", "version", "in_force_from"))
    return next((one for one in versions(key) if (one.version, f"{one.in_force_from}") == (version, day)), None)


def _subject(terms: Terms) -> str:
    """What it is told of: a version that is to be in force on another day than was told is told of anew."""
    return f"{terms.key} {terms.version} {terms.in_force_from}"


def _promised() -> timedelta:
    return timedelta(days=get_settings().terms_notice_days)


def _after(day: date) -> datetime:
    """When that day is over."""
    return clock.midnight(day + timedelta(days=1))
