"""The report as files: its tables as an Excel workbook, and its documents, a line each, as CSV."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any, Final

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from documents.tables import Document, Transition
from environment.settings import get_settings
from reports.counting import local, named
from reports.facts import arrived, framed
from reports.model import Cell, Report, Share, text_of
from reports.span import Span
from reports.wording import titles, why, written
from review.wording import CHANNELS, STATES

_NOT_IN_NAMES: Final = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME: Final = 31
_BOLD: Final = Font(bold=True)
_MINUTE: Final = "%d.%m.%Y %H:%M"
"""As ``clock.local_time`` and the workbook write times: a Polish spreadsheet takes that for a time, too."""


def workbook(report: Report) -> bytes:
    """An Excel file with a sheet a section; numbers, shares and times stay numbers with which one can count."""
    book = Workbook(write_only=True)
    first = book.create_sheet("Podsumowanie")
    first.append([_cell(first, report.title, bold=True)])
    first.append(["Stan na", _cell(first, report.told_at)])
    for name, cell in report.figures:
        first.append([name, _cell(first, cell)])
    for section in report.sections:
        sheet = book.create_sheet(_NOT_IN_NAMES.sub(" ", section.title)[:_LONGEST_NAME])
        for table in section.tables:
            if not table.rows:
                continue
            sheet.append([_cell(sheet, table.caption, bold=True)])
            sheet.append([_cell(sheet, head, bold=True) for head in table.heads])
            for row in table.rows:
                sheet.append([_cell(sheet, cell) for cell in row])
            sheet.append([])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def cases(session: Session, span: Span) -> bytes:
    """What came in the span, a line a document, by tracking number; CSV as a Polish spreadsheet opens it."""
    since = (
        select(func.max(Transition.at)).where(Transition.document_id == Document.id).correlate(Document)
    ).scalar_subquery()
    rows = framed(session, arrived(span).add_columns(since.label("since_at")).order_by(Document.received_at))
    told = pd.DataFrame(
        {
            "sprawa": rows["tracking"],
            "przyszła": local(rows["at"]).strftime(_MINUTE),
            "formularz": named(rows["form"], titles()),
            "droga": named(rows["channel"], CHANNELS),
            "jak wypełniono": [
                written(way, by_hand=bool(pen)) for way, pen in zip(rows["channel"], rows["by_hand"], strict=True)
            ],
            "stan": named(rows["state"], STATES),
            "w tym stanie od": local(rows["since_at"]).strftime(_MINUTE),
            "powód": rows["reason_code"].map(lambda code: why(code) if isinstance(code, str) else ""),
            "udział człowieka": rows["touched"].astype(bool).map({True: "tak", False: "nie"}),
        }
    )
    return told.to_csv(sep=";", index=False).encode("utf-8-sig")


def _cell(sheet: Any, cell: Cell, *, bold: bool = False) -> Any:
    found = WriteOnlyCell(sheet, None)
    match cell:
        case Share(value=float() as value, interval=False):
            found.value, found.number_format = value, "0.0%"
        case datetime():
            found.value = cell.astimezone(get_settings().zone).replace(tzinfo=None)
            found.number_format = "dd.mm.yyyy hh:mm"
        case timedelta():
            found.value, found.number_format = cell, "[h]:mm"
        case int():
            found.value = cell
        case None:
            found.value = None
        case _:
            found.value = text_of(cell)
    if bold:
        found.font = _BOLD
    return found
