"""Questions of the account: asked, gone on with and closed by a program, files beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import BaseModel, Field, ValidationError
from starlette.datastructures import UploadFile

from api.account.access import ChangingActor, new_router
from api.account.senders import SentBy
from api.bodies import json_object
from api.portal.access import Acting, RowNumber, SignedIn
from api.portal.questions import asker_of, file_answer, no_such_question
from api.problems import ApiProblem, answers
from api.question_input import sent_form, stored, too_many_today
from api.receiving import FIELD
from api.submissions import Key
from database.engine import reading, transaction
from forms.form import Problem
from portal import questions
from portal.conversations import LONGEST, Conversation, QuestionKind, QuestionLine, QuestionState
from portal.questions import TooManyQuestionsError, Written, cleaned

router = new_router("Konto: pytania")

_FORM: Final = "multipart/form-data"
_REFUSALS: Final = answers(
    s400="Treść nie jest JSON-em ani formularzem albo klucz jest niepoprawny",
    s404="Ten odbiorca nie ma takiego pytania, takiej faktury albo sprawy",
    s413="Treść albo pliki są za duże",
    s415="Treść nie jest JSON-em ani formularzem, albo plik nie jest PDF-em ani obrazem",
    s422="Treść albo plik wymaga poprawy",
    s429="Za dużo wiadomości albo plików w jednym dniu; Retry-After mówi, kiedy spróbować znowu",
    s507="Na serwerze nie ma miejsca na pliki; Retry-After mówi, kiedy spróbować znowu",
)


class TurnGiven(BaseModel):
    """What the customer writes."""

    text: str = Field(description="Treść", min_length=1, max_length=LONGEST, repr=False)


class QuestionGiven(TurnGiven):
    """A new question."""

    kind: QuestionKind = Field(description="'billing' rozliczenia, 'services' usługi, 'other' coś innego")
    invoice_no: str | None = Field(default=None, description="O którą fakturę chodzi", max_length=100)
    tracking: str | None = Field(default=None, description="O którą sprawę chodzi", max_length=20)


class TurnFile(BaseModel):
    """A file beside a turn."""

    number: int
    name: str = Field(repr=False)
    media_type: str
    size: int = Field(description="Bajty")


class TurnTold(BaseModel):
    """What one side wrote."""

    number: int
    at: datetime
    author: str = Field(description="'customer' albo 'office'", examples=["office"])
    sent_by: SentBy
    text: str = Field(repr=False)
    files: list[TurnFile]


class QuestionSummary(BaseModel):
    """A question in a list."""

    number: int
    kind: QuestionKind
    state: QuestionState = Field(description="'new' czeka na odpowiedź, 'answered' jest odpowiedź, 'closed' zakończone")
    asked_at: datetime
    last_at: datetime = Field(description="Kiedy napisano ostatnią wiadomość")
    beginning: str = Field(description="Początek pytania", repr=False)
    sent_by: SentBy


class QuestionTold(BaseModel):
    """A question with all that was written."""

    number: int
    kind: QuestionKind
    state: QuestionState
    asked_at: datetime
    invoice_no: str | None
    tracking: str | None
    turns: list[TurnTold] = Field(description="Od najstarszej wiadomości")


def _body(shape: type[BaseModel]) -> dict[str, Any]:
    """The body of such a request in the description: JSON, or a form in parts where files go along."""
    schema = shape.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    parts = {
        "type": "object",
        "required": schema["required"],
        "properties": {
            **{name: {"type": "string", "minLength": 1} for name in schema["required"]},
            FIELD: {
                "type": "array",
                "maxItems": questions.MOST_FILES,
                "items": {"type": "string", "contentMediaType": "application/octet-stream"},
                "description": "PDF, TIFF, JPEG, PNG albo HEIC",
            },
        },
    }
    content = {"application/json": {"schema": schema}, _FORM: {"schema": parts}}
    return {"requestBody": {"required": True, "content": content}}


@dataclass(frozen=True, slots=True)
class _Sent:
    """What came: values by name, and files as long as the request is read."""

    values: dict[str, Any] = field(repr=False)
    files: Sequence[UploadFile] = ()


@router.get("/questions", summary="Pytania", response_description="Pytania, ostatnio pisane na początku")
def list_questions(owner: Acting) -> list[QuestionSummary]:
    """Zadane z tego konta."""
    with reading() as session:
        found = questions.questions_of(session, asker_of(owner))
        senders = owner.senders(session, [one.authority for one in found])
    return [_summary(one, senders[one.authority]) for one in found]


@router.get(
    "/questions/{question}",
    summary="Jedno pytanie",
    response_description="Pytanie z odpowiedziami",
    responses=answers(s404="Ten odbiorca nie ma pytania o tym numerze"),
)
def tell_question(owner: Acting, question: RowNumber) -> QuestionTold:
    """Wszystko, co napisano."""
    return _told_of(owner, question)


@router.post(
    "/questions",
    status_code=201,
    summary="Zadaj pytanie",
    response_description="Pytanie jest u nas",
    responses=_REFUSALS,
    openapi_extra=_body(QuestionGiven),
)
async def ask(request: Request, owner: ChangingActor, key: Key) -> QuestionTold:
    """Jako JSON albo, z plikami, jako formularz. Z tym samym Idempotency-Key wysłane drugi raz jest tym samym."""
    async with _sent(request) as sent:
        given = _given(QuestionGiven, sent.values)
        text = _text(given)
        await run_in_threadpool(_require_his, owner, given)
        written = Written(text, key or uuid4().hex, await stored(request, sent.files))
    number = await run_in_threadpool(_ask, owner, given, written)
    return await run_in_threadpool(_told_of, owner, number)


@router.post(
    "/questions/{question}/turns",
    status_code=201,
    summary="Dopisz do pytania",
    response_description="Wiadomość jest u nas",
    responses=_REFUSALS,
    openapi_extra=_body(TurnGiven),
)
async def go_on(request: Request, owner: ChangingActor, question: RowNumber, key: Key) -> QuestionTold:
    """Pytanie czeka potem znowu na odpowiedź, także zakończone."""
    await run_in_threadpool(_own, owner, question)
    async with _sent(request) as sent:
        text = _text(_given(TurnGiven, sent.values))
        written = Written(text, key or uuid4().hex, await stored(request, sent.files))
    await run_in_threadpool(_go_on, owner, question, written)
    return await run_in_threadpool(_told_of, owner, question)


@router.post(
    "/questions/{question}/closing",
    status_code=204,
    summary="Zakończ pytanie",
    response_description="Pytanie jest zakończone",
    responses=answers(s404="Ten odbiorca nie ma pytania o tym numerze"),
)
def close(owner: ChangingActor, question: RowNumber) -> None:
    """Odpowiedź nie jest już potrzebna."""
    with transaction() as session:
        if not questions.close(session, asker_of(owner), question):
            raise no_such_question()


@router.get(
    "/questions/{question}/files/{attachment}",
    summary="Plik z pytania",
    response_description="Plik, tak jak przyszedł",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {"schema": {"type": "string"}}}},
        **answers(s404="Ten odbiorca nie ma takiego pliku"),
    },
)
def give_file(owner: Acting, question: RowNumber, attachment: RowNumber) -> Response:
    """Ten, który odbiorca sam wysłał."""
    with reading() as session:
        found = questions.attachment_of(session, asker_of(owner), question, attachment)
    if found is None:
        raise no_such_question()
    return file_answer(found, f"plik-{question}-{attachment}")


@asynccontextmanager
async def _sent(request: Request) -> AsyncIterator[_Sent]:
    if request.headers.get("content-type", "").lower().startswith(_FORM):
        async with sent_form(request) as form:
            if any(isinstance(one, str) for one in form.fields.getlist(FIELD)):
                raise ApiProblem(422, problems=[Problem(FIELD, "not_a_file", "To pole ma być plikiem.")])
            yield _Sent({name: form.text(name) for name in form.fields if name != FIELD}, form.files)
    else:
        values, _ = await json_object(request)
        yield _Sent(values)


def _given(shape: type[Any], values: dict[str, Any]) -> Any:
    """The values in their shape; ApiProblem 422 with what is wrong, which quotes none of them."""
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        told = error.errors(include_input=False, include_url=False, include_context=False)
        found = [Problem(str(one["loc"][-1]), "bad_parameter", "Popraw ten parametr.") for one in told]
        raise ApiProblem(422, problems=found) from None


def _text(given: TurnGiven) -> str:
    text, fault = cleaned(given.text)
    if fault:
        raise ApiProblem(422, problems=[fault])
    return text


def _require_his(owner: SignedIn, given: QuestionGiven) -> None:
    with reading() as session:
        if not questions.is_his(session, owner.customer_no, invoice_no=given.invoice_no, case_tracking=given.tracking):
            raise ApiProblem(404, "Nie ma na tym koncie takiej faktury ani sprawy.", title="Nie ma o co zapytać")


def _own(owner: SignedIn, number: int) -> Conversation:
    with reading() as session:
        found = questions.question_of(session, asker_of(owner), number)
    if found is None:
        raise no_such_question()
    return found


def _ask(owner: SignedIn, given: QuestionGiven, written: Written) -> int:
    try:
        with transaction() as session:
            return questions.ask(
                session,
                asker_of(owner),
                written,
                kind=given.kind,
                invoice_no=given.invoice_no,
                case_tracking=given.tracking,
            )
    except TooManyQuestionsError:
        raise too_many_today() from None


def _go_on(owner: SignedIn, number: int, written: Written) -> None:
    try:
        with transaction() as session:
            questions.go_on(session, asker_of(owner), number, written)
    except TooManyQuestionsError:
        raise too_many_today() from None


def _summary(line: QuestionLine, sender: str | None) -> QuestionSummary:
    return QuestionSummary(
        number=line.number,
        kind=line.kind,
        state=line.state,
        asked_at=line.asked_at,
        last_at=line.last_at,
        beginning=line.beginning,
        sent_by=sender,
    )


def _told_of(owner: SignedIn, number: int) -> QuestionTold:
    return _told(owner, _own(owner, number))


def _told(owner: SignedIn, talk: Conversation) -> QuestionTold:
    with reading() as session:
        senders = owner.senders(session, [turn.authority for turn in talk.turns])
    return QuestionTold(
        number=talk.number,
        kind=talk.kind,
        state=talk.state,
        asked_at=talk.asked_at,
        invoice_no=talk.invoice_no,
        tracking=talk.case_tracking,
        turns=[
            TurnTold(
                number=turn.number,
                at=turn.at,
                author="customer" if turn.clerk is None else "office",
                sent_by=senders[turn.authority] if turn.clerk is None else None,
                text=turn.text,
                files=[
                    TurnFile(number=one.number, name=one.name, media_type=one.media_type, size=one.size)
                    for one in turn.files
                ],
            )
            for turn in talk.turns
        ],
    )
