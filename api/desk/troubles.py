"""What needs a human: stuck documents, files and messages, moved invoices, customers to be phoned; with its way on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.desk.access import Decider, Posted, SignedIn, desk_page, text_of, tracking_of
from api.desk.messages import DONE, Typed, act_on, questions, typed_in
from api.desk.queue import at_desk
from audit.trail import note_view
from confirmations.reading_health import mailbox_state
from customers.calls import CallOutcome, calls_owed, count_owed, finish_call
from customers.effects import proving_for
from database.engine import reading, transaction
from forms.fields import PHONE
from forms.form import Problem
from integrity.last_check import last_check
from review import troubles
from review.decisions import RefusedError
from review.queue import Clerk
from review.wording import CALLS, CHANNELS, MEDIA

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ADDRESS: Final = "/biuro/do-wyjasnienia"
_DONE: Final = {
    "ponownie": "Program spróbuje jeszcze raz w ciągu minuty.",
    "zamknieto": "Sprawa jest zamknięta. Nikogo o tym nie powiadomiono.",
    "powiadomiono": "Sprawa jest zamknięta, a wiadomość do klienta czeka na wysłanie.",
    "przeniesiona": "Zapisane: tą fakturą nikt nie musi się już zajmować.",
    "telefon": "Zapisane: w tej sprawie nie trzeba już dzwonić.",
    **DONE,
}
_MOST_CALLS: Final = 100
_ALREADY_CALLED: Final = Problem(None, "settled", "W tej sprawie nie trzeba już dzwonić: ktoś to załatwił.")
_FAILED: Final = {
    "failed": "Nie wysłano",
    "uncertain": "Nie wiadomo, czy doszła",
    "bounced": "Wróciła",
    "pending": "Program próbuje dalej",
}


@router.get(ADDRESS)
def show(request: Request, clerk: Decider, stan: str = "") -> Response:
    """All that waits for somebody to look at it."""
    return _page(request, clerk, told=_DONE.get(stan))


@router.post(ADDRESS)
def act(request: Request, clerk: Decider, form: Posted) -> Response:
    """What the pressed button says, about the document or message that it belongs to."""
    typed = typed_in(form)
    try:
        against = act_on(at_desk(clerk), typed)
        done = typed.action if against is not None else _done(at_desk(clerk), form)
    except RefusedError as error:
        against = error.problems
    if against:
        return _page(request, clerk, status=422, problems=against, sent=form, typed=typed)
    return RedirectResponse(f"{ADDRESS}?stan={done}" if done else ADDRESS, 303)


def _done(person: Clerk, form: FormData) -> str:
    """Do it; gives the word for what was done, '' when the button is none of ours."""
    action = text_of(form, "co")
    if action in set(CallOutcome):
        with transaction() as session:
            if not finish_call(session, tracking_of(text_of(form, "sprawa")), CallOutcome(action), actor=person.actor):
                raise RefusedError([_ALREADY_CALLED])
        return "telefon"
    if action == "przeniesiona":
        with transaction() as session:
            troubles.settle_invoice(session, text_of(form, "faktura"), text_of(form, "numer_klienta"), person)
        return action
    if action not in ("ponownie", "zamknij"):
        return ""
    number = tracking_of(text_of(form, "sprawa"))
    with transaction() as session:
        if action == "ponownie":
            troubles.retry(session, number, person)
            return action
        note, customer_no = text_of(form, "notatka"), text_of(form, "numer_klienta")
        told = troubles.close(session, number, person, note=note, customer_no=customer_no)
    return "powiadomiono" if told else "zamknieto"


def _page(
    request: Request,
    clerk: SignedIn,
    *,
    status: int = 200,
    told: str | None = None,
    problems: Sequence[Problem] = (),
    sent: FormData | None = None,
    typed: Typed | None = None,
) -> Response:
    names = troubles.names_in_folder()
    with reading() as session:
        found = troubles.troubles(session)
        mailbox, compared = mailbox_state(session), last_check(session)
        calls, calls_total = calls_owed(session, _MOST_CALLS), count_owed(session)
    note_view(actor=clerk.actor, action="viewed", subject="troubles")
    return desk_page(
        request,
        clerk,
        "desk/troubles.html",
        status=status,
        found=found,
        names=names,
        channels=CHANNELS,
        media=MEDIA,
        failed=_FAILED,
        told=told,
        problems=problems,
        faulty=bool(problems),
        about=text_of(sent, "sprawa") if sent is not None else "",
        mailbox=mailbox,
        calls=calls,
        calls_total=calls_total,
        called=CALLS,
        phone=PHONE.kind.display,
        matter=lambda purpose: proving_for(purpose).matter,
        differences=0 if compared is None else compared.number,
        typed=typed or Typed(),
        questions=questions(),
        note=text_of(sent, "notatka") if sent is not None else "",
        customer_no=text_of(sent, "numer_klienta") if sent is not None else "",
    )
