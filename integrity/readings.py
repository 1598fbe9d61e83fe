"""Readings that customers reported against the store of originals, the exports to billing and the outbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, not_, or_

from billing.metering.tables import OF_READING, ReadingExport, ReadingState, ReportedReading
from confirmations.tables import NO_CASE, Message
from documents import claims
from documents.tables import Original
from environment import clock
from integrity.differences import Comparison, DifferenceKind
from integrity.rows import Rows

_NAME: Final = "Odczyty wodomierzy"
_LONG: Final = timedelta(days=1)


def _without_photo() -> ColumnElement[bool]:
    sha256 = ReportedReading.photo_sha256
    kept = (Original.sha256 == sha256, claims.kept_for(claims.READINGS), Original.erased_at.is_(None))
    return and_(sha256.is_not(None), not_(exists().where(*kept)))


def _of_no_export() -> ColumnElement[bool]:
    exported = ReportedReading.state == ReadingState.EXPORTED.value
    known = exists().where(ReadingExport.number == ReportedReading.export_no)
    return or_(and_(exported, not_(known)), and_(not_(exported), ReportedReading.export_no.is_not(None)))


def _not_written() -> ColumnElement[bool]:
    return and_(ReadingExport.written_at.is_(None), ReadingExport.begun_at < clock.now() - _LONG)


def _of_nothing() -> ColumnElement[bool]:
    of_reading = exists().where(ReportedReading.message_key == Message.key)
    return and_(Message.tracking == NO_CASE, Message.key.startswith(OF_READING), not_(of_reading))


COMPARISONS: Final[tuple[Comparison, ...]] = (
    Rows(
        _NAME,
        DifferenceKind(
            "reading_photo_lost",
            "Odczyt ma zdjęcie, którego nie ma wśród przechowywanych plików.",
            "Porównaj tabelę originals z kopią zapasową bazy i przywróć, co zginęło.",
        ),
        ReportedReading.id,
        ReportedReading.number,
        _without_photo,
    ),
    Rows(
        _NAME,
        DifferenceKind(
            "reading_of_no_export",
            "Stan odczytu nie zgadza się z eksportami do rozliczeń.",
            "Porównaj tabelę reading_exports z kopią zapasową bazy; sprawdź w rozliczeniach, czy mają ten odczyt.",
        ),
        ReportedReading.id,
        ReportedReading.number,
        _of_no_export,
    ),
    Rows(
        _NAME,
        DifferenceKind(
            "reading_export_left",
            "Eksport odczytów zaczęto i nie ma jego pliku.",
            "Uruchom ebok billing export-readings: dokończy go pod tym samym numerem.",
        ),
        ReadingExport.number,
        ReadingExport.number,
        _not_written,
    ),
    Rows(
        _NAME,
        DifferenceKind(
            "message_of_no_reading",
            "Wiadomość o odczycie nie należy do żadnego odczytu.",
            "Porównaj tabelę reported_readings z kopią zapasową bazy i przywróć, co zginęło.",
        ),
        Message.id,
        Message.subject,
        _of_nothing,
    ),
)
"""What is compared here."""
