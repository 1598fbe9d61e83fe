"""Request bodies: how much is read, how long that may take, and which JSON is worth looking at."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any, Final, NoReturn

import anyio
from fastapi import Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import ApiProblem
from environment.settings import get_settings
from forms.form import Problem

JSON_LIMIT: Final = 64 * 1024
"""Bytes of a JSON body; the longest form fits in a tenth of it."""
MULTIPART_OVERHEAD: Final = 16 * 1024
"""Bytes that the envelope of a multipart body may add to its file."""
UPLOADS_PATH: Final = "/api/v1/uploads"
SENDING_PATH: Final = "/wyslij"
"""The page for files; it tells itself, beside the field, that they are too large."""
_NUL: Final = "W adresie strony jest znak, którego adres nie może zawierać. Otwórz stronę od początku."
READING: Final = "/ebok/odczyt"
OPEN_READING: Final = "/odczyt/stan"
"""Where meters are read, in the account and without one: with a photo."""
_WITH_FILES: Final = re.compile(
    rf"{UPLOADS_PATH}|{SENDING_PATH}|{READING}|{OPEN_READING}|/ebok/pytania(/\d+)?"
    r"|/api/v1/account/(questions(/\d+/turns)?|readings/photo)"
)
"""Addresses that take files."""
_CHARSETS: Final = frozenset({b"utf-8", b"utf8", b"us-ascii"})
"""What the parts of a form may be declared to be written in; browsers declare nothing, and mean UTF-8."""


class BodyLimit:
    """Stops reading a body as soon as it is larger than its address takes in, or arrives too slowly.

    What an address asks for with a NUL is not looked for: no database takes it. A form whose parts are declared to be
    in any other code than UTF-8 is not read at all: the framework would decode them as it is told, and some of the
    codes of Python take minutes for a megabyte, or give halves of signs.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the bytes; the declared length is refused before any of them is read."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if b"%00" in scope.get("query_string", b""):
            await ApiProblem(400, _NUL).response(Request(scope))(scope, receive, send)
            return
        if _in_foreign_code(Headers(scope=scope).get("content-type", "")):
            advice = "Wyślij formularz w UTF-8, bez parametru charset w nagłówku Content-Type."
            await ApiProblem(415, advice).response(Request(scope))(scope, receive, send)
            return
        upload = _WITH_FILES.fullmatch(scope["path"]) is not None
        limit = get_settings().max_upload_bytes + MULTIPART_OVERHEAD if upload else JSON_LIMIT
        declared = dict(scope["headers"]).get(b"content-length", b"")
        over = declared.isdigit() and int(declared[:20]) > limit
        if over and scope["path"] != SENDING_PATH:
            await too_large(upload).response(Request(scope))(scope, receive, send)
            return
        read, whole, begun, settings = 0, False, anyio.current_time(), get_settings()

        async def counted() -> Message:
            nonlocal read, whole
            if over:
                raise too_large(upload)
            if whole:  # only the end of the connection is waited for
                return await receive()
            until = begun + settings.body_seconds + read / settings.body_rate
            with anyio.move_on_after(until - anyio.current_time()) as patience:
                message = await receive()
            if patience.cancelled_caught:
                raise _too_slow()
            whole = not message.get("more_body", False)
            read += len(message.get("body", b""))
            if read > limit:
                raise too_large(upload)
            return message

        await self.app(scope, counted, send)


def _in_foreign_code(content_type: str) -> bool:
    """Whether a form in parts says that they are in another code; told apart as the framework's own parser does it."""
    kind, options = parse_options_header(content_type)
    return kind == b"multipart/form-data" and options.get(b"charset", b"utf-8").lower() not in _CHARSETS


def _too_slow() -> ApiProblem:
    """The answer to a body that does not arrive; the connection is given up, since its rest may still come."""
    advice = "Dane nie dotarły na czas. Sprawdź połączenie z internetem i wyślij je jeszcze raz."
    return ApiProblem(408, advice, headers={"Connection": "close"})


def too_large(upload: bool) -> ApiProblem:
    """The answer to a body over the limit."""
    if not upload:
        return ApiProblem(413, f"Treść zapytania może mieć najwyżej {JSON_LIMIT // 1024} KB.")
    megabytes = get_settings().max_upload_bytes / 1024 / 1024
    text = f"{megabytes:.1f}".replace(".", ",").removesuffix(",0")
    return ApiProblem(
        413,
        f"Naraz można wysłać najwyżej {text} MB. Zeskanuj dokument w niższej rozdzielczości albo zmniejsz zdjęcia.",
        title="Plik jest za duży",
    )


async def json_object(request: Request) -> tuple[dict[str, Any], bytes]:
    """The JSON object in the body and its bytes; ApiProblem 400, 413, 415 or 422 in all other cases."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ApiProblem(415, "Wyślij dane jako JSON z nagłówkiem Content-Type: application/json.")
    body = await request.body()
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_no_repeats, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair passes loads, but is no text
    except UnicodeError as error:
        raise ApiProblem(400, "Treść zapytania musi być tekstem w UTF-8.") from error
    except (ValueError, RecursionError) as error:  # grammar, numbers beyond reason, nesting beyond reason
        raise ApiProblem(400, "Treść zapytania nie jest poprawnym JSON-em.") from error
    if not isinstance(value, dict):
        raise ApiProblem(422, "Wyślij obiekt JSON: nazwy pól i ich wartości.")
    return value, body


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are unique: of two values for one field neither may win silently."""
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    counts = Counter(name for name, _ in pairs)
    twice = [name.encode("utf-8", "replace").decode() for name, count in counts.items() if count > 1]
    raise ApiProblem(422, problems=[Problem(name, "repeated_field", "To pole podano dwa razy.") for name in twice[:20]])


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")
