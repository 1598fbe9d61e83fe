"""Questions of an account: those that were asked, a new one, and each as a conversation that goes on."""

from __future__ import annotations

from typing import Any, Final
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response, StreamingResponse

from api.portal.access import Acting, Posted, RowNumber, SignedIn, offer_other
from api.portal.addresses import QUESTIONS
from api.portal.frame import account_page
from api.problems import ApiProblem
from api.question_input import SentForm, key_of, sent_form, stored, too_many_today
from api.session_forms import posted
from database.engine import Session, reading, transaction
from documents.originals import ENDINGS, OriginalError, chunks_of
from environment.settings import get_settings
from forms.form import Problem
from portal import questions
from portal.conversations import KINDS, LONGEST, AttachedFile, Conversation, QuestionKind, QuestionState
from portal.questions import MOST_FILES, Asker, TooManyQuestionsError, Written, cleaned
from portal.views import Permission, View

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

STATES: Final = {
    QuestionState.NEW: "czeka na odpowiedź",
    QuestionState.ANSWERED: "jest odpowiedź",
    QuestionState.CLOSED: "zakończone",
}
_STALE: Final = (
    "Ta strona była otwarta wcześniej, przed zalogowaniem albo zmianą numeru klienta. Sprawdź, czy numer klienta u "
    "góry jest właściwy, i wyślij jeszcze raz."
)
_NONE: Final = "Nie ma na tym koncie pytania o tym numerze."
_DONE: Final = {
    "wyslano": "Dziękujemy, pytanie jest u nas. Gdy odpowiemy, wyślemy e-mail z informacją, że jest odpowiedź.",
    "dopisano": "Dziękujemy, wiadomość jest u nas.",
    "zakonczono": "Pytanie jest zakończone. Możesz do niego wrócić: wystarczy, że coś dopiszesz.",
}
"""What is said on the page of a question after something was done, by the field of its address."""


@router.get(QUESTIONS)
def show_all(request: Request, owner: Acting) -> Response:
    """The questions of this customer, that in which something was written last first."""
    with reading() as session:
        found = questions.questions_of(session, asker_of(owner))
        senders = owner.senders(session, [one.authority for one in found])
    return account_page(
        request, owner, "portal/questions.html", questions=found, senders=senders, kinds=KINDS, states=STATES
    )


@router.get(f"{QUESTIONS}/nowe")
def begin(request: Request, owner: Acting, faktura: str = "", sprawa: str = "") -> Response:
    """The form for a new one, about an invoice or a case where it is asked from there."""
    _require_his(owner, faktura, sprawa)
    kind = QuestionKind.BILLING if faktura else None
    return _new_page(request, owner, {"kind": kind, "invoice_no": faktura, "case_tracking": sprawa})


@router.post(QUESTIONS)
async def ask(request: Request, owner: Acting) -> Response:
    """Take a question in; what is wrong is told beside it, and what was typed stays."""
    async with sent_form(request) as form:
        typed = {
            "kind": form.text("kind") if form.text("kind") in set(QuestionKind) else None,
            "text": form.text("text"),
            "invoice_no": form.text("faktura"),
            "case_tracking": form.text("sprawa"),
        }
        if await _is_stale(request, owner):
            if not await run_in_threadpool(_is_his, owner, form.text("faktura"), form.text("sprawa")):
                typed |= {"invoice_no": "", "case_tracking": ""}
            return _new_page(request, owner, typed, faults={"text": _STALE}, key=form.text("key"), status=403)
        await run_in_threadpool(_require_his, owner, form.text("faktura"), form.text("sprawa"))
        text, fault = cleaned(typed["text"] or "")
        faults = {"text": fault.message} if fault else {}
        if typed["kind"] is None:
            faults = {"kind": "Wybierz, czego dotyczy pytanie.", **faults}
        if faults:
            return _new_page(request, owner, typed, faults=faults, key=form.text("key"))
        try:
            written = await _written(request, form, text)
        except ApiProblem as problem:
            return _new_page(request, owner, typed, faults=_of_files(problem), key=form.text("key"))
    try:
        number = await run_in_threadpool(_ask, owner, written, typed)
    except TooManyQuestionsError:
        raise too_many_today() from None
    return RedirectResponse(f"{QUESTIONS}/{number}?wyslano=1", 303)


@router.get(f"{QUESTIONS}/{{question}}")
def show(request: Request, owner: Acting, question: RowNumber) -> Response:
    """The conversation."""
    return _page(request, owner, _own(request, owner, question))


@router.post(f"{QUESTIONS}/{{question}}")
async def go_on(request: Request, owner: Acting, question: RowNumber) -> Response:
    """One more turn."""
    async with sent_form(request) as form:
        talk = await run_in_threadpool(_own, request, owner, question)
        if await _is_stale(request, owner):
            told, key = {"text": _STALE}, form.text("key")
            return _page(request, owner, talk, typed=form.text("text"), faults=told, key=key, status=403)
        text, fault = cleaned(form.text("text"))
        if fault:
            told = {"text": fault.message}
            return _page(request, owner, talk, typed=form.text("text"), faults=told, key=form.text("key"))
        try:
            written = await _written(request, form, text)
        except ApiProblem as problem:
            return _page(request, owner, talk, typed=text, faults=_of_files(problem), key=form.text("key"))
    try:
        await run_in_threadpool(_go_on, owner, question, written)
    except TooManyQuestionsError:
        raise too_many_today() from None
    return RedirectResponse(f"{QUESTIONS}/{question}?dopisano=1", 303)


@router.post(f"{QUESTIONS}/{{question}}/zamknij")
def close(owner: Acting, question: RowNumber, form: Posted) -> Response:
    """The customer has all that he wanted to know."""
    with transaction() as session:
        if not questions.close(session, asker_of(owner), question):
            raise no_such_question()
    return RedirectResponse(f"{QUESTIONS}/{question}?zakonczono=1", 303)


@router.get(f"{QUESTIONS}/{{question}}/pliki/{{attachment}}")
def give_file(request: Request, owner: Acting, question: RowNumber, attachment: RowNumber) -> Response:
    """A file that he sent himself, to be saved."""
    _own(request, owner, question)
    with reading() as session:
        found = questions.attachment_of(session, asker_of(owner), question, attachment)
    if found is None:
        raise ApiProblem(404, "Nie ma tu takiego pliku.", title="Nie ma takiego pliku")
    return file_answer(found, f"plik-{question}-{attachment}")


def file_answer(found: AttachedFile, name: str) -> Response:
    """A file that came with a question, to be saved and never shown, under a name that its sender did not choose."""
    try:
        content = chunks_of(found.sha256)
    except OriginalError as error:
        raise ApiProblem(404, "Tego pliku nie ma w magazynie.", title="Nie ma takiego pliku") from error
    disposition = f'attachment; filename="{name}{ENDINGS.get(found.media_type, "")}"'
    headers = {"Cache-Control": "no-store", "Content-Disposition": disposition}
    return StreamingResponse(content, media_type="application/octet-stream", headers=headers)


def asker_of(owner: SignedIn) -> Asker:
    """Whose questions he may see who asks."""
    return _asker(owner, owner.view)


def _asker(owner: SignedIn, view: View) -> Asker:
    return Asker(view.customer_no, owner.login, sees_all=view.may(Permission.OWN), actor=owner.actor)


def no_such_question() -> ApiProblem:
    """The answer for a question of somebody else, as for one that nobody has."""
    return ApiProblem(404, _NONE, title="Nie ma takiego pytania")


async def _is_stale(request: Request, owner: SignedIn) -> bool:
    """Whether the form came from a page of another session or about another number: nothing is done by it."""
    try:
        await posted(request, owner.csrf)
    except ApiProblem:
        return True
    return False


def _is_his(owner: SignedIn, invoice_no: str, case_tracking: str) -> bool:
    with reading() as session:
        return questions.is_his(
            session, owner.customer_no, invoice_no=invoice_no or None, case_tracking=case_tracking or None
        )


def _require_his(owner: SignedIn, invoice_no: str, case_tracking: str) -> None:
    if not _is_his(owner, invoice_no, case_tracking):
        raise ApiProblem(404, "Nie ma na tym koncie takiej faktury ani sprawy.", title="Nie ma o co zapytać")


def _own(request: Request, owner: SignedIn, number: int) -> Conversation:
    with reading() as session:
        found = questions.question_of(session, asker_of(owner), number)
    if found is None:

        def has(session: Session, view: View) -> bool:
            return questions.question_of(session, _asker(owner, view), number) is not None

        offer_other(request, owner, Permission.ACT, has)
        raise no_such_question()
    return found


async def _written(request: Request, form: SentForm, text: str) -> Written:
    return Written(text, key_of(form.text("key")), await stored(request, form.files))


def _ask(owner: SignedIn, written: Written, typed: dict[str, Any]) -> int:
    with transaction() as session:
        return questions.ask(
            session,
            asker_of(owner),
            written,
            kind=QuestionKind(typed["kind"]),
            invoice_no=typed["invoice_no"] or None,
            case_tracking=typed["case_tracking"] or None,
        )


def _go_on(owner: SignedIn, number: int, written: Written) -> None:
    with transaction() as session:
        questions.go_on(session, asker_of(owner), number, written)


def _of_files(problem: ApiProblem) -> dict[str, str]:
    """What to say at the field of the files; what is no fault of theirs is passed on."""
    if problem.status not in (413, 415, 422):
        raise problem
    told: list[Problem | Any] = list(problem.answer.problems)
    return {"file": told[0].message if told else problem.answer.detail or problem.answer.title}


def _new_page(
    request: Request,
    owner: SignedIn,
    typed: dict[str, Any],
    *,
    faults: dict[str, str] | None = None,
    key: str = "",
    status: int = 422,
) -> Response:
    return account_page(
        request,
        owner,
        "portal/question_new.html",
        status=status if faults else 200,
        typed=typed,
        kinds=KINDS,
        **_of_form(faults, key),
    )


def _page(
    request: Request,
    owner: SignedIn,
    talk: Conversation,
    *,
    typed: str = "",
    faults: dict[str, str] | None = None,
    key: str = "",
    status: int = 422,
) -> Response:
    with reading() as session:
        senders = owner.senders(session, [turn.authority for turn in talk.turns])
    done = next((told for name, told in _DONE.items() if name in request.query_params), None)
    return account_page(
        request,
        owner,
        "portal/question.html",
        status=status if faults else 200,
        talk=talk,
        senders=senders,
        typed=typed,
        done=done,
        kinds=KINDS,
        states=STATES,
        **_of_form(faults, key),
    )


def _of_form(faults: dict[str, str] | None, key: str) -> dict[str, Any]:
    """What every form for a turn needs."""
    return {
        "faults": faults or {},
        "faulty": bool(faults),
        "key": key or uuid4().hex,
        "longest": LONGEST,
        "most_files": MOST_FILES,
        "most_bytes": get_settings().max_upload_bytes,
    }
