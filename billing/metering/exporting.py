"""Handing reported readings to billing: a file of the contract, each reading once, the same again by its number.

Readings join an export in one transaction; then the file is written under a name that is always the same. Whoever was
killed in between is gone on with at that place.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from audit.trail import record
from billing.contract import CUSTOMER_READINGS
from billing.metering.tables import ReadingExport, ReadingState, ReportedReading
from database.engine import insert_if_absent, reading, transaction
from environment import clock

_DRAFT: Final = ".draft"


class UnknownExportError(LookupError):
    """There is no export of that number."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How handing over stands: readings that wait for the next export, for a clerk, and when the last one was begun."""

    accepted: int
    waiting: int
    last: int | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class ExportedReadings:
    """One export: its number, its file, and how many readings it has."""

    number: int
    path: Path
    readings: int


def handed_over(session: Session) -> HandedOver:
    """How handing readings over to billing stands."""
    states = (ReadingState.ACCEPTED.value, ReadingState.WAITING.value)
    asked = select(ReportedReading.state, func.count()).where(ReportedReading.state.in_(states))
    counts: dict[str, int] = dict(session.execute(asked.group_by(ReportedReading.state)).tuples().all())
    last = session.scalars(select(ReadingExport).order_by(ReadingExport.number.desc()).limit(1)).first()
    accepted, waiting = (counts.get(state, 0) for state in states)
    return HandedOver(accepted, waiting, *((last.number, last.begun_at) if last else (None, None)))


def export_readings(folder: Path, actor: str) -> Iterator[ExportedReadings]:
    """Write what was begun and not finished, and then a new export of all that is accepted; none where that is nothing.

    OSError where the folder cannot be written.
    """
    with reading() as session:
        left = session.scalars(
            select(ReadingExport.number).where(ReadingExport.written_at.is_(None)).order_by(ReadingExport.number)
        ).all()
    for number in left:
        yield _written(folder, number)
    new = _begun(actor)
    if new is not None:
        yield _written(folder, new)


def export_again(folder: Path, number: int, actor: str) -> ExportedReadings:
    """Write that export once more, the same as it was; UnknownExportError."""
    with transaction() as session:
        if session.get(ReadingExport, number) is None:
            raise UnknownExportError
        _audit(session, actor, number, again=True)
    return _written(folder, number)


def _begun(actor: str) -> int | None:
    """A new export with all readings that are accepted by now."""
    with transaction() as session:
        last = session.scalar(select(func.coalesce(func.max(ReadingExport.number), 0))) or 0
        accepted = ReportedReading.state == ReadingState.ACCEPTED.value
        if session.scalar(select(ReportedReading.id).where(accepted).limit(1)) is None:
            return None
        new = {"number": last + 1, "begun_at": clock.now()}
        if not insert_if_absent(session, ReadingExport, new):
            return None  # another one begins it at this moment, with the same readings
        joining = update(ReportedReading).where(accepted)
        session.execute(joining.values(state=ReadingState.EXPORTED.value, export_no=last + 1))
        _audit(session, actor, last + 1, again=False)
        return last + 1


def _written(folder: Path, number: int) -> ExportedReadings:
    with reading() as session:
        of_it = select(ReportedReading).where(ReportedReading.export_no == number).order_by(ReportedReading.id)
        rows = [_row(one) for one in session.scalars(of_it)]
    path = folder / f"readings-{number:06d}.csv"
    folder.mkdir(parents=True, exist_ok=True)
    _write_whole(path, _csv(rows))
    with transaction() as session:
        unwritten = (ReadingExport.number == number, ReadingExport.written_at.is_(None))
        session.execute(update(ReadingExport).where(*unwritten).values(written_at=clock.now()))
    return ExportedReadings(number, path, len(rows))


def _row(one: ReportedReading) -> dict[str, object]:
    return {
        "reading_no": one.number,
        "customer_no": one.customer_no,
        "meter_no": one.meter_no,
        "read_on": one.read_on.isoformat(),
        "value": one.value,
        "way": one.source,
        "checked": "clerk" if one.decided_by else "machine",
    }


def _csv(rows: list[dict[str, object]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, CUSTOMER_READINGS.names, delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _write_whole(path: Path, text: str) -> None:
    """Under another name first, for its owner alone: billing takes no half of it."""
    draft = path.with_name(f".{path.name}{_DRAFT}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _audit(session: Session, actor: str, number: int, *, again: bool) -> None:
    detail = {"export": number, "again": again}
    record(session, actor=actor, action="readings_exported", subject="billing", detail=detail)
