"""Rejecting a document: the reason, one's own words, and the message exactly as it will go out."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.desk.access import AnsweredRoute, Decider, Posted, SignedIn, desk_page, text_of, tracking_of
from api.desk.documents import lease_seconds, leaves_of, refused
from api.desk.queue import at_desk, document_address, query_of, to_next, wanted_of
from audit.trail import note_view
from confirmations.rendering import Content
from database.engine import reading, transaction
from documents.loading import load
from forms.form import Problem
from review import decisions
from review.case_sheet import CaseSheet, sheet
from review.decisions import PreparedMessage, RefusedError
from review.queue import DeskConflictError
from review.reasons import rejections_for

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=AnsweredRoute)

_MEDIA: Final = {"email": "E-mail", "sms": "SMS", "letter": "List"}
_NOTE_MOST: Final = 1000


@router.get("/biuro/sprawy/{tracking}/odrzucenie")
def ask(request: Request, clerk: Decider, tracking: str) -> Response:
    """The reasons, with the likeliest one chosen and its message shown."""
    number = tracking_of(tracking)
    try:
        with reading() as session:
            decisions.peek(session, number, at_desk(clerk))
            lying = sheet(session, number, at_desk(clerk))
    except DeskConflictError:
        return RedirectResponse(document_address(number), 303)
    return _page(request, clerk, lying, _likeliest(lying), "")


@router.post("/biuro/sprawy/{tracking}/odrzucenie")
def reject(request: Request, clerk: Decider, tracking: str, form: Posted) -> Response:
    """Show the message; reject only when what is sent is what was shown."""
    number, person = tracking_of(tracking), at_desk(clerk)
    code, note = text_of(form, "powod_odrzucenia"), text_of(form, "dopisek").replace("\r\n", "\n").strip()[:_NOTE_MOST]
    tell = text_of(form, "bez_wiadomosci") == ""
    shown = (code, note) == (text_of(form, "pokazany_powod"), text_of(form, "pokazany_dopisek").replace("\r\n", "\n"))
    sends = text_of(form, "co") == "odrzuc" and (shown or not tell)
    told, problems = None, tuple[Problem, ...]()
    try:
        if sends:
            seen = text_of(form, "widziano")
            with transaction() as session:
                decisions.reject(session, number, person, seen=seen, code=code, note=note, tell=tell)
            return to_next(clerk, wanted_of(form, clerk), after=number, settled=number)
        with reading() as session:
            decisions.peek(session, number, person)
    except DeskConflictError as conflict:
        if conflict.code != "changed":
            return refused(request, clerk, number, conflict, form)
        told = conflict.message
    except RefusedError as error:
        problems = error.problems
    with reading() as session:
        lying = sheet(session, number, person)
    return _page(request, clerk, lying, code, note, form=form, problems=problems, told=told)


def _page(
    request: Request,
    clerk: SignedIn,
    lying: CaseSheet,
    code: str,
    note: str,
    *,
    form: FormData | None = None,
    problems: tuple[Problem, ...] = (),
    told: str | None = None,
) -> Response:
    messages: list[tuple[str, PreparedMessage, Content]] | None = None
    if code and not problems:
        try:
            with reading() as session:
                prepared = decisions.preview_rejection(session, lying.tracking, at_desk(clerk), code, note)
            messages = [(_MEDIA[one.medium.value], one, one.content()) for one in prepared]
        except RefusedError as error:
            problems = error.problems if form is not None else ()
    with reading() as session:
        leaves = leaves_of(session, load(session, lying.tracking))
    note_view(actor=clerk.actor, action="opened", subject=lying.tracking)
    wanted = wanted_of(form if form is not None else request.query_params, clerk)
    return desk_page(
        request,
        clerk,
        "desk/rejection.html",
        status=422 if problems else 409 if told else 200,
        sheet=lying,
        leaves=leaves,
        reasons=rejections_for(lying.form),
        decided=form is not None and messages is not None,
        code=code,
        note=note,
        silent=form is not None and text_of(form, "bez_wiadomosci") != "",
        messages=messages,
        problems=problems,
        wrong={one.field for one in problems},
        told=told,
        faulty=bool(problems),
        most=_NOTE_MOST,
        lease_seconds=lease_seconds(),
        query=query_of(wanted),
    )


def _likeliest(lying: CaseSheet) -> str:
    """The reason that what stands against the document suggests; '' when none does."""
    codes = [one.code for one in lying.remarks]
    if any(one.name == "signature" and one.doubtful and not one.ticked for one in lying.fields):
        codes.insert(0, "missing_signature")
    return next((one.code for code in codes for one in rejections_for(lying.form) if one.code == code), "")
