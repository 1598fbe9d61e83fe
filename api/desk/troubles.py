"""What is stuck: documents, files in the scan folder and messages that need a human, each with its way on."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from api.desk.access import Clerk, Posted, SignedIn, desk_page, text_of, tracking_of
from api.desk.queue import CHANNELS, at_desk
from audit.trail import note_view
from database.engine import reading, transaction
from forms.form import Problem
from review import troubles
from review.decisions import RefusedError
from review.queue import Clerk as DeskClerk

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ADDRESS: Final = "/biuro/do-wyjasnienia"
_DONE: Final = {
    "ponownie": "Program spróbuje jeszcze raz w ciągu minuty.",
    "zamknieto": "Sprawa jest zamknięta. Nikogo o tym nie powiadomiono.",
    "powiadomiono": "Sprawa jest zamknięta, a wiadomość do klienta czeka na wysłanie.",
    "wyslij": "Wiadomość zostanie wysłana jeszcze raz.",
    "dotarla": "Wiadomość jest oznaczona jako wysłana.",
    "list": "Wiadomość zostanie wydrukowana jako list.",
    "bez": "Wiadomość jest zamknięta. Powód jest w historii sprawy.",
}
_MEDIA: Final = {"email": "e-mail", "sms": "SMS", "letter": "list"}
_FAILED: Final = {
    "failed": "Nie wysłano",
    "uncertain": "Nie wiadomo, czy doszła",
    "bounced": "Wróciła",
    "pending": "Program próbuje dalej",
}


@router.get(ADDRESS)
def show(request: Request, clerk: Clerk, stan: str = "") -> Response:
    """All that waits for somebody to look at it."""
    return _page(request, clerk, told=_DONE.get(stan))


@router.post(ADDRESS)
def act(request: Request, clerk: Clerk, form: Posted) -> Response:
    """What the pressed button says, about the document or message that it belongs to."""
    try:
        done = _done(at_desk(clerk), form)
    except RefusedError as error:
        return _page(request, clerk, status=422, problems=error.problems, sent=form)
    return RedirectResponse(f"{ADDRESS}?stan={done}" if done else ADDRESS, 303)


def _done(person: DeskClerk, form: FormData) -> str:
    """Do it; gives the word for what was done, '' when the button is none of ours."""
    action, key = text_of(form, "co"), text_of(form, "wiadomosc")
    number = tracking_of(text_of(form, "sprawa")) if action in ("ponownie", "zamknij") else ""
    with transaction() as session:
        match action:
            case "ponownie":
                troubles.retry(session, number, person)
            case "zamknij":
                note, customer_no = text_of(form, "notatka"), text_of(form, "numer_klienta")
                told = troubles.close(session, number, person, note=note, customer_no=customer_no)
                return "powiadomiono" if told else "zamknieto"
            case "wyslij":
                troubles.send_again(session, key, person)
            case "dotarla":
                troubles.mark_sent(session, key, person)
            case "list":
                troubles.print_message(session, key, person)
            case "bez":
                troubles.close_message(session, key, person, text_of(form, "powod"))
            case _:
                return ""
    return action


def _page(
    request: Request,
    clerk: SignedIn,
    *,
    status: int = 200,
    told: str | None = None,
    problems: tuple[Problem, ...] = (),
    sent: FormData | None = None,
) -> Response:
    names = troubles.names_in_folder()
    with reading() as session:
        found = troubles.troubles(session)
    note_view(actor=clerk.actor, action="viewed", subject="troubles")
    return desk_page(
        request,
        clerk,
        "desk/troubles.html",
        status=status,
        found=found,
        names=names,
        channels=CHANNELS,
        media=_MEDIA,
        failed=_FAILED,
        told=told,
        problems=problems,
        faulty=bool(problems),
        about=text_of(sent, "sprawa") if sent is not None else "",
        about_message=text_of(sent, "wiadomosc") if sent is not None else "",
        reason=text_of(sent, "powod") if sent is not None else "",
        note=text_of(sent, "notatka") if sent is not None else "",
        customer_no=text_of(sent, "numer_klienta") if sent is not None else "",
    )
