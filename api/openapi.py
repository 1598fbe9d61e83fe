"""The description of the API (OpenAPI 3.1)."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import Response

from api.account.access import describe as describe_account
from api.pages import page
from api.problems import ProblemAnswer

INTRODUCTION: Final = """\
Formularz można złożyć jako dane JSON albo przysłać jako plik (PDF, zdjęcie, skan). Odpowiedź przychodzi od razu
i podaje numer sprawy; wpisanie do rejestru i potwierdzenie następują później, a stan widać pod adresem status_url.

Każda odpowiedź o statusie 400 lub wyższym ma postać application/problem+json z polskim opisem i listą pól do poprawy.
Nagłówek Idempotency-Key pozwala bezpiecznie powtórzyć zapytanie, na które odpowiedź nie dotarła.

Adresy pod /api/v1/account/ są dla zalogowanego odbiorcy i mówią tylko o nim. Po zalogowaniu (POST
/api/v1/account/session) odpowiedź daje ciasteczko sesji i csrf_token. Ciasteczko idzie z każdym zapytaniem, a z tym,
które coś zmienia, także nagłówek X-CSRF-Token z tą wartością. To, co wiele waży, prosi jeszcze raz o hasło, tak jak na
stronie. Adresy i pola, które biorą token, biorą ostatnią część odnośnika z wiadomości.
"""


def install(app: FastAPI) -> None:
    """Complete the framework's description with the shape of all problem answers, and show it as a page."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            described = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                description=app.description,
                contact=app.contact,
                routes=app.routes,
            )
            describe_account(described)
            _drop_framework_errors(described)
            shapes = ProblemAnswer.model_json_schema(ref_template="#/components/schemas/{model}")
            parts = shapes.pop("$defs", {})
            described.setdefault("components", {}).setdefault("schemas", {}).update(
                parts, **{ProblemAnswer.__name__: shapes}
            )
            app.openapi_schema = described
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]

    @app.get("/docs", include_in_schema=False)
    def read(request: Request) -> Response:
        """The description as a page; the framework's own would load scripts from other hosts."""
        described = app.openapi()
        return page(request, "description.html", api=described, object_of=partial(_object_of, described))


def _object_of(described: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of the object that a body holds, wherever the description keeps it; empty when it holds none."""
    if "$ref" in schema:
        named: dict[str, Any] = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return named
    if "properties" in schema:
        return schema
    return next((found for choice in schema.get("anyOf", []) if (found := _object_of(described, choice))), {})


def _drop_framework_errors(described: dict[str, Any]) -> None:
    """The framework announces its own shape for wrong parameters; ours is sent, and is announced where it can occur."""
    for path in described["paths"].values():
        for operation in path.values():
            if "HTTPValidationError" in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        described.get("components", {}).get("schemas", {}).pop(name, None)
