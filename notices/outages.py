"""Outages of water as the office tells them: written, shown with whom they reach, told once, and told to be over."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from audit.trail import record
from confirmations.rendering import Content, render
from confirmations.sms_text import SmsSize, as_sms, size_of
from confirmations.tables import NO_CASE, Medium
from database.engine import reading, transaction
from database.pace import Pace
from environment import clock
from environment.settings import get_settings
from notices.kinds import NoticeKind
from notices.people import people_about
from notices.places import PARITIES, Houses, customers_at, known_place, named
from notices.tables import Outage, ToldNotice
from notices.telling import Telling, tell, told_before

_BUNDLE: Final = 200
_LEAST: Final = 20
_MOST_REMARK: Final = 300
_LONGEST: Final = timedelta(days=31)
"""An outage takes no longer: a day is mistyped."""
_LAST_HOUSE: Final = 9999
SHOWN: Final = 30


class OutageError(Exception):
    """What cannot be told so; ``field`` is where, the text is Polish, for the page."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class Reach:
    """How many customers take water there, and how many of them get the notice by which way."""

    customers: int
    by_both: int
    by_sms: int
    by_email: int
    switched_off: int
    without_account: int


def write(
    session: Session,
    *,
    street: str,
    first_house: str,
    last_house: str,
    parity: str,
    begins_at: str,
    ends_at: str,
    remark: str,
    by: str,
) -> int:
    """Write an outage as it was typed; nobody is told yet. Its number; OutageError."""
    place = known_place(session, street)
    if place is None:
        raise OutageError("street", "Nie ma takiej ulicy w rejestrze klientów. Wybierz ją z listy.")
    first, last = _house(first_house, "first_house"), _house(last_house, "last_house")
    if first is not None and last is not None and first > last:
        raise OutageError("last_house", "Drugi numer jest mniejszy od pierwszego.")
    begins, ends = _moment(begins_at, "begins_at"), _moment(ends_at, "ends_at")
    if ends <= begins:
        raise OutageError("ends_at", "Koniec jest przed początkiem.")
    if ends <= clock.now():
        raise OutageError("ends_at", "To już minęło.")
    if begins < clock.now() - _LONGEST or ends > begins + _LONGEST:
        raise OutageError("begins_at", "Sprawdź dni: przerwa trwałaby dłużej niż miesiąc.")
    if len(remark) > _MOST_REMARK:
        raise OutageError("remark", f"Najwyżej {_MOST_REMARK} znaków.")
    outage = Outage(
        street=place[0],
        streetless=place[1],
        first_house=first,
        last_house=last,
        parity=parity if parity in PARITIES else PARITIES[0],
        begins_at=begins,
        ends_at=ends,
        remark=" ".join(remark.split()) or None,
        by=by,
        written_at=clock.now(),
    )
    session.add(outage)
    session.flush()
    _audit(session, outage, by, "outage_written")
    return outage.number


def newest(session: Session) -> list[Outage]:
    """The last ones, the newest first."""
    return list(session.scalars(select(Outage).order_by(Outage.number.desc()).limit(SHOWN)))


def found(session: Session, number: int) -> Outage | None:
    """The outage of that number."""
    return session.get(Outage, number)


def place_of(outage: Outage) -> str:
    """Where it is, as a message tells it."""
    return named(outage.street, _houses(outage), streetless=outage.streetless)


def time_of(outage: Outage) -> str:
    """From when until when, as a message tells it."""
    zone = get_settings().zone
    begins, ends = outage.begins_at.astimezone(zone), outage.ends_at.astimezone(zone)
    if begins.date() == ends.date():
        return f"{begins:%d.%m.%Y}, {_hour(begins)}–{_hour(ends)}"
    return f"od {begins:%d.%m.%Y} {_hour(begins)} do {ends:%d.%m.%Y} {_hour(ends)}"


def texts(outage: Outage, kind: NoticeKind) -> tuple[str, SmsSize, Content]:
    """What it would say: the SMS with its size, and the e-mail."""
    said = {"tracking": NO_CASE, **_said(outage)}
    sms = as_sms(render(kind.template, said, Medium.SMS).plain)
    return sms, size_of(sms), render(kind.template, said, Medium.EMAIL)


def reach(session: Session, outage: Outage) -> Reach:
    """Whom it would reach now."""
    numbers = _concerned(session, outage)
    people = people_about(session, numbers)
    ways = Counter(
        (one.sms_for(NoticeKind.OUTAGE) is not None, one.email_for(NoticeKind.OUTAGE) is not None) for one in people
    )
    return Reach(
        len(numbers),
        ways[True, True],
        ways[True, False],
        ways[False, True],
        ways[False, False],
        len(numbers) - len(people),
    )


def announce(session: Session, number: int, by: str) -> None:
    """Say that it is to be told; ``tell_of`` does it. Nothing where it was said before; OutageError when it is over."""
    outage = _locked(session, number)
    if outage.announced_at is not None:
        return
    if outage.ends_at <= clock.now():
        raise OutageError("ends_at", "Ta przerwa już się skończyła.")
    outage.announced_at = clock.now()
    _audit(session, outage, by, "outage_announced")


def restore(session: Session, number: int, by: str) -> None:
    """Say that water is back, which those are told who were told of the outage; nothing where nobody was yet."""
    outage = _locked(session, number)
    if outage.announced_at is None or outage.restored_at is not None:
        return
    outage.restored_at = clock.now()
    _audit(session, outage, by, "outage_restored")


def discard(session: Session, number: int, by: str) -> None:
    """Delete one of which nobody is told."""
    outage = _locked(session, number)
    if outage.announced_at is None:
        _audit(session, outage, by, "outage_discarded")
        session.delete(outage)
        session.flush()


def told(session: Session, number: int) -> Counter[str]:
    """How many messages were written of it, by kind and medium."""
    rows = session.execute(
        select(ToldNotice.kind, ToldNotice.sms_key, ToldNotice.email_key).where(
            ToldNotice.subject == str(number), ToldNotice.kind.in_((NoticeKind.OUTAGE, NoticeKind.RESTORED))
        )
    )
    counts = Counter[str]()
    for kind, sms, email in rows:
        counts[f"{kind}-sms"] += sms is not None
        counts[f"{kind}-email"] += email is not None
    return counts


def tell_of(number: int) -> Counter[Medium]:
    """Write what is to be told of an outage, bundle by bundle; who was killed goes on there. Messages by medium."""
    written = Counter[Medium]()
    with reading() as session:
        outage = session.get_one(Outage, number)
        kind = NoticeKind.OUTAGE if outage.restored_at is None else NoticeKind.RESTORED
        if (outage.told_at if kind is NoticeKind.OUTAGE else outage.restored_told_at) is not None:
            return written
        numbers = _concerned(session, outage) if kind is NoticeKind.OUTAGE else _told_of(session, number)
    subject, said, pace = str(number), _said(outage), Pace(_BUNDLE, _LEAST)
    while numbers:
        part, numbers = numbers[: pace.size], numbers[pace.size :]
        with pace.transaction() as session:
            people = people_about(session, part, hold=True)
            before = told_before(session, kind, part)
            fresh = [one for one in people if (one.customer_no, subject) not in before]
            written += tell(session, kind, [Telling(one, (subject,), said) for one in fresh])
    with transaction() as session:
        outage = _locked(session, number)
        if kind is NoticeKind.OUTAGE:
            outage.told_at = clock.now()
        else:
            outage.restored_told_at = clock.now()
    return written


def tell_waiting() -> Counter[Medium]:
    """The same of each outage that somebody has begun to tell, and did not end."""
    outages = and_(Outage.announced_at.is_not(None), Outage.told_at.is_(None), Outage.restored_at.is_(None))
    restored = and_(Outage.restored_at.is_not(None), Outage.restored_told_at.is_(None))
    with reading() as session:
        waiting = session.scalars(select(Outage.number).where(or_(outages, restored)).order_by(Outage.number)).all()
    return sum((tell_of(number) for number in waiting), Counter[Medium]())


def _told_of(session: Session, number: int) -> list[str]:
    """Those to whom a message was written of it."""
    reached = or_(ToldNotice.sms_key.is_not(None), ToldNotice.email_key.is_not(None))
    found = select(ToldNotice.customer_no).where(
        ToldNotice.kind == NoticeKind.OUTAGE.value, ToldNotice.subject == str(number), reached
    )
    return list(session.scalars(found.order_by(ToldNotice.customer_no)))


def _concerned(session: Session, outage: Outage) -> list[str]:
    day = clock.local_day(outage.begins_at)
    return customers_at(session, outage.street, _houses(outage), day, streetless=outage.streetless)


def _said(outage: Outage) -> dict[str, Any]:
    return {"place": place_of(outage), "time": time_of(outage), "remark": outage.remark}


def _houses(outage: Outage) -> Houses:
    return Houses(outage.first_house, outage.last_house, outage.parity)


def _hour(moment: datetime) -> str:
    return f"{moment.hour}:{moment:%M}"


def _house(typed: str, field: str) -> int | None:
    text = typed.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text[:5]) <= _LAST_HOUSE):
        raise OutageError(field, "Wpisz sam numer domu, bez litery i numeru lokalu, albo zostaw puste.")
    return int(text)


def _moment(typed: str, field: str) -> datetime:
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        raise OutageError(field, "Podaj dzień i godzinę.") from None
    return found.replace(tzinfo=get_settings().zone) if found.tzinfo is None else found


def _locked(session: Session, number: int) -> Outage:
    return session.get_one(Outage, number, with_for_update=True, populate_existing=True)


def _audit(session: Session, outage: Outage, by: str, action: str) -> None:
    record(session, actor=by, action=action, subject=f"outage:{outage.number}")
