"""What goes wrong with a request, in one shape: RFC 9457 ``application/problem+json`` with Polish sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api.pages import message_page, wants_page
from database.engine import DatabaseUnreachableError
from documents.store_interface import StoreUnreachableError
from environment.disk_faults import is_full
from forms.form import Problem

log = structlog.get_logger("api")
PROBLEM_JSON: Final = "application/problem+json"

_TITLES: Final = {
    400: "Zapytanie jest niepoprawne",
    404: "Nie ma takiego adresu",
    405: "Ten adres nie obsługuje tej metody",
    406: "Nie umiemy odpowiedzieć w żądanej postaci",
    408: "Zapytanie nie dotarło w całości",
    409: "Zapytanie jest sprzeczne z wcześniejszym",
    410: "Zasób już wygasł",
    413: "Zapytanie jest za duże",
    415: "Nieobsługiwany rodzaj danych",
    422: "Dane wymagają poprawy",
    429: "Za dużo prób",
    500: "Błąd po naszej stronie",
    507: "Nie mamy teraz miejsca na pliki",
    503: "Usługa jest chwilowo niedostępna",
}

_KEPT_OUT: Final = frozenset({401, 403, 405, 415, 421, 429})
"""Statuses of who may not, or who asks in a way that none of our pages and programs does."""


class FieldProblem(BaseModel):
    """One thing to mend."""

    field: str | None = Field(description="Nazwa pola; null, gdy uwaga dotyczy całości", examples=["postcode"])
    code: str = Field(description="Stały kod przyczyny", examples=["bad_format"])
    message: str = Field(description="Co poprawić, po polsku", examples=["Wpisz numer klienta."])


class ProblemAnswer(BaseModel):
    """Body of every answer with a status of 400 or more."""

    title: str = Field(examples=["Dane wymagają poprawy"])
    status: int = Field(examples=[422])
    detail: str | None = Field(default=None, description="Co zrobić, po polsku")
    problems: list[FieldProblem] = Field(default_factory=list)


class ApiProblem(Exception):  # noqa: N818  (an answer to the sender, not a fault of the program)
    """Ends a request with a problem answer."""

    def __init__(
        self,
        status: int,
        detail: str | None = None,
        *,
        title: str | None = None,
        problems: Iterable[Problem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status}")
        self.status = status
        self.headers = dict(headers or {})
        self.answer = ProblemAnswer(
            title=title or title_of(status),
            status=status,
            detail=detail,
            problems=[FieldProblem(field=p.field, code=p.code, message=p.message) for p in problems],
        )

    def response(self, request: Request) -> Response:
        """The answer as it is sent: JSON, or a page where a person with a browser asks. Who was kept out is logged."""
        if self.status in _KEPT_OUT:
            log.warning("refused", status=self.status, method=request.method, route=_route_of(request))
        if wants_page(request):
            sentences = [self.answer.detail] if self.answer.detail else ["Sprawdź adres albo zadzwoń do nas."]
            return message_page(
                request, self.status, self.answer.title, sentences, mood="warn", onward=_onward(request)
            )
        return JSONResponse(
            self.answer.model_dump(), status_code=self.status, headers=self.headers, media_type=PROBLEM_JSON
        )


def _onward(request: Request) -> tuple[str, str]:
    """Where one goes from a page that cannot be: nobody is left at a dead end."""
    of_account = request.url.path.startswith("/ebok/")
    return ("/ebok/", "Wróć do konta") if of_account else ("/", "Przejdź do strony głównej")


def _route_of(request: Request) -> str:
    """The address as the application knows it, without what a visitor put into it."""
    return str(getattr(request.scope.get("route"), "path", "unknown"))


def no_room() -> ApiProblem:
    """The answer while the disk is full, or nearly so."""
    advice = "Chwilowo nie możemy przyjmować plików, nic nie zostało zapisane. Wyślij to jutro albo przynieś do biura."
    return ApiProblem(507, advice, headers={"Retry-After": "3600"})


def _methods_at(request: Request) -> list[str]:
    """All methods of the address that is asked for; the framework names those of its first route only."""
    found: set[str] = set()
    for one in iter_route_contexts(request.app.routes):
        pattern = getattr(one, "path_regex", None)
        if pattern is not None and pattern.match(request.url.path):
            found |= set(one.methods or ())
    return sorted(found)


def title_of(status: int) -> str:
    """The Polish title of a status."""
    return _TITLES.get(status, _TITLES[400] if status < 500 else _TITLES[500])


def answers(**described: str) -> dict[int | str, dict[str, Any]]:
    """OpenAPI descriptions of error answers: ``answers(s404="…")``."""
    schema = {"$ref": f"#/components/schemas/{ProblemAnswer.__name__}"}
    return {
        int(name[1:]): {"description": text, "content": {PROBLEM_JSON: {"schema": schema}}}
        for name, text in described.items()
    }


def install(app: FastAPI) -> None:
    """Make every refusal of the framework take the same shape."""

    def told_full(request: Request) -> Response:
        log.error("disk_full")
        return no_room().response(request)

    @app.exception_handler(OSError)
    async def tell_no_room(request: Request, fault: OSError) -> Response:
        if not is_full(fault):
            raise fault
        return told_full(request)

    @app.exception_handler(ApiProblem)
    async def tell(request: Request, problem: ApiProblem) -> Response:
        return problem.response(request)

    @app.exception_handler(DatabaseUnreachableError)
    async def tell_no_database(request: Request, fault: DatabaseUnreachableError) -> Response:
        if is_full(fault):
            return told_full(request)
        log.error("database_unreachable", type=type(fault.orig).__qualname__)
        advice = "Nic nie zostało zapisane. Spróbuj ponownie za minutę."
        return ApiProblem(503, advice, headers={"Retry-After": "60"}).response(request)

    @app.exception_handler(StoreUnreachableError)
    async def tell_no_store(request: Request, fault: StoreUnreachableError) -> Response:
        log.error("store_unreachable")
        advice = "Nie możemy teraz sięgnąć do plików; nic nie zostało zapisane. Spróbuj ponownie za minutę."
        return ApiProblem(503, advice, headers={"Retry-After": "60"}).response(request)

    @app.exception_handler(HTTPException)
    async def tell_refusal(request: Request, refusal: HTTPException) -> Response:
        headers = dict(refusal.headers or {})
        if refusal.status_code == 405:
            headers["Allow"] = ", ".join(_methods_at(request))
        return ApiProblem(refusal.status_code, headers=headers).response(request)

    @app.exception_handler(RequestValidationError)
    async def tell_wrong_parameter(request: Request, error: RequestValidationError) -> Response:
        found = [Problem(str(item["loc"][-1]), "bad_parameter", "Popraw ten parametr.") for item in error.errors()]
        return ApiProblem(422, problems=found).response(request)
