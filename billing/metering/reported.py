"""What a customer sees of the readings that he reported, and the public state of one by its number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from billing.metering.tables import ReadingExport, ReadingState, ReportedReading
from billing.tables import READINGS, in_force
from environment import clock

_MOST: Final = 60
_WORDS: Final = {
    ReadingState.WAITING: "sprawdzi go pracownik biura",
    ReadingState.ACCEPTED: "przyjęty, przekażemy go do rozliczeń",
    ReadingState.EXPORTED: "przekazany do rozliczeń",
    ReadingState.REJECTED: "nieprzyjęty",
    ReadingState.REPLACED: "zastąpiony późniejszym",
}
_BILLED: Final = "rozliczony"


@dataclass(frozen=True, slots=True)
class Reported:
    """A reading as its customer sees it; ``told`` says in Polish what became of it, ``reason`` why it was rejected.

    ``authority`` is the number of that by which somebody reported it for him.
    """

    number: str
    meter_no: str
    day: date
    value: int
    state: ReadingState
    told: str
    taken_at: datetime
    reason: str | None
    authority: int | None


def reported_by(session: Session, customer_no: str) -> list[Reported]:
    """The newest readings of a customer, each with what became of it."""
    billed = exists().where(
        READINGS.c.meter_no == ReportedReading.meter_no,
        READINGS.c.read_on == ReportedReading.read_on,
        READINGS.c.source == "customer",
        in_force(READINGS),
    )
    found = session.execute(
        select(ReportedReading, billed, ReadingExport.begun_at)
        .outerjoin(ReadingExport, ReadingExport.number == ReportedReading.export_no)
        .where(ReportedReading.customer_no == customer_no)
        .order_by(ReportedReading.id.desc())
        .limit(_MOST)
    )
    return [
        Reported(
            row.number,
            row.meter_no,
            row.read_on,
            row.value,
            row.at,
            _told(row, billed=is_billed, exported_at=at),
            row.taken_at,
            row.reason,
            row.authority,
        )
        for row, is_billed, at in found
    ]


def _told(row: ReportedReading, *, billed: bool, exported_at: datetime | None) -> str:
    if row.at is not ReadingState.EXPORTED or exported_at is None:
        return _WORDS[row.at]
    return _BILLED if billed else f"{_WORDS[row.at]} {clock.local_day(exported_at):%d.%m.%Y}"


def state_told(session: Session, number: str) -> str | None:
    """What became of the reading of that number, in Polish; None where there is none. It tells of nobody."""
    found = session.scalar(select(ReportedReading.state).where(ReportedReading.number == number))
    return None if found is None else _WORDS[ReadingState(found)]
