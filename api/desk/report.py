"""The report of any span of days: as a page, as a workbook, and its documents as CSV. It names nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.desk.access import Manager, desk_page
from api.problems import ApiProblem
from database.engine import reading
from environment import clock
from forms.kinds import Date
from reports.model import CaseLink, text_of
from reports.plots import draw
from reports.span import LONGEST, Period, Span, day_of, month_of, week_of
from reports.wording import name_of

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ADDRESS: Final = "/biuro/raport"
_EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class RequestedSpan:
    """The days that an address asks for, as typed and as understood; ``problems`` by field."""

    since: str
    until: str
    span: Span
    problems: dict[str, str]


def asked(od: str = "", do: str = "") -> RequestedSpan:
    """The days of ``od`` and ``do``; of one of them that day alone, of none today. What is wrong leaves today."""
    problems: dict[str, str] = {}
    days: dict[str, date] = {}
    for name, typed in (("od", od), ("do", do)):
        parsed = Date().parse(typed, clock.today() + timedelta(days=LONGEST))
        if parsed.fault:
            problems[name] = parsed.fault.message
        elif isinstance(parsed.value, str):
            days[name] = date.fromisoformat(parsed.value)
    first = days.get("od") or days.get("do") or clock.today()
    last = days.get("do") or first
    if not problems and first > last:
        problems["do"] = "Ten dzień jest wcześniejszy niż początek."
    if not problems and (last - first).days >= LONGEST:
        problems["do"] = f"Raport obejmuje najwyżej {LONGEST} dni."
    span = day_of(clock.today()) if problems else Span(first, last)
    return RequestedSpan(od.strip(), do.strip(), span, problems)


Wanted = Annotated[RequestedSpan, Depends(asked)]


@router.get(ADDRESS)
def show(request: Request, clerk: Manager, wanted: Wanted) -> Response:
    """The report with its plots."""
    from reports.report import report  # noqa: PLC0415  brings pandas, for which no other page has a use

    with reading() as session:
        told = report(session, wanted.span)
    return desk_page(
        request,
        clerk,
        "desk/report.html",
        status=422 if wanted.problems else 200,
        report=told,
        wanted=wanted,
        faulty=bool(wanted.problems),
        spans=_spans(wanted.span),
        query=_query(wanted.span),
        draw=draw,
        text_of=text_of,
        is_case=lambda cell: isinstance(cell, CaseLink),
        is_count=lambda cell: not isinstance(cell, str | CaseLink | datetime),
    )


@router.get(f"{ADDRESS}.xlsx")
def give_workbook(clerk: Manager, wanted: Wanted) -> Response:
    """The tables of the report for a spreadsheet."""
    from reports.report import report  # noqa: PLC0415  as above
    from reports.spreadsheet import workbook  # noqa: PLC0415

    span = _right(wanted)
    with reading() as session:
        told = report(session, span)
    return _file(workbook(told), _EXCEL, f"raport-{_named(span)}.xlsx")


@router.get(f"{ADDRESS}.csv")
def give_cases(clerk: Manager, wanted: Wanted) -> Response:
    """What came, a line a document."""
    from reports.spreadsheet import cases  # noqa: PLC0415  as above

    span = _right(wanted)
    with reading() as session:
        lines = cases(session, span)
    return _file(lines, "text/csv; charset=utf-8", f"sprawy-{_named(span)}.csv")


def _right(wanted: RequestedSpan) -> Span:
    if wanted.problems:
        raise ApiProblem(422, " ".join(wanted.problems.values()), title="Nie ma takich dni")
    return wanted.span


def _spans(span: Span) -> list[tuple[str, str, bool]]:
    """Address, name and whether it is the one shown, of the spans that are one click away."""
    today = clock.today()
    links = [
        (f"‹ {name_of(span.previous)}", span.previous),
        ("Dziś", day_of(today)),
        ("Wczoraj", day_of(today - timedelta(days=1))),
        ("Ten tydzień", week_of(today)),
        ("Ten miesiąc", month_of(today)),
        ("Poprzedni miesiąc", month_of(today).previous),
    ]
    if span.following.first <= today:
        links.append((f"{name_of(span.following)} ›", span.following))
    if span.period is Period.DAY:
        links += [("Cały tydzień", week_of(span.first)), ("Cały miesiąc", month_of(span.first))]
    return [(f"{ADDRESS}?{_query(one)}", name, one == span) for name, one in links]


def _query(span: Span) -> str:
    return urlencode({"od": span.first.isoformat(), "do": span.last.isoformat()})


def _named(span: Span) -> str:
    return span.first.isoformat() if span.days == 1 else f"{span.first}-{span.last}"


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
