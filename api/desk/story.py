"""The whole story of one document on one page: what came, what was read, what changed, what was sent, who did what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from api.desk.access import Decider, Posted, Reader, SignedIn, desk_page, tracking_of
from api.desk.messages import DONE, Typed, act_on, questions, typed_in, way_of
from api.desk.queue import at_desk, names_of_staff, titles
from api.desk.wording import (
    ACTIONS,
    FACTS,
    FILES,
    LINKS,
    MESSAGES,
    MOODS,
    REGISTER_OUTCOMES,
    SOURCES,
    STEPS,
    actor_name,
    in_words,
)
from api.signature_wording import in_words as in_words_of_signature
from audit.trail import note_view
from confirmations.archive import text_of
from confirmations.polish import long_date
from confirmations.rendering import Content
from customers.proofs import ProofError
from database.engine import reading, transaction
from documents.erasing import ERASED
from documents.states import StaleDocumentError
from forms.electronic_signature import from_json
from forms.form import Form, Problem
from review.decisions import RefusedError
from review.history import History, NotReopenableError, history, note_revealed, reopen, send_link_again
from review.wording import CHANNELS, MEDIA, STATES

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_PAGE: Final = "/biuro/sprawy/{tracking}/historia"
_DONE: Final = {
    "otwarta": "Sprawa jest znowu w kolejce.",
    "odnosnik": "Nowy odnośnik jest w drodze. Poprzedni przestał działać.",
    **DONE,
}
_SURE: Final = frozenset({"clerk", "online", "acroform"})
"""Where values come from that nobody had to guess."""
_STALE: Final = "Ktoś inny właśnie zmienił tę sprawę. Zobacz, co zrobił."


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a field as one reader saw it."""

    text: str = field(repr=False)
    source: str
    who: str
    at: datetime
    confidence: int | None
    trusted: bool
    doubt: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class FieldHistory:
    """A field with the value in force, and those before it, the newest first."""

    label: str
    value: Value | None
    earlier: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the timeline; ``mood`` colours its tag."""

    at: datetime
    what: str
    mood: str
    who: str
    why: str | None = field(repr=False)


@router.get(_PAGE)
def show(request: Request, clerk: Reader, tracking: str) -> Response:
    """The story, sensitive values masked."""
    number = tracking_of(tracking)
    return _page(request, clerk, number, told=_DONE.get(request.query_params.get("zrobione", "")))


@router.post(_PAGE)
def reveal(request: Request, clerk: Decider, tracking: str, form: Posted) -> Response:
    """The same page with sensitive values; the audit says who saw them."""
    number = tracking_of(tracking)
    with transaction() as session:
        note_revealed(session, number, clerk.actor)
    return _page(request, clerk, number, revealed=True)


@router.post(_PAGE + "/otworz")
def open_again(request: Request, clerk: Decider, tracking: str, form: Posted) -> Response:
    """Put what was rejected or taken for a repetition on the desk again."""
    number = tracking_of(tracking)
    try:
        with transaction() as session:
            reopen(session, number, clerk.actor)
    except NotReopenableError as error:
        return _page(request, clerk, number, warned=error.message, status=409)
    except StaleDocumentError:
        return _page(request, clerk, number, warned=_STALE, status=409)
    return RedirectResponse(f"/biuro/sprawy/{number}/historia?zrobione=otwarta", 303)


@router.post(_PAGE + "/wiadomosc")
def act(request: Request, clerk: Decider, tracking: str, form: Posted) -> Response:
    """What the pressed button says about a message of this case."""
    number, typed = tracking_of(tracking), typed_in(form)
    try:
        against = act_on(at_desk(clerk), typed)
    except RefusedError as error:
        against = error.problems
    if against:
        warned = " ".join(problem.message for problem in against)
        return _page(request, clerk, number, warned=warned, status=422, problems=against, typed=typed)
    return RedirectResponse(f"/biuro/sprawy/{number}/historia?zrobione={typed.action}", 303)


@router.post(_PAGE + "/odnosnik")
def renew_link(request: Request, clerk: Decider, tracking: str, form: Posted) -> Response:
    """Send the link that proves the address once more."""
    number = tracking_of(tracking)
    try:
        with transaction() as session:
            send_link_again(session, number, clerk.actor)
    except ProofError as error:
        return _page(request, clerk, number, warned=error.message, status=409)
    return RedirectResponse(f"/biuro/sprawy/{number}/historia?zrobione=odnosnik", 303)


def _page(
    request: Request,
    clerk: SignedIn,
    number: str,
    *,
    revealed: bool = False,
    status: int = 200,
    told: str | None = None,
    warned: str | None = None,
    problems: Sequence[Problem] = (),
    typed: Typed | None = None,
) -> Response:
    with reading() as session:
        found = history(session, number, masked=not revealed)
        names = names_of_staff(session)
    note_view(actor=clerk.actor, action="viewed", subject=number)
    texts = {one.key: text_of(one) for one in found.kept}
    document = found.told
    return desk_page(
        request,
        clerk,
        "desk/story.html",
        status=status,
        told=told,
        warned=warned,
        revealed=revealed,
        found=found,
        document=document,
        received_at=datetime.fromisoformat(document["received_at"]),
        signed_on=long_date(date.fromisoformat(document["signed_on"])) if document["signed_on"] else None,
        files=FILES,
        erased=ERASED,
        title=titles().get(document["form"], document["form"]) if document["form"] else "formularz nierozpoznany",
        channel=CHANNELS.get(document["channel"], document["channel"]),
        state=STATES[found.state],
        mood=MOODS.get(found.state, ""),
        went=_went(document["file_pages"]),
        rows=(rows := _rows(found, names)),
        any_earlier=any(row.earlier for row in rows),
        hides=_hides(found),
        events=_timeline(found, texts, names),
        changes=[_change(one) for one in found.changes],
        messages=[{"tracking": number, "about": f"sprawa {number}", **_message(one, texts)} for one in found.messages],
        problems=problems,
        typed=typed or Typed(),
        questions=questions(),
        link=LINKS.get(found.link.state) if found.link else None,
        audit=[_audited(one, found.form, names) for one in document["audit"]],
        signatures=[
            in_words_of_signature(from_json(each), found.form, evidence=True) for each in document["signatures"]
        ],
        pictured=bool(document["pages"]) and document["original"] is not None,
    )


def _went(pages: Sequence[Mapping[str, Any]]) -> list[tuple[str, str | None]]:
    """Pages of the file that went to the same case, as a text, with that case; None: to none."""
    told: dict[str | None, list[str]] = {}
    for one in pages:
        told.setdefault(one["tracking"], []).append(str(one["page"]))
    return [(", ".join(numbers), tracking) for tracking, numbers in told.items()]


def _rows(found: History, names: Mapping[str, str]) -> list[FieldHistory]:
    """The fields in the order of the form; what the form does not know comes last."""
    readings: dict[str, list[dict[str, Any]]] = {}
    for one in found.told["readings"]:
        readings.setdefault(one["field"], []).append(one)
    order = [item.name for item in found.form.fields] if found.form else []
    rows = []
    for name in [*(name for name in order if name in readings), *(name for name in readings if name not in order)]:
        present = [one for one in readings[name] if not one["superseded"]]
        earlier = [one for one in reversed(readings[name]) if one["superseded"]]
        value = _value(present[-1], found.form, names) if present else None
        rows.append(
            FieldHistory(_label(found.form, name), value, tuple(_value(one, found.form, names) for one in earlier)),
        )
    return rows


def _value(reading: Mapping[str, Any], form: Form | None, names: Mapping[str, str]) -> Value:
    value, name = reading["value"], reading["field"]
    kind = form[name].kind if form is not None and name in form else None
    return Value(
        text=in_words(None if kind is not None and kind.sensitive else kind, value),
        source=SOURCES.get(reading["source"], reading["source"]),
        who=actor_name(reading["reader"], names),
        at=datetime.fromisoformat(reading["at"]),
        confidence=round(reading["confidence"] * 100) if reading["source"] not in _SURE else None,
        trusted=reading["trusted"],
        doubt=reading["doubt"],
    )


def _hides(found: History) -> bool:
    """Whether there is a sensitive value to show."""
    sensitive = {item.name for item in found.form.fields if item.kind.sensitive} if found.form else set()
    return any(
        one["value"] is not None and (one["field"] in sensitive or not found.form) for one in found.told["readings"]
    )


def _timeline(found: History, texts: Mapping[str, Content], names: Mapping[str, str]) -> list[Event]:
    events = [
        Event(
            datetime.fromisoformat(one["at"]),
            STEPS.get(one["to"], one["to"]),
            MOODS.get(one["to"], ""),
            actor_name(one["actor"], names),
            one["reason"],
        )
        for one in found.told["states"]
    ]
    events += [
        Event(datetime.fromisoformat(one["sent_at"]), "wysłano wiadomość", "", "system", texts[one["key"]].title)
        for one in found.messages
        if one["sent_at"]
    ]
    if found.link and found.link.used_at:
        events.append(Event(found.link.used_at, "adres potwierdzony", "good", "klient", LINKS["used"]))
    if (look := found.second_look) and look.looked_at:
        verdict = ("błąd w odczycie", "wrong") if look.verdict == "wrong" else ("druga kontrola bez uwag", "good")
        events.append(Event(look.looked_at, *verdict, actor_name(look.clerk or "", names), None))
    return sorted(events, key=lambda event: event.at)


def _change(change: Mapping[str, Any]) -> dict[str, Any]:
    name, mood = REGISTER_OUTCOMES.get(change["outcome"], (change["outcome"], ""))
    facts = [(FACTS[key], _fact(value)) for key, value in change["facts"].items() if key in FACTS and value is not None]
    return {**change, "at": datetime.fromisoformat(change["at"]), "name": name, "mood": mood, "shown": facts}


def _fact(value: object) -> str:
    return str(value) if not isinstance(value, bool) else "tak" if value else "nie"


def _message(message: Mapping[str, Any], texts: Mapping[str, Content]) -> dict[str, Any]:
    state, mood = MESSAGES.get(message["state"], (message["state"], ""))
    text = texts[message["key"]]
    error = message["error"] and (message["error"].partition(": ")[2] or message["error"])
    way = way_of(message)
    return {
        **message,
        "told": None if any(step.why == error for step in way) else error,
        "way": way,
        "medium": MEDIA.get(message["channel"], message["channel"]),
        "name": state,
        "mood": mood,
        "text": text,
    }


def _audited(entry: Mapping[str, Any], form: Form | None, names: Mapping[str, str]) -> dict[str, Any]:
    detail = entry["detail"] if isinstance(entry["detail"], dict) else {}
    about = None
    if entry["action"] == "moved":
        about = STEPS.get(detail.get("to", ""))
    elif "field" in detail:
        about = _label(form, str(detail["field"]))
    return {
        "at": datetime.fromisoformat(entry["at"]),
        "who": actor_name(entry["actor"], names),
        "what": ACTIONS.get(entry["action"], entry["action"]),
        "about": about,
    }


def _label(form: Form | None, name: str) -> str:
    return form[name].label if form is not None and name in form else name
