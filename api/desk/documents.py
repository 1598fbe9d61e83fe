"""One document at the desk: its page and the decisions about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.desk.access import AnsweredRoute, Decider, Posted, SignedIn, desk_page, text_of, tracking_of
from api.desk.inputs import Input, input_of, values_of
from api.desk.queue import (
    at_desk,
    document_address,
    names_of_staff,
    query_of,
    to_next,
    wanted_of,
)
from api.desk.wording import in_words
from api.signature_wording import in_words as in_words_of_signature
from audit.trail import note_view
from customers.acting import agents_in_words
from database.engine import Session, reading, transaction
from documents.loading import load
from documents.states import State
from documents.tables import Document
from documents.tracking import TrackingError, normalise_tracking
from environment import clock
from environment.settings import get_settings
from forms.catalogue import form_by_code
from forms.form import Form, Problem
from forms.kinds import Date
from portal.visits import FORMS
from review import decisions, queue
from review.candidates import unsaid_values
from review.case_sheet import Remark, SheetField, sheet
from review.decisions import RefusedError
from review.pages import joined_pages
from review.queue import DeskConflictError
from review.reasons import rejections_for
from review.wording import CHANNELS

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=AnsweredRoute)


@router.get("/biuro/sprawy/{tracking}")
def show(request: Request, clerk: Decider, tracking: str) -> Response:
    """The document, for the clerk who holds it; for others, what it is and who has it."""
    return page_of(request, clerk, tracking_of(tracking))


@router.post("/biuro/sprawy/{tracking}/zajmij")
def claim(request: Request, clerk: Decider, tracking: str, form: Posted) -> Response:
    """Hold that very document."""
    number = tracking_of(tracking)
    try:
        with transaction() as session:
            queue.claim(session, number, at_desk(clerk))
    except DeskConflictError as conflict:
        return refused(request, clerk, number, conflict, form)
    return RedirectResponse(document_address(number, query_of(wanted_of(form, clerk))), 303)


@router.post("/biuro/sprawy/{tracking}/przedluz")
def prolong(clerk: Decider, tracking: str, form: Posted) -> Response:
    """The page is still in use: 204, or 409 when somebody else has the document by now."""
    try:
        with transaction() as session:
            queue.prolong(session, tracking_of(tracking), at_desk(clerk))
    except DeskConflictError as conflict:
        return Response(conflict.message, 409, media_type="text/plain; charset=utf-8")
    return Response(status_code=204)


@router.post("/biuro/sprawy/{tracking}")
def decide(request: Request, clerk: Decider, tracking: str, form: Posted) -> Response:
    """What the pressed button says: compare, candidate, approve, skip, hand over, put away."""
    number, person = tracking_of(tracking), at_desk(clerk)
    wanted, seen = wanted_of(form, clerk), text_of(form, "widziano")
    action = text_of(form, "co") or "porownaj"
    if candidate := text_of(form, "kandydat"):
        action = "porownaj"
    try:
        values = values_of(form)
        with transaction() as session:
            if candidate:
                values |= {"customer_no": candidate, **unsaid_values(session, number, candidate, values)}
            if action == "zatwierdz":
                decisions.approve(
                    session,
                    number,
                    person,
                    seen=seen,
                    values=values,
                    overrule=[str(code) for code in form.getlist("mimo")],
                    paper_from=_agreed_day(form),
                )
            elif action == "pomin":
                queue.give_back(session, number, person)
            elif action in ("kierownik", "urzednicy"):
                _hand_over(session, decisions.leased_document(session, number, person, seen), person, form, values)
            elif action == "nie-nasz":
                decisions.reject_as_not_ours(session, number, person, seen)
            elif action == "powtorka":
                decisions.mark_duplicate(session, number, person, seen, _other(form))
            else:
                decisions.save(session, number, person, seen, values)
    except DeskConflictError as conflict:
        return refused(request, clerk, number, conflict, form)
    except RefusedError as error:
        return page_of(request, clerk, number, sent=form, problems=error.problems, changed=values)
    if action == "porownaj":
        return RedirectResponse(document_address(number, {**query_of(wanted), **_undecided(form, candidate)}), 303)
    if action == "odrzuc":
        return RedirectResponse(f"{document_address(number)}/odrzucenie", 303)
    return to_next(clerk, wanted, after=number, settled=None if action == "pomin" else number)


def page_of(
    request: Request,
    clerk: SignedIn,
    tracking: str,
    *,
    sent: FormData | None = None,
    problems: tuple[Problem, ...] = (),
    changed: Mapping[str, object] | None = None,
    told: str | None = None,
) -> Response:
    """The page of a document; after a refusal with all that was typed and what is wrong with it."""
    person = at_desk(clerk)
    wanted = wanted_of(sent if sent is not None else request.query_params, clerk)
    with reading() as session:
        document = load(session, tracking)
        if document.at is not State.IN_REVIEW:
            return RedirectResponse(f"{document_address(tracking)}/historia", 303)
        lying = sheet(session, tracking, person)
        holds = document.desk_owner == clerk.login
        following = queue.peek_next(session, person, wanted, tracking) if holds else None
        beyond = load(session, following) if following else None
        leaves = leaves_of(session, document)
        names = names_of_staff(session)
        agents = agents_in_words(session, [lying.authority], of_whom=True)
        held_by = document.desk_owner if document.desk_until and document.desk_until > clock.now() else None
    note_view(actor=clerk.actor, action="opened" if holds else "viewed", subject=tracking)
    unticked = {one.code for one in problems} & {one.code for one in lying.remarks if one.overrulable}
    told_of = tuple(one for one in problems if one.code not in unticked)
    inputs = [input_of(one, lying.turns, sent, told_of, changed or {}) for one in lying.fields]
    given = sent if sent is not None else request.query_params
    return desk_page(
        request,
        clerk,
        "desk/document.html" if holds else "desk/document_of_others.html",
        status=422 if problems else 409 if told else 200,
        sheet=lying,
        visits=[(code, form_by_code(code).title) for code in FORMS],
        signatures=[in_words_of_signature(each, lying.form) for each in lying.signatures],
        told_of=_told_of,
        doubtful=[one for one in inputs if one.shown.doubtful or one.error],
        settled=[one for one in inputs if not (one.shown.doubtful or one.error)],
        problems=told_of,
        unticked=unticked,
        wrong={one.field: one.message for one in reversed(told_of) if one.field},
        focus=_first_refused(inputs, lying.remarks, unticked, told_of),
        answerable={one.code for one in rejections_for(lying.form) if one.answer},
        faulty=bool(problems),
        overruled=set(given.getlist("mimo"))
        if sent is not None or "mimo" in given
        else {one.code for one in lying.remarks if one.overruled},
        agreed_day=str(given["papier_od"]) if "papier_od" in given else _day(lying.paper_from),
        note=text_of(sent, "notatka") if sent is not None else "",
        other=str(given.get("powtorka_sprawy", "")),
        query=query_of(wanted),
        holder=names.get(held_by or "", held_by),
        next_picture=picture_address(beyond.tracking, beyond.pages[0]) if beyond and beyond.pages else None,
        leaves=leaves,
        looked_at={one.shown.place[0] for one in inputs if one.shown.place and (one.shown.doubtful or one.error)},
        previous=_number(request.query_params.get("po", "")),
        channel=CHANNELS.get(lying.channel, lying.channel),
        sender=agents.get(lying.authority) if lying.authority else None,
        told=told,
        lease_seconds=lease_seconds(),
    )


def refused(request: Request, clerk: SignedIn, tracking: str, conflict: DeskConflictError, form: FormData) -> Response:
    """Somebody was quicker: who, and all that was typed, to be copied. One's own second click goes on to the next."""
    if conflict.code == "settled" and conflict.owner == clerk.login:
        return to_next(clerk, wanted_of(form, clerk))
    if conflict.code == "changed":
        return page_of(request, clerk, tracking, sent=form, told=conflict.message, changed=values_of(form))
    with reading() as session:
        names = names_of_staff(session)
        found = load(session, tracking)
        lying = sheet(session, tracking, at_desk(clerk))
    return desk_page(
        request,
        clerk,
        "desk/conflict.html",
        status=409,
        tracking=tracking,
        message=conflict.message,
        who=names.get(conflict.owner or "", conflict.owner),
        code=conflict.code,
        waits=found.at is State.IN_REVIEW,
        typed=_as_typed(lying.form, values_of(form)) if lying.form else [],
        query=query_of(wanted_of(form, clerk)),
    )


def leaves_of(session: Session, document: Document) -> list[tuple[int, str]]:
    """The pages of a document in order: number in its own original (0 for those of another one) and picture."""
    own = [(page, picture_address(document.tracking, page)) for page in document.pages or ()]
    joined = [(0, picture_address(leaf.tracking, leaf.page)) for leaf in joined_pages(session, document)]
    return [*own, *joined] if document.original_sha256 else joined


def lease_seconds() -> int:
    """How long a document stays a clerk's when nothing prolongs it."""
    return round(get_settings().desk_lease_minutes * 60)


def picture_address(tracking: str, page: int) -> str:
    """Where the picture of a page is."""
    return f"{document_address(tracking)}/strona/{page}.jpg"


def _hand_over(
    session: Session, document: Document, person: queue.Clerk, form: FormData, values: Mapping[str, object]
) -> None:
    """To the supervisor, or back from him, with what was typed so far."""
    note = text_of(form, "notatka")
    above = text_of(form, "co") == "kierownik"
    if above and not note.strip():
        raise RefusedError([Problem("note", "missing", "Napisz kierownikowi, o co chodzi.")])
    if values:
        decisions.save(session, document.tracking, person, text_of(form, "widziano"), values)
    (queue.to_supervisor if above else queue.to_clerks)(session, document.tracking, person, note)


def _undecided(form: FormData, candidate: str) -> dict[str, str | list[str]]:
    """What was ticked and typed beside the fields, for the address of the page that is shown again; nothing personal.

    What was accepted of one customer counts for no other.
    """
    day, other = text_of(form, "papier_od").strip()[:14], text_of(form, "powtorka_sprawy").strip()[:20]
    mimo = [] if candidate else [str(code) for code in form.getlist("mimo")]
    return {"mimo": mimo, **({"papier_od": day} if day else {}), **({"powtorka_sprawy": other} if other else {})}


def _first_refused(
    inputs: list[Input], remarks: tuple[Remark, ...], unticked: Collection[str], problems: tuple[Problem, ...]
) -> str | None:
    """The id of the control that the clerk has to mend first, in the order of the page."""
    beside = [one.field for one in problems if one.field in ("paper_from", "note", "duplicate_of")]
    refused = [
        *(one.shown.name for one in inputs if one.error),
        *(f"mimo-{one.code}" for one in remarks if one.code in unticked),
        *beside,
    ]
    return refused[0] if refused else None


def _agreed_day(form: FormData) -> date | None:
    text = text_of(form, "papier_od")
    if not text.strip():
        return None
    iso = Date().clean(text)
    try:
        return date.fromisoformat(iso)
    except ValueError:
        raise RefusedError([Problem("paper_from", "bad_date", "Wpisz dzień w postaci DD.MM.RRRR.")]) from None


def _other(form: FormData) -> str:
    try:
        return normalise_tracking(text_of(form, "powtorka_sprawy"))
    except TrackingError as error:
        raise RefusedError([Problem("duplicate_of", "bad_tracking", str(error))]) from error


def _as_typed(form: Form, typed: Mapping[str, object]) -> list[tuple[str, str]]:
    """Label and value of every field that the page had, an emptied one and an empty box as well."""
    return [
        (item.label, in_words(item.kind, item.kind.parse(typed[item.name], clock.today()).value))
        for item in form.fields
        if item.name in typed
    ]


def _told_of(one: SheetField) -> str:
    """What another clerk's page tells of a field; the text is masked where the value is sensitive."""
    return one.text if one.item.kind.sensitive and one.text else in_words(one.item.kind, one.value)


def _day(day: date | None) -> str:
    return "" if day is None else f"{day:%d.%m.%Y}"


def _number(typed: str) -> str | None:
    try:
        return normalise_tracking(typed) if typed else None
    except TrackingError:
        return None
