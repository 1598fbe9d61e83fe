"""Forms as data: what the forms are, and filled-in forms as JSON."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.answers import FormDescription, SubmissionTaken, status_url
from api.bodies import json_object
from api.examples import example_values
from api.limits import count_submission
from api.portal.access import authority_of, signed_in_here
from api.problems import ApiProblem, answers
from customers.consents import signed_terms
from database.engine import transaction
from documents.intake import IdempotencyConflictError, receive_values
from documents.loading import load
from documents.states import IntakeChannel
from environment import clock
from forms.catalogue import current_forms
from forms.describe import describe_forms
from forms.fields import DATE_SIGNED
from forms.form import Form, Problem
from forms.schema import TERMS_VERSION, json_schema
from forms.submission import Submission
from forms.web import online_submission

KEY_LENGTH = 128


def idempotency_key(
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="Dowolny niepowtarzalny tekst (1–128 znaków ASCII). Powtórzone zapytanie z tym samym kluczem "
            "i tą samą treścią dostaje tę samą odpowiedź i nie tworzy drugiej sprawy.",
            json_schema_extra={"minLength": 1, "maxLength": KEY_LENGTH, "pattern": "^[ -~]*$"},
        ),
    ] = None,
) -> str | None:
    """The sender's key for safe repeating."""
    if key is not None and not (1 <= len(key) <= KEY_LENGTH and key.isascii() and key.isprintable()):
        problem = Problem("Idempotency-Key", "bad_key", f"Klucz ma mieć od 1 do {KEY_LENGTH} znaków ASCII.")
        raise ApiProblem(400, problems=[problem])
    return key


Key = Annotated[str | None, Depends(idempotency_key)]


def conflict() -> ApiProblem:
    """The answer to a key that came with other content before."""
    return ApiProblem(409, "Tego klucza Idempotency-Key użyto już z inną treścią. Wyślij zapytanie z nowym kluczem.")


def build() -> APIRouter:
    """One route per form, so that the API description shows the fields of each."""
    router = APIRouter(prefix="/api/v1/forms", tags=["Formularze"])
    router.add_api_route(
        "",
        list_forms,
        methods=["GET"],
        response_model=list[FormDescription],
        summary="Formularze i ich pola",
        description="Najnowsza wersja każdego formularza: pola, ich miejsca na druku i schemat wartości.",
        response_description="Lista formularzy",
    )
    for form in current_forms():
        _add_form(router, form)
    router.add_api_route("/{code}/submissions", refuse_unknown, methods=["POST"], include_in_schema=False)
    return router


def list_forms() -> list[dict[str, Any]]:
    """The newest version of every form."""
    schemas = {form.code: json_schema(form) for form in current_forms()}
    return [
        {**described, "json_schema": schemas[described["code"]], "submissions_url": _path(described["code"])}
        for described in describe_forms()
        if described["code"] in schemas
    ]


async def refuse_unknown(code: str) -> Response:
    """No such form."""
    known = ", ".join(form.code for form in current_forms())
    raise ApiProblem(404, f"Nie ma formularza o tym kodzie. Są: {known}.", title="Nie ma takiego formularza")


def _path(code: str) -> str:
    return f"/api/v1/forms/{code}/submissions"


def _add_form(router: APIRouter, form: Form) -> None:
    async def submit(request: Request, response: Response, key: Key) -> SubmissionTaken:
        values, body = await json_object(request)
        taken = await run_in_threadpool(_take, request, form, values, body, key)
        response.headers["Location"] = taken.status_url
        return taken

    router.add_api_route(
        f"/{form.code}/submissions",
        submit,
        methods=["POST"],
        status_code=202,
        response_model=SubmissionTaken,
        operation_id=f"submit_{form.code}",
        summary=form.title,
        response_description="Formularz jest przyjęty",
        description=f"{form.intro}\n\nPodpis nie jest potrzebny; bez daty przyjmujemy dzisiejszą.",
        responses=answers(
            s400="Treść nie jest JSON-em albo klucz jest niepoprawny",
            s409="Klucza użyto już z inną treścią",
            s413="Treść jest za duża",
            s415="Treść nie jest oznaczona jako JSON",
            s422="Wartości wymagają poprawy; lista pól i powodów",
            s429="Za dużo formularzy z jednego łącza; Retry-After mówi, kiedy wysłać jeszcze raz",
        ),
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": json_schema(form), "example": example_values(form)}},
            }
        },
    )


def _take(request: Request, form: Form, values: dict[str, Any], body: bytes, key: str | None) -> SubmissionTaken:
    shown = values.pop(TERMS_VERSION, None) if form.terms is not None else None
    submission, problems = online_submission(form, values, clock.today())
    problems += [
        Problem(item.name, "paper_only", "To pole jest tylko na papierze. Usuń je.")
        for item in form.fields
        if item.on_paper_only and item.name in values
    ]
    if problems:
        raise _to_mend(problems)
    if (other := _other_terms(submission, shown)) is not None:
        raise _to_mend([other])
    authority = authority_of(signed_in_here(request), submission.text("customer_no"))
    try:
        with transaction() as session:
            count_submission(session, request)
            receipt = receive_values(
                session, submission, channel=IntakeChannel.API, idempotency_key=key, raw=body, authority=authority
            )
            received_at = load(session, receipt.tracking).received_at
    except IdempotencyConflictError as error:
        raise conflict() from error
    return SubmissionTaken(
        tracking=receipt.tracking,
        state=receipt.state,
        form=form.code,
        version=form.version,
        received_at=received_at,
        status_url=status_url(receipt.tracking),
    )


def _to_mend(problems: list[Problem]) -> ApiProblem:
    return ApiProblem(422, "Popraw wskazane pola i wyślij formularz ponownie.", problems=problems)


def _other_terms(submission: Submission, shown: object) -> Problem | None:
    """What is wrong where another version of the Regulamin was shown than the one that is consented to."""
    today, signed = clock.today(), submission.text(DATE_SIGNED.name)
    terms = signed_terms(submission.form, date.fromisoformat(signed) if signed else None, today)
    if terms is None or shown in (None, terms.version):
        return None
    told = (
        f"Zgoda byłaby na {terms.title} w wersji {terms.version}, a podano inną wersję. "
        "Pokaż tę, którą podajemy, i wyślij formularz jeszcze raz."
    )
    return Problem(TERMS_VERSION, "other_terms", told)
