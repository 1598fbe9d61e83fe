"""Questions of customers at the desk: what waits, oldest first, the conversation, an answer, handing on, closing.

What was typed to find one is sent by POST, so that no address holds it. A file that came along is seen as pictures that
a reader process draws, and given out only to be saved.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final, Literal
from uuid import uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from api.desk.access import QUESTIONS, Decider, Posted, SignedIn, desk_page, text_of
from api.desk.pictures import none_is_404, picture_answer
from api.desk.queue import at_desk, document_address
from api.desk.visits import kinds as kinds_of_visits
from api.portal.access import RowNumber
from api.portal.questions import STATES, file_answer
from api.problems import ApiProblem
from api.question_input import key_of
from audit.trail import note_view, record
from customers.acting import agents_in_words
from database.engine import reading, transaction
from documents.originals import opened
from portal import answering
from portal.answer_templates import TEMPLATES, is_unfinished, template
from portal.answering import AnsweredMeanwhileError, DeskLine, DeskQuestion
from portal.conversations import KINDS, LONGEST, AttachedFile, QuestionState
from portal.questions import cleaned
from portal.visit_beginning import begin_visit
from readers.pictures import SHOWN_WIDTH, THUMBNAIL_WIDTH, PagePicture
from review.decisions import RefusedError

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_LONGEST: Final = 200
_SIZES: Final = {"strona": SHOWN_WIDTH, "miniatura": THUMBNAIL_WIDTH}
_LISTS: Final = {
    "czekaja": ("Czekają na odpowiedź", QuestionState.NEW),
    "odpowiedziane": ("Z odpowiedzią", QuestionState.ANSWERED),
    "zakonczone": ("Zakończone", QuestionState.CLOSED),
}
_DONE: Final = {
    "odpowiedziano": "Odpowiedź jest zapisana. Klient dostanie e-mail, że może ją przeczytać.",
    "zapisano": "Odpowiedź jest zapisana. Klient nie ma już konta, więc powiedz mu o niej inaczej.",
    "przekazano": "Pytanie jest przekazane.",
    "zakonczono": "Pytanie jest zakończone. Klient może do niego wrócić.",
}
_MEANWHILE: Final = "Od otwarcia tej strony ktoś dopisał coś do tego pytania. Przeczytaj to i odpowiedz jeszcze raz."
_UNFINISHED: Final = "W odpowiedzi zostało miejsce w nawiasach kwadratowych. Wpisz tam, co trzeba."


@dataclass(frozen=True, slots=True)
class PageOfFile:
    """A page of a file that came with a question, by the numbers in an address."""

    question: RowNumber
    attachment: RowNumber
    page: RowNumber


@router.get(QUESTIONS)
def show(request: Request, clerk: Decider, lista: str = "czekaja", moje: str = "") -> Response:
    """A list: what waits, what was answered, what is over; only those handed to oneself where asked for."""
    chosen = lista if lista in _LISTS else "czekaja"
    with reading() as session:
        found = answering.listed(session, _LISTS[chosen][1], held_by=clerk.login if moje else None)
    return _list_page(request, clerk, found, chosen=chosen, mine=bool(moje))


@router.post(QUESTIONS)
def find(request: Request, clerk: Decider, form: Posted) -> Response:
    """Questions by number, customer or words; changes nothing."""
    typed = text_of(form, "szukane").strip()[:_LONGEST]
    if not typed:
        return RedirectResponse(QUESTIONS, 303)
    with reading() as session:
        found = answering.find(session, typed)
    with transaction() as session:
        answering.note_search(session, found, clerk.actor)
    return _list_page(request, clerk, found, chosen=None, typed=typed)


@router.get(f"{QUESTIONS}/{{question}}")
def show_one(request: Request, clerk: Decider, question: RowNumber, wzor: str = "") -> Response:
    """The conversation, with room for an answer, which begins as a template where one is chosen."""
    found = _question(clerk, question)
    begun = template(wzor)
    return _page(request, clerk, found, typed=begun.text if begun else "")


@router.post(f"{QUESTIONS}/{{question}}/odpowiedz")
def answer(request: Request, clerk: Decider, question: RowNumber, form: Posted) -> Response:
    """Write the answer; what is wrong with it is told beside it."""
    typed = text_of(form, "text")
    found = _question(clerk, question)
    text, fault = cleaned(typed)
    told = fault.message if fault else _UNFINISHED if is_unfinished(text) else None
    if told is None:
        try:
            with transaction() as session:
                answering.answer(
                    session,
                    question,
                    clerk.login,
                    text,
                    key=key_of(text_of(form, "key")),
                    seen=_number(form.get("seen")),
                    closes=text_of(form, "co") == "odpowiedz-i-zakoncz",
                )
        except AnsweredMeanwhileError:
            told, found = _MEANWHILE, _question(clerk, question)
    if told:
        return _page(request, clerk, found, typed=typed, faults={"text": told}, key=text_of(form, "key"))
    done = "odpowiedziano" if found.reachable else "zapisano"
    return RedirectResponse(f"{QUESTIONS}/{question}?stan={done}", 303)


@router.post(f"{QUESTIONS}/{{question}}/przekaz")
def hand_over(clerk: Decider, question: RowNumber, form: Posted) -> Response:
    """Hand it to a colleague, take it oneself, or leave it to whoever comes first."""
    with transaction() as session:
        if not answering.hand_over(session, question, clerk.login, text_of(form, "komu") or None):
            raise _no_such_question()
    return RedirectResponse(f"{QUESTIONS}/{question}?stan=przekazano", 303)


@router.post(f"{QUESTIONS}/{{question}}/zakoncz")
def close(request: Request, clerk: Decider, question: RowNumber, form: Posted) -> Response:
    """End it without a further answer."""
    try:
        with transaction() as session:
            if not answering.close(session, question, clerk.login, seen=_number(form.get("seen"))):
                raise _no_such_question()
    except AnsweredMeanwhileError:
        return _page(request, clerk, _question(clerk, question), faults={"text": _MEANWHILE})
    return RedirectResponse(f"{QUESTIONS}/{question}?stan=zakonczono", 303)


@router.post(f"{QUESTIONS}/{{question}}/wniosek")
def begin_request(request: Request, clerk: Decider, question: RowNumber, form: Posted) -> Response:
    """Begin a request for a visit with what is known of the customer, and go on to it."""
    try:
        with transaction() as session:
            code, seen = text_of(form, "wniosek"), _number(form.get("seen"))
            tracking = begin_visit(session, question, at_desk(clerk), code, seen=seen)
    except RefusedError as error:
        return _page(request, clerk, _question(clerk, question), faults={"wniosek": error.problems[0].message})
    if tracking is None:
        raise _no_such_question()
    return RedirectResponse(document_address(tracking), 303)


@router.get(f"{QUESTIONS}/{{question}}/pliki/{{attachment}}/{{size}}/{{page}}.jpg")
def picture(
    request: Request, clerk: Decider, place: Annotated[PageOfFile, Depends()], size: Literal["strona", "miniatura"]
) -> Response:
    """A page of a file, drawn by a reader process."""
    drawn = _picture(clerk, place)
    return picture_answer(request, f"{drawn.mark}-{size}", "image/jpeg", lambda: drawn.shown(_SIZES[size]))


@router.get(f"{QUESTIONS}/{{question}}/pliki/{{attachment}}/strony/{{page}}")
def show_picture(request: Request, clerk: Decider, place: Annotated[PageOfFile, Depends()]) -> Response:
    """A page of a file as large as the window, and the way to the next."""
    drawn = _picture(clerk, place)
    with none_is_404():
        drawn.shown()
    return desk_page(request, clerk, "desk/question_file.html", place=place)


@router.get(f"{QUESTIONS}/{{question}}/pliki/{{attachment}}")
def give_file(clerk: Decider, question: RowNumber, attachment: RowNumber) -> Response:
    """The file as it came, to be saved; that it was handed out stands in the audit."""
    found = _file(question, attachment)
    with transaction() as session:
        record(session, actor=clerk.actor, action="original_handed_out", subject=f"question:{question}")
    return file_answer(found, f"pytanie-{question}-plik-{attachment}")


def _question(clerk: SignedIn, number: int) -> DeskQuestion:
    with reading() as session:
        found = answering.question(session, number)
    if found is None:
        raise _no_such_question()
    note_view(actor=clerk.actor, action="opened", subject=f"question:{number}")
    return found


def _no_such_question() -> ApiProblem:
    return ApiProblem(404, "Nie ma pytania o tym numerze albo pracownika, któremu je dajesz.", title="Nie ma pytania")


def _file(question: int, attachment: int) -> AttachedFile:
    with reading() as session:
        found = answering.attachment(session, question, attachment)
    if found is None:
        raise ApiProblem(404, "To pytanie nie ma takiego pliku.", title="Nie ma takiego pliku")
    return found


def _picture(clerk: SignedIn, place: PageOfFile) -> PagePicture:
    found = _file(place.question, place.attachment)
    note_view(actor=clerk.actor, action="pictures_viewed", subject=f"question:{place.question}")
    return PagePicture(partial(opened, found.sha256), found.sha256, place.page)


def _number(sent: object) -> int:
    """What a hidden field says; 0, which is no turn, where it was tampered with."""
    return int(sent) if isinstance(sent, str) and sent.isdecimal() and len(sent) < 12 else 0


def _list_page(
    request: Request,
    clerk: SignedIn,
    found: list[DeskLine],
    *,
    chosen: str | None,
    mine: bool = False,
    typed: str = "",
) -> Response:
    with reading() as session:
        names, waits = answering.names_of_staff(session), answering.waiting(session)
        agents = agents_in_words(session, [one.line.authority for one in found])
    note_view(actor=clerk.actor, action="viewed", subject="questions")
    return desk_page(
        request,
        clerk,
        "desk/questions.html",
        found=found,
        most=answering.SHOWN,
        lists={code: name for code, (name, _) in _LISTS.items()},
        chosen=chosen,
        mine=mine,
        typed=typed,
        waits=waits,
        kinds=KINDS,
        states=STATES,
        names=names,
        agents=agents,
    )


def _page(
    request: Request,
    clerk: SignedIn,
    found: DeskQuestion,
    *,
    typed: str = "",
    faults: dict[str, str] | None = None,
    key: str = "",
) -> Response:
    with reading() as session:
        names, answerers = answering.names_of_staff(session), answering.answerers(session)
        agents = agents_in_words(session, [turn.authority for turn in found.talk.turns])
    context: dict[str, Any] = {
        "found": found,
        "talk": found.talk,
        "kinds": KINDS,
        "states": STATES,
        "names": names,
        "agents": agents,
        "answerers": answerers,
        "templates": TEMPLATES,
        "visits": kinds_of_visits(),
        "typed": typed,
        "faults": faults or {},
        "faulty": bool(faults),
        "key": key or uuid4().hex,
        "longest": LONGEST,
        "done": _DONE.get(request.query_params.get("stan", "")),
    }
    return desk_page(request, clerk, "desk/question.html", status=422 if faults else 200, **context)
