"""Search at the desk.

An address of a page ends up in histories, bookmarks and logs, so it may hold no personal data: numbers of cases and of
customers, days and states stand in it, and such a search can be sent to a colleague. A name is looked for by POST, and
what is found leads on by customer numbers. By PESEL nobody is looked for here at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from api.desk.access import Posted, Reader, SignedIn, desk_page, text_of
from api.desk.queue import titles
from api.desk.wording import MOODS
from database.engine import reading, transaction
from documents.states import IntakeChannel, State
from documents.tracking import TrackingError, normalise_tracking
from environment import clock
from forms.fields import CUSTOMER_NO
from forms.kinds import Date
from forms.wording import counted
from review.search import (
    MOST_CUSTOMERS,
    Query,
    SearchResult,
    SearchResults,
    customers_named,
    find,
    record_name_search,
    record_search,
)
from review.wording import CHANNELS, STATES

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_PAGE: Final = "/biuro/szukaj"
_LONGEST: Final = 200
_SIDES: Final = ("starsze", "nowsze")
"""Fields of an address that turn pages: cases older, or newer, than the one of that number."""


@router.get(_PAGE)
def show(request: Request, clerk: Reader) -> Response:
    """The form, and what it finds once it was sent; sent empty it finds all, the newest first."""
    given = {name: value.strip()[:_LONGEST] for name, value in request.query_params.items() if value.strip()}
    query, problems = _query(given)
    if problems:
        return _page(request, clerk, given, problems=problems, status=422)
    if not request.query_params:
        return _page(request, clerk, given)
    with reading() as session:
        found = find(session, query, before=_tracking(given, "starsze"), after=_tracking(given, "nowsze"))
    with transaction() as session:
        record_search(session, query, found, actor=clerk.actor)
    if query.tracking is not None and found.total == 1:
        return RedirectResponse(f"/biuro/sprawy/{query.tracking}/historia", 303)
    return _page(request, clerk, given, found=found)


@router.post(_PAGE)
def find_customers(request: Request, clerk: Reader, form: Posted) -> Response:
    """Customers of a name; changes nothing, so the answer is the page itself and no address holds the name."""
    typed = text_of(form, "nazwa").strip()[:_LONGEST]
    if not typed:
        return _page(request, clerk, {}, problems={"nazwa": "Wpisz nazwisko albo nazwę firmy."}, status=422)
    with reading() as session:
        customers = customers_named(session, typed)
    with transaction() as session:
        record_name_search(session, customers, actor=clerk.actor)
    more, shown = len(customers) > MOST_CUSTOMERS, customers[:MOST_CUSTOMERS]
    return _page(request, clerk, {}, name=typed, customers=shown, more_customers=more)


def _query(given: Mapping[str, str]) -> tuple[Query, dict[str, str]]:
    """What an address asks for, and by field what is wrong with it."""
    problems: dict[str, str] = {}
    tracking = None
    if "numer" in given:
        try:
            tracking = normalise_tracking(given["numer"])
        except TrackingError as error:
            problems["numer"] = str(error)
    customer = CUSTOMER_NO.kind.parse(given.get("klient", ""), clock.today())
    if customer.fault:
        problems["klient"] = customer.fault.message
    days: dict[str, date | None] = {"od": None, "do": None}
    for name in days:
        if name in given:
            parsed = Date().parse(given[name], date.max)
            if parsed.fault or not isinstance(parsed.value, str):
                problems[name] = "Wpisz dzień w postaci 31.01.2026."
            else:
                days[name] = date.fromisoformat(parsed.value)
    if days["od"] and days["do"] and days["od"] > days["do"]:
        problems["do"] = "Ten dzień jest wcześniejszy niż początek."
    query = Query(
        tracking=tracking,
        customer_no=customer.value if isinstance(customer.value, str) else None,
        since=days["od"],
        until=days["do"] and min(days["do"], clock.today()),
        state=State(given["stan"]) if given.get("stan") in set(State) else None,
        form=given["formularz"] if given.get("formularz") in titles() else None,
        channel=IntakeChannel(given["kanal"]) if given.get("kanal") in set(IntakeChannel) else None,
    )
    return query, problems


def _tracking(given: Mapping[str, str], name: str) -> str | None:
    """The case next to which a page begins; one that is none counts for nothing."""
    try:
        return normalise_tracking(given[name]) if name in given else None
    except TrackingError:
        return None


def _address(asked: Mapping[str, str], side: str, line: SearchResult) -> str:
    return f"{_PAGE}?{urlencode({**asked, side: line.tracking})}"


def _counted(found: SearchResults) -> str:
    if found.uncounted:
        return f"ponad {found.total - 1} spraw"
    return f"{found.total} {counted(found.total, 'sprawa', 'sprawy', 'spraw')}"


def _page(
    request: Request,
    clerk: SignedIn,
    given: dict[str, str],
    *,
    status: int = 200,
    problems: dict[str, str] | None = None,
    found: SearchResults | None = None,
    **more: Any,
) -> Response:
    asked = {name: value for name, value in given.items() if name not in _SIDES}
    context = {
        "given": given,
        "problems": problems or {},
        "faulty": bool(problems),
        "found": found,
        "titles": titles(),
        "states": STATES,
        "moods": MOODS,
        "channels": CHANNELS,
        "counted": _counted(found) if found else "",
        "newer": _address(asked, "nowsze", found.lines[0]) if found and found.newer and found.lines else None,
        "older": _address(asked, "starsze", found.lines[-1]) if found and found.older and found.lines else None,
        **more,
    }
    return desk_page(request, clerk, "desk/search.html", status=status, **context)
