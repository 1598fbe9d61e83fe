"""The queue of the desk: what waits, who has it, and the next one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from access.roles import Right
from access.staff import list_staff
from api.desk.access import HOME, AnyStaff, Decider, Posted, SignedIn, desk_page
from audit.trail import note_view
from customers.acting import agents_in_words
from database.engine import Session, reading, transaction
from forms.catalogue import current_forms
from forms.wording import counted
from review import queue
from review.queue import NO_FORM, Level, QueueFilter
from review.reasons import short
from review.wording import CHANNELS

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_DONE: Final = {
    "pusto": "Kolejka jest pusta. Dziękujemy!",
    "oddana": "Sprawa wróciła do kolejki.",
}


@router.get(HOME)
def show(request: Request, clerk: AnyStaff) -> Response:
    """What waits, the oldest first; those who decide nothing are led on to the first page of their own."""
    if not clerk.may(Right.DECIDE):
        return RedirectResponse(clerk.start, 303)
    person, wanted = at_desk(clerk), wanted_of(request.query_params, clerk)
    with reading() as session:
        page = queue.waiting(session, wanted, person)
        names = names_of_staff(session)
        agents = agents_in_words(session, [line.authority for line in page.lines], of_whom=True)
    note_view(actor=clerk.actor, action="viewed", subject="queue")
    return desk_page(
        request,
        clerk,
        "desk/queue.html",
        page=page,
        wanted=wanted,
        query=query_of(wanted),
        names=names,
        agents=agents,
        titles=titles(),
        channels=CHANNELS,
        short=short,
        reasons=_chosen_by(page.by_reason, short),
        forms=_chosen_by(page.by_form, lambda code: titles().get(code, code)),
        told=_DONE.get(request.query_params.get("stan", "")),
        counted=counted(page.total, "sprawa czeka", "sprawy czekają", "spraw czeka"),
        at_supervisor=wanted.level is Level.SUPERVISOR,
    )


@router.post("/biuro/nastepny")
def claim_next(clerk: Decider, form: Posted) -> Response:
    """The next document for this clerk, or back to the queue when there is none."""
    return to_next(clerk, wanted_of(form, clerk))


def to_next(clerk: SignedIn, wanted: QueueFilter, *, after: str | None = None, settled: str | None = None) -> Response:
    """To the next document, which is the clerk's from now on; ``settled`` is the one that was just decided."""
    with transaction() as session:
        found = queue.claim_next(session, at_desk(clerk), wanted, after)
    query = query_of(wanted)
    if found is None or found == after:
        return RedirectResponse(
            f"{HOME}?{urlencode({**query, 'stan': 'oddana' if after and not settled else 'pusto'})}", 303
        )
    if settled is not None:
        query["po"] = settled
    return RedirectResponse(document_address(found, query), 303)


def document_address(tracking: str, query: Mapping[str, str | list[str]] | None = None) -> str:
    """The page of a document."""
    return f"/biuro/sprawy/{tracking}" + (f"?{told}" if query and (told := urlencode(query, doseq=True)) else "")


def at_desk(clerk: SignedIn) -> queue.Clerk:
    """Who is signed in, as the desk knows him."""
    return queue.Clerk(clerk.login, supervisor=clerk.may(Right.SUPERVISE))


def wanted_of(given: Mapping[str, Any], clerk: SignedIn) -> QueueFilter:
    """The documents that an address or a form asks for; what a clerk may not see counts as not asked for."""

    def text(name: str) -> str | None:
        value = given.get(name)
        return value if isinstance(value, str) and value else None

    above = text("poziom") == Level.SUPERVISOR and clerk.may(Right.SUPERVISE)
    return QueueFilter(
        form=text("formularz"),
        reason=text("powod"),
        mine=text("moje") is not None,
        level=Level.SUPERVISOR if above else Level.CLERK,
    )


def query_of(wanted: QueueFilter) -> dict[str, str]:
    """The same as fields of an address or a form."""
    found = {"formularz": wanted.form, "powod": wanted.reason, "moje": "tak" if wanted.mine else None}
    if wanted.level is Level.SUPERVISOR:
        found["poziom"] = wanted.level.value
    return {name: value for name, value in found.items() if value}


def names_of_staff(session: Session) -> dict[str, str]:
    """Names by login."""
    return {one.login: one.name for one in list_staff(session)}


def titles() -> dict[str, str]:
    """Titles of forms by code."""
    return {**{form.code: form.title for form in current_forms()}, NO_FORM: "Bez rozpoznanego formularza"}


def _chosen_by(counts: Mapping[str, int], label: Any) -> list[tuple[str, str, int]]:
    """Value, label and number of each choice, the most frequent first."""
    return sorted(((code, label(code), number) for code, number in counts.items()), key=lambda one: (-one[2], one[1]))
