"""The second look: what went through untouched is compared with its picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.desk.access import AnsweredRoute, Decider, Posted, SignedIn, desk_page, text_of, tracking_of
from api.problems import ApiProblem
from audit.trail import record_view
from customers.compensation import owed
from database.engine import Session, reading, transaction
from documents import loading
from documents.loading import UnknownDocumentError
from documents.tracking import TrackingError, normalise_tracking
from documents.values import form_of
from environment import clock
from forms.catalogue import current_forms
from forms.form import Form
from forms.kinds import Value
from forms.submission import FieldValue
from review import second_look
from review.second_look import Ended, LookError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=AnsweredRoute)

ADDRESS: Final = "/biuro/kontrola"
_CONSEQUENCES: Final = {
    "nothing": "Ta pomyłka niczego nie zmieniła w rejestrze. Zapiszemy ją tylko w statystyce odczytu.",
    "amendment": "Poprawimy to w rejestrze i powiemy o tym klientowi.",
    "undoing": "Cofniemy zmianę w rejestrze, powiemy o tym klientowi i wykonamy formularz jeszcze raz, "
    "z poprawnymi danymi.",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """One field: what was read and what the clerk sees; ``shown`` and ``typed`` are texts, ``ticked`` of a box."""

    name: str
    label: str
    tick: bool
    shown: str = field(repr=False)
    typed: str = field(repr=False)
    ticked: bool
    differs: bool
    fault: str | None
    attributes: dict[str, str]


@router.get(ADDRESS)
def overview(request: Request, clerk: Decider, wynik: str = "", sprawa: str = "") -> Response:
    """What waits, and what the looks have found so far."""
    with reading() as session:
        figures, waiting = second_look.figures(session), second_look.waiting(session)
        labels = _labels(figures["by_field"])
    return desk_page(
        request,
        clerk,
        "desk/second_looks.html",
        figures=figures,
        waiting=waiting,
        labels=labels,
        result=wynik,
        correction=_number(sprawa),
        now=clock.now(),
    )


@router.post(f"{ADDRESS}/nastepna")
def claim_next(clerk: Decider, form: Posted) -> Response:
    """The oldest document that nobody looks at."""
    with transaction() as session:
        tracking = second_look.claim_next(session, clerk.actor)
    return RedirectResponse(f"{ADDRESS}/{tracking}" if tracking else f"{ADDRESS}?wynik=nic", 303)


@router.get(f"{ADDRESS}/{{tracking}}")
def show(request: Request, clerk: Decider, tracking: str) -> Response:
    """The picture beside what was read from it."""
    number = tracking_of(tracking)
    with transaction() as session:
        _take(session, number, clerk)
        document = loading.load(session, number)
        form, read = form_of(document), second_look.compared_fields(session, document)
    return _page(
        request, clerk, number, document.pages or [], [_compared(form, name, one) for name, one in read.items()]
    )


@router.post(f"{ADDRESS}/{{tracking}}")
def compare(request: Request, clerk: Decider, tracking: str, form: Posted) -> Response:
    """Right: on to the next one. Different: first what will follow from it, then, confirmed, it is put right."""
    number = tracking_of(tracking)
    with transaction() as session:
        _take(session, number, clerk)
        document = loading.load(session, number)
        definition, read = form_of(document), second_look.compared_fields(session, document)
        seen = [_compared(definition, name, one, form) for name, one in read.items()]
        wrong = [one for one in seen if one.differs]
        confirmed = bool(text_of(form, "potwierdzam"))
        ended = None
        if not wrong or confirmed:
            values = {name: _value(definition, name, form, one) for name, one in read.items()}
            ended = second_look.finish(session, number, clerk.actor, values)
        following = second_look.claim_next(session, clerk.actor) if ended and not wrong else None
    if ended is None:
        consequence = _CONSEQUENCES[owed(definition, [one.name for one in wrong])]
        return _page(request, clerk, number, document.pages or [], seen, wrong=wrong, consequence=consequence)
    if ended.wrong:
        return RedirectResponse(_told(ended), 303)
    return RedirectResponse(f"{ADDRESS}/{following}" if following else f"{ADDRESS}?wynik=koniec", 303)


def _told(ended: Ended) -> str:
    if ended.correction is None:
        return f"{ADDRESS}?wynik=zapisano"
    return f"{ADDRESS}?wynik={'wyjasnij' if ended.unsettled else 'cofnieto'}&sprawa={ended.correction}"


def _page(
    request: Request, clerk: SignedIn, tracking: str, pages: list[int], fields: list[Compared], **context: Any
) -> Response:
    status = 200 if not context.get("wrong") else 422
    return desk_page(
        request,
        clerk,
        "desk/second_look.html",
        status=status,
        tracking=tracking,
        pages=pages,
        fields=fields,
        **{"wrong": [], "consequence": None, **context},
    )


def _compared(form: Form, name: str, read: FieldValue, sent: FormData | None = None) -> Compared:
    item = form[name]
    tick = item.kind.marked
    value = read.value if sent is None else _value(form, name, sent, read)
    parsed = item.kind.parse(value, clock.today())
    attributes = {} if tick else item.kind.html_attributes()
    as_it_is = attributes.get("type") == "date"  # such an input takes ISO days only, and shows them as people write
    return Compared(
        name,
        item.label,
        tick,
        shown=item.kind.display(read.value) or "(puste)",
        typed=str(value or "") if as_it_is else item.kind.display(value),
        ticked=value is True,
        differs=value != read.value,
        fault=None if parsed.fault is None else parsed.fault.message,
        attributes=attributes,
    )


def _value(form: Form, name: str, sent: FormData, read: FieldValue) -> Value:
    """What the clerk says stands on the page: normalised where it can be, as typed where it is wrong there too."""
    kind = form[name].kind
    if not kind.marked:
        return kind.parse(text_of(sent, name), clock.today()).value
    ticked = bool(text_of(sent, name))
    return read.value if ticked is bool(read.value) else ticked


def _take(session: Session, tracking: str, clerk: SignedIn) -> None:
    try:
        second_look.claim(session, tracking, clerk.actor)
        record_view(session, actor=clerk.actor, action="opened", subject=tracking)
    except (LookError, UnknownDocumentError) as error:
        raise ApiProblem(409, str(error), title="Tej sprawy nie można teraz sprawdzić") from error


def _number(typed: str) -> str | None:
    try:
        return normalise_tracking(typed) if typed else None
    except TrackingError:
        return None


def _labels(names: dict[str, int]) -> dict[str, str]:
    """A label of each field name, from the first form that has it."""
    found: dict[str, str] = {}
    for form in current_forms():
        found = {**form.labels, **found}
    return {name: found.get(name, name) for name in names}
