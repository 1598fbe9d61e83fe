"""Taking a reading of a customer, each once: judged, kept, and told what becomes of it.

All functions work inside the caller's transaction and never commit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.trail import record
from billing.metering.history import Meter, shown_by
from billing.metering.plausibility import Judged, judge, told_second
from billing.metering.tables import LIVE, ReadingSource, ReadingState, ReportedReading
from customers.acting import authority_of
from customers.proofs import lock_customer
from database.encryption import digest
from documents import claims
from documents.tracking import new_tracking
from environment import clock

MOST_DIGITS: Final = 7
"""Black digits of a meter at the most: those of large pipes have more than those of flats."""
_PREFIX: Final = "OD-"
_OLDEST: Final = timedelta(days=366)
_DAY: Final = "%d.%m.%Y"


@dataclass(frozen=True, slots=True)
class GivenReading:
    """What a customer gives: ``mark`` is his sending's own, ``confirmed``: he was asked and says that it is so.

    ``actor`` is who gives it, as the audit has it: he, or who acts for him.
    """

    meter: Meter
    value: int
    day: date
    source: ReadingSource
    mark: str = field(repr=False)
    confirmed: bool = False
    photo_sha256: str | None = None
    phone: str | None = field(default=None, repr=False)
    actor: str = "customer"


@dataclass(frozen=True, slots=True)
class TakenReading:
    """A reading that is kept; ``again``: it was kept before."""

    number: str
    state: ReadingState
    value: int
    day: date
    again: bool = False


def wrong_day(session: Session, meter: Meter, day: date) -> str | None:
    """Why no reading of that day is taken, in Polish; None where one is."""
    today = clock.today()
    if day > today:
        return "Ten dzień jeszcze nie nadszedł. Wpisz dzień, w którym odczytano wodomierz."
    billed = [one.day for one in shown_by(session, [meter.meter_no])[meter.meter_no] if one.number is None]
    last = max(billed, default=None)
    if last is not None and day < last:
        return f"Zużycie do {last:{_DAY}} jest już rozliczone. Podaj odczyt z tego dnia albo późniejszy."
    if day < meter.installed_on:
        return f"Ten wodomierz zamontowano {meter.installed_on:{_DAY}}. Podaj odczyt z tego dnia albo późniejszy."
    if day < today - _OLDEST:
        return "To ponad rok temu. Odczytaj wodomierz jeszcze raz i podaj dzisiejszy stan."
    return None


def take(session: Session, given: GivenReading) -> TakenReading | Judged:
    """Keep a reading, or tell what speaks against it where that was not confirmed.

    The same sending again, and the same value of that day, are what they were before; a form that was gone back to
    and corrected is another sending. Another value for a day replaces the one that was not exported yet; where that
    one was, a clerk decides.
    """
    number = given.meter.customer_no
    lock_customer(session, number)
    mark = digest("reading", number, given.mark, given.meter.meter_no, given.day.isoformat(), str(given.value))
    if (known := _known(session, given, mark)) is not None:
        return TakenReading(known.number, known.at, known.value, known.read_on, again=True)
    judged, earlier = _judged(session, given)
    if judged is not None and not given.confirmed:
        return judged
    for one in earlier:
        if one.at is not ReadingState.EXPORTED:
            one.state = ReadingState.REPLACED.value
    state = ReadingState.ACCEPTED if judged is None else ReadingState.WAITING
    row = ReportedReading(
        number=f"{_PREFIX}{new_tracking()}",
        customer_no=number,
        meter_no=given.meter.meter_no,
        read_on=given.day,
        value=given.value,
        state=state.value,
        source=given.source.value,
        doubt=None if judged is None else judged.doubt.value,
        doubt_told=None if judged is None else judged.told,
        photo_sha256=_kept_photo(session, given),
        mark=mark,
        phone=given.phone,
        authority=authority_of(given.actor),
        taken_at=clock.now(),
    )
    session.add(row)
    session.flush()
    detail = {"reading": row.number, "source": row.source, "doubt": row.doubt}
    record(session, actor=given.actor, action="reading_taken", subject=f"customer:{number}", detail=detail)
    return TakenReading(row.number, state, row.value, row.read_on)


def _kept_photo(session: Session, given: GivenReading) -> str | None:
    """His photo, unless he thought so long about the question that it was let go of."""
    wanted = [given.photo_sha256] if given.photo_sha256 else []
    return next(iter(claims.kept(session, wanted, claims.READINGS)), None)


def _known(session: Session, given: GivenReading, mark: str) -> ReportedReading | None:
    """The row of this very sending, or of the same value of the same day."""
    sent = session.scalar(select(ReportedReading).where(ReportedReading.mark == mark))
    return sent or next((one for one in _of_day(session, given) if one.value == given.value), None)


def _judged(session: Session, given: GivenReading) -> tuple[Judged | None, list[ReportedReading]]:
    """What speaks against it, and what its customer gave for that day before."""
    earlier = _of_day(session, given)
    exported = next((one for one in earlier if one.at is ReadingState.EXPORTED), None)
    if exported is not None:
        return told_second(exported.value, given.day), earlier
    shown = shown_by(session, [given.meter.meter_no])[given.meter.meter_no]
    return judge(shown, given.value, given.day, given.meter.his_since), earlier


def _of_day(session: Session, given: GivenReading) -> list[ReportedReading]:
    """What counts of what this customer gave for that meter and day, the newest first; held, as clerks decide on it."""
    same = (
        ReportedReading.customer_no == given.meter.customer_no,
        ReportedReading.meter_no == given.meter.meter_no,
        ReportedReading.read_on == given.day,
        ReportedReading.state.in_(LIVE),
    )
    found = select(ReportedReading).where(*same).order_by(ReportedReading.id.desc()).with_for_update()
    return list(session.scalars(found.execution_options(populate_existing=True)))
